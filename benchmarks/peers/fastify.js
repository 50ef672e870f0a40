// Fastify with fast-jwt, the library below its own plugin @fastify/jwt, and
// with schemas for body and answer, from which Fastify makes its parser's
// checks and its serializer. No cache of verified tokens: each is used once.
import Fastify from "fastify";
import { createVerifier } from "fast-jwt";
import { exchange, listening, Refused, settings } from "./exchange.js";

const verifier = createVerifier({
  key: settings.secret, // made a KeyObject once
  algorithms: ["HS256"],
  allowedIss: settings.issuer,
  allowedAud: settings.audience,
  requiredClaims: ["iss", "aud", "exp", "iat", "jti", "sub"],
  clockTolerance: 30_000,
});

const verify = (token) => {
  try {
    return verifier(token);
  } catch (error) {
    throw new Refused(error.code === "FAST_JWT_EXPIRED" ? "token_expired" : "token_signature", 401);
  }
};

const text = { type: "string" };
const whole = { type: "integer" };
const schema = {
  body: {
    type: "object",
    required: ["jwt"],
    additionalProperties: false,
    properties: { jwt: { type: "string", minLength: 1 }, provider: text },
  },
  response: {
    200: {
      type: "object",
      properties: {
        token: text,
        token_type: text,
        expires_in: whole,
        expires_at: whole,
        server_time: whole,
        user: {
          type: "object",
          properties: {
            id: text,
            email: text,
            name: text,
            tenant: { type: ["string", "null"] },
            groups: { type: "array", items: text },
            attributes: { type: "object", additionalProperties: true },
            locale: { type: ["string", "null"] },
          },
        },
        settings: {
          type: "object",
          properties: {
            site_name: text,
            site_url: text,
            version: text,
            formats: { type: "object", additionalProperties: true },
          },
        },
      },
    },
  },
};

const app = Fastify({ bodyLimit: 16 << 10, keepAliveTimeout: 120_000 });

app.setErrorHandler((error, _request, reply) => {
  const status = error.status ?? error.statusCode ?? 500;
  reply.code(status).headers({ "access-control-allow-origin": "*", "cache-control": "no-store" });
  reply.type("application/problem+json").send({ status, code: error.code ?? "internal" });
});

app.post("/api/v1/session", { schema }, (request, reply) => {
  const origin = request.headers.origin;
  if (origin !== settings.origin) throw new Refused("origin_not_allowed", 403);
  const answer = exchange(verify(request.body.jwt), origin, request.ip);
  reply.headers({ "access-control-allow-origin": origin, "cache-control": "no-store", vary: "Origin" });
  reply.send(answer);
});

await app.listen({ host: "127.0.0.1", port: 0 });
listening(app.server.address().port);
