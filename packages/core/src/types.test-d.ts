import { expectTypeOf, test } from "vitest";
import {
  createClient,
  OrielError,
  userOf,
  type AuthState,
  type ClientOptions,
  type Parameters,
  type TokenSource,
  type User,
} from "./index.js";
import { createServerClient, openBackendSession, type ServerClient } from "./server.js";

test("a state says what it has by its status alone", () => {
  const state = {} as AuthState;
  if (state.status === "authenticated") {
    expectTypeOf(state.user).toEqualTypeOf<User>();
    expectTypeOf(state.expiresAt).toEqualTypeOf<number>();
  }
  if (state.status === "signed-out" && state.by === "server") {
    expectTypeOf(state.error).toEqualTypeOf<OrielError>();
  }
  if (state.status === "signed-out" && state.by === "host") {
    // @ts-expect-error: a host says no reason
    void state.error;
  }
  // @ts-expect-error: nobody is signed in before the status says so
  void state.user;
  expectTypeOf(userOf(state)).toEqualTypeOf<User | undefined>();
});

test("options that can't work don't compile", () => {
  const server = "https://oriel.test";
  expectTypeOf(createClient).parameter(0).toEqualTypeOf<ClientOptions>();
  // @ts-expect-error: `server` is missing
  createClient({});
  // @ts-expect-error: no other method yet
  createClient({ server, preferredAuthMethod: "oidc" });
  createClient({ server, preferredAuthMethod: "saml", auth: { type: "sso" } });
  // @ts-expect-error: a callback source needs its function
  createClient({ server, auth: { type: "callback" } });
  expectTypeOf<{ type: "callback"; get: () => Promise<{ jwt: string }> }>().toExtend<TokenSource>();
  expectTypeOf<{ type: "callback"; get: () => Promise<{ token: string }> }>().not.toExtend<TokenSource>();
  expectTypeOf<{ day: { from: string }; place: readonly string[]; n: null }>().toExtend<Parameters>();
  expectTypeOf<{ day: Date }>().not.toExtend<Parameters>();
});

test("a session of the host's servers is no option of the page's client", () => {
  const server = "https://oriel.test";
  // @ts-expect-error: it would reach the browser
  createClient({ server, session: "ors_x" });
  expectTypeOf(createServerClient).returns.toEqualTypeOf<ServerClient>();
  expectTypeOf(openBackendSession).returns.resolves.toHaveProperty("session");
  expectTypeOf<ServerClient["dehydrate"]>().returns.resolves.toEqualTypeOf<string | undefined>();
});

test("asking for a code keeps to the codes there are", () => {
  const error: unknown = undefined;
  if (OrielError.is(error, "NETWORK")) expectTypeOf(error).toEqualTypeOf<OrielError>();
  // @ts-expect-error: there is no such code
  OrielError.is(error, "NETWROK");
});
