import { expectTypeOf, test } from "vitest";
import {
  Authenticated,
  AuthFailed,
  defineAuthConfig,
  SignedOut,
  StaticDashboard,
  StaticQuestion,
  useAuthStatus,
  useQuestion,
  type AuthState,
  type OrielError,
  type QuestionRun,
  type User,
} from "./index.js";

test("props that can't work don't compile", () => {
  void (<StaticDashboard id="x" height="100%" params={{ place: ["LAX"] }} loader={<p />} />);
  void (<StaticQuestion id="x" onLoad={(run) => expectTypeOf(run).toEqualTypeOf<QuestionRun>()} />);
  void (<StaticQuestion id="x" error={({ error }) => error.message} />);
  // @ts-expect-error: the id is missing
  void (<StaticQuestion />);
  // @ts-expect-error: an unknown prop
  void (<StaticDashboard id="x" filters={{}} />);
  // @ts-expect-error: the error slot is a function
  void (<StaticDashboard id="x" error={<p />} />);
});

test("gates give what they know", () => {
  void (<Authenticated>{(user) => expectTypeOf(user).toEqualTypeOf<User>() && null}</Authenticated>);
  void (<AuthFailed>{({ error }) => expectTypeOf(error).toEqualTypeOf<OrielError>() && null}</AuthFailed>);
  void (
    <SignedOut>
      {({ by }) => expectTypeOf(by).toEqualTypeOf<"host" | "user" | "server" | "nobody">() && null}
    </SignedOut>
  );
});

test("the status is never null, and a run may not be there yet", () => {
  expectTypeOf(useAuthStatus).returns.toEqualTypeOf<AuthState>();
  expectTypeOf(useQuestion).returns.pick<"run">().toEqualTypeOf<{ run?: QuestionRun }>();
});

test("what defineAuthConfig refuses doesn't compile either", () => {
  const server = "https://oriel.test";
  const fetchRequestToken = () => Promise.resolve({ jwt: "a.b.c" });
  defineAuthConfig({ server, fetchRequestToken });
  // @ts-expect-error: it is set in the console
  defineAuthConfig({ server, authProviderUri: "https://host.test/sso" });
  // @ts-expect-error: no other method yet
  defineAuthConfig({ server, preferredAuthMethod: "oidc" });
});
