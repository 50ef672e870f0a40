// Express with jsonwebtoken, as a good engineer would set it up: the secret is
// a KeyObject (as a string it is imported anew for each token), no ETag of an
// answer that nobody may keep, no header that names the framework.
import { createSecretKey } from "node:crypto";
import express from "express";
import jwt from "jsonwebtoken";
import { exchange, listening, Refused, settings } from "./exchange.js";

const key = createSecretKey(settings.secret);
const options = { algorithms: ["HS256"], issuer: settings.issuer, audience: settings.audience, clockTolerance: 30 };

const app = express();
app.disable("x-powered-by");
app.set("etag", false);
app.set("query parser", false);

const verify = (token) => {
  try {
    return jwt.verify(token, key, options);
  } catch (error) {
    if (error instanceof jwt.TokenExpiredError) throw new Refused("token_expired", 401);
    throw new Refused("token_signature", 401);
  }
};

app.post("/api/v1/session", express.json({ limit: "16kb" }), (request, response) => {
  const origin = request.headers.origin;
  if (origin !== settings.origin) throw new Refused("origin_not_allowed", 403);
  const token = request.body?.jwt;
  if (typeof token !== "string" || token === "") throw new Refused("invalid_request", 400);
  const answer = exchange(verify(token), origin, request.socket.remoteAddress);
  response.set({ "Access-Control-Allow-Origin": origin, "Cache-Control": "no-store", Vary: "Origin" });
  response.json(answer);
});

// Express tells an error handler by its four parameters.
app.use((error, _request, response, _next) => {
  const status = error.status ?? 500;
  response.set({ "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store" });
  response.status(status).type("application/problem+json").json({ status, code: error.code ?? "internal" });
});

const server = app.listen(0, "127.0.0.1", () => listening(server.address().port));
server.keepAliveTimeout = 120_000;
