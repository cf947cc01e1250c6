// Which verifier a token goes to, until when an accepted one lets a socket live, and that refusals pass through.
import { describe, expect, test } from "vitest";
import {
  type Authenticator,
  isAuthenticated,
  makeAuthenticator,
  type VerifierName,
  type Verifiers,
} from "../../auth/authenticator.ts";
import type { Slot } from "../../auth/credential.ts";
import type { AuthFailure } from "../../auth/failure.ts";
import type { Verification, Verifier } from "../../auth/verifier.ts";
import { service, user } from "../support/members.ts";
import { occasionAt } from "../support/occasion.ts";

const ALICE = user("alice");
const REFUSED: AuthFailure = { reason: "signature-mismatch" };
const NOT_TAKEN: AuthFailure = { reason: "kind-not-taken" };
const JWT = "eyJ0b2s.e.n";
const KEY_JWT = `${Buffer.from('{"alg":"EdDSA"}').toString("base64url")}.e.n`;
const TICKET = `${Buffer.from('{"alg":"HS256","typ":"sluice-ticket+jwt"}').toString("base64url")}.e.n`;
const JWE = "eyJ0b2s..e.n.c";
const COMPACT = "eyJzZXNzaW9uIjp7fX0";
const OPAQUE = "an-opaque-token";
const WHEN = occasionAt(1000);
const NAMES: readonly VerifierName[] = [
  "session-jwt",
  "session-jwe",
  "session-compact",
  "session-jwks",
  "session-token",
  "jwt",
  "shared-secret",
  "api-key",
  "ticket",
];

function verified(sessionEndsAtMs: number | undefined, tokenEndsAtMs: number | undefined): Verification {
  return { kind: "verified", tokenKind: "session-jwt", principal: ALICE, issuedAtS: 1, sessionEndsAtMs, tokenEndsAtMs };
}

function answering(verification: Verification): Verifier {
  return () => Promise.resolve(verification);
}

/** Takes JWTs alone, as its one verifier answers. */
function jwtAuthenticator(verification: Verification, lifetime: "session" | "token" = "session"): Authenticator {
  return makeAuthenticator({ "session-jwt": answering(verification) }, lifetime);
}

describe("with SESSION_LIFETIME=session", () => {
  test("a socket lives to the end of the session, not of the token", async () => {
    const authenticate = jwtAuthenticator(verified(9000, 2000));
    expect(await authenticate(JWT, "any-token", WHEN)).toEqual({
      kind: "authenticated",
      principal: ALICE,
      issuedAtS: 1,
      endsAtMs: 9000,
      shown: { tokenKind: "session-jwt" },
    });
  });
});

describe("with SESSION_LIFETIME=token", () => {
  test.each([
    ["to the end of the token", 9000, 2000, 2000],
    ["no longer than its session", 2000, 9000, 2000],
    ["to the end of the session where the token has none", 9000, undefined, 9000],
    ["to the end of the token where the session has none", undefined, 9000, 9000],
  ])("a socket lives %s", async (_until, session, token, endsAtMs) => {
    const authenticate = jwtAuthenticator(verified(session, token), "token");
    expect(await authenticate(JWT, "any-token", WHEN)).toMatchObject({ endsAtMs });
  });
});

describe.each(["session", "token"] as const)("with SESSION_LIFETIME=%s", (lifetime) => {
  test("the socket of a key has no end", async () => {
    const authenticate = makeAuthenticator({ "api-key": answering(verified(undefined, undefined)) }, lifetime);
    expect(await authenticate(OPAQUE, "api-key", WHEN)).toHaveProperty("endsAtMs", undefined);
  });
});

test("a refusal is passed on as it is", async () => {
  expect(await jwtAuthenticator(REFUSED)(JWT, "any-token", WHEN)).toBe(REFUSED);
});

test("the verifier is asked with the token and the occasion of the caller", async () => {
  const asked: unknown[] = [];
  const verifier: Verifier = (...question) => {
    asked.push(question);
    return Promise.resolve(REFUSED);
  };
  await makeAuthenticator({ "session-jwt": verifier }, "session")(JWT, "any-token", WHEN);
  expect(asked).toEqual([[JWT, WHEN]]);
});

test("an acceptance is told from a refusal", async () => {
  const accepted = await jwtAuthenticator(verified(9000, 2000))(JWT, "any-token", WHEN);
  expect([isAuthenticated(accepted), isAuthenticated(REFUSED)]).toEqual([true, false]);
});

describe("the verifiers that see a token", () => {
  /** Their names in the order in which they were asked, where those that are named accept. */
  async function whoSees(
    token: string,
    slot: Slot,
    accepting: readonly VerifierName[] = [],
    refusal = REFUSED,
  ): Promise<readonly string[]> {
    const seen: string[] = [];
    const asked =
      (name: VerifierName): Verifier =>
      () => {
        seen.push(name);
        return Promise.resolve(accepting.includes(name) ? verified(9000, undefined) : refusal);
      };
    await makeAuthenticator(Object.fromEntries(NAMES.map((name) => [name, asked(name)])), "session")(token, slot, WHEN);
    return seen;
  }

  test.each([
    ["three parts", JWT, ["session-jwt", "shared-secret"]],
    ["three parts with an algorithm of keys", KEY_JWT, ["session-jwks", "jwt"]],
    ["three parts with the type of a ticket", TICKET, ["ticket"]],
    ["five parts", JWE, ["session-jwe"]],
    ["one part that begins with a session", COMPACT, ["session-compact"]],
  ])("of %s are of that form alone, so that a refused one is tried as nothing else", async (_form, token, names) => {
    expect(await whoSees(token, "any-token")).toEqual(names);
  });

  test.each(["..", "a.b.c", "key.with.dots"])(
    "of %j are not those of JWTs, as it does not begin like one",
    async (token) => {
      expect(await whoSees(token, "any-token")).toEqual(["api-key", "session-token"]);
    },
  );

  test.each([
    ["a JWT", JWT, ["session-jwt"]],
    ["an encrypted one", JWE, ["session-jwe"]],
    ["a compact one", COMPACT, ["session-compact"]],
    ["a session token with its signature", "token.signature=", ["session-token"]],
    ["nothing without one", OPAQUE, []],
    ["a JWT of a key", KEY_JWT, ["session-jwks"]],
    ["no ticket", TICKET, []],
  ])("in a cookie are those that Better Auth sets there: %s", async (_what, token, names) => {
    expect(await whoSees(token, "cookie")).toEqual(names);
  });

  test.each([OPAQUE, "a.b", "a.b.c.d", "a.b.c.d.e", ""])("of %j are those of keys, then of sessions", async (token) => {
    expect(await whoSees(token, "any-token")).toEqual(["api-key", "session-token"]);
  });

  test("of a key that is known end there, so that the auth server is not asked", async () => {
    expect(await whoSees(OPAQUE, "any-token", ["api-key"])).toEqual(["api-key"]);
  });

  test.each([JWT, JWE, COMPACT, OPAQUE, KEY_JWT])(
    "in the place of a ticket are those of tickets alone, for %j",
    async (token) => {
      const others = NAMES.filter((name) => name !== "ticket");
      expect(await whoSees(token, "ticket", others)).toEqual(["ticket"]);
    },
  );

  test.each([JWT, JWE, COMPACT, OPAQUE, "a.b", TICKET])(
    "in the place of a key are those of keys alone, for %j",
    async (token) => {
      const others = NAMES.filter((name) => name !== "api-key");
      expect(await whoSees(token, "api-key", others)).toEqual(["api-key"]);
    },
  );

  test("of one secret end there, so that its token is never judged as another system's", async () => {
    expect(await whoSees(JWT, "any-token", [], { reason: "claims-missing", claim: "session" })).toEqual([
      "session-jwt",
    ]);
    expect(await whoSees(JWT, "any-token", ["session-jwt"])).toEqual(["session-jwt"]);
    expect(await whoSees(JWT, "any-token", [], { reason: "header-refused" })).toEqual(["session-jwt", "shared-secret"]);
  });

  test("end with one that knew the token's key, whatever it says", async () => {
    expect(await whoSees(OPAQUE, "any-token", [], { reason: "token-expired", exp: 5 })).toEqual(["api-key"]);
  });
});

describe("a key of an admin", () => {
  const ops = { ...service("ops"), adminOf: ["cam-*"] };
  const admin: Verification = {
    kind: "verified",
    tokenKind: "api-key",
    principal: ops,
    issuedAtS: undefined,
    sessionEndsAtMs: undefined,
    tokenEndsAtMs: undefined,
  };
  const robot: Verification = { ...admin, principal: service("robot") };

  test.each(["any-token", "api-key"] as const)("is taken as %s", async (slot) => {
    const authenticate = makeAuthenticator({ "api-key": answering(admin) }, "session");
    expect(await authenticate(OPAQUE, slot, WHEN)).toEqual({
      kind: "authenticated",
      principal: ops,
      endsAtMs: undefined,
      shown: { tokenKind: "api-key" },
    });
  });

  test("is refused in a query, where it would be logged", async () => {
    const authenticate = makeAuthenticator({ "api-key": answering(admin) }, "session");
    expect(await authenticate(OPAQUE, "query", WHEN)).toEqual({ reason: "admin-key-in-url" });
  });

  test("is refused there even where it is an admin of no stream yet", async () => {
    const none: Verification = { ...admin, principal: { ...ops, adminOf: [] } };
    const authenticate = makeAuthenticator({ "api-key": answering(none) }, "session");
    expect(await authenticate(OPAQUE, "query", WHEN)).toEqual({ reason: "admin-key-in-url" });
  });

  test("does not keep other keys and users out of a query", async () => {
    const authenticate = makeAuthenticator(
      { "api-key": answering(robot), "session-jwt": answering(verified(9000, undefined)) },
      "session",
    );
    expect(await authenticate(OPAQUE, "query", WHEN)).toMatchObject({ principal: { userId: "svc:robot" } });
    expect(await authenticate(JWT, "query", WHEN)).toMatchObject({ principal: ALICE });
  });
});

describe("a kind that is switched off is not taken", () => {
  const all: Verifiers = {
    "session-jwt": answering(verified(9000, 2000)),
    "session-jwe": answering(verified(9000, 2000)),
    "session-compact": answering(verified(9000, 2000)),
    "session-jwks": answering(verified(9000, 2000)),
    jwt: answering(verified(9000, 2000)),
    "shared-secret": answering(verified(9000, 2000)),
    "api-key": answering(verified(undefined, undefined)),
    "session-token": answering(verified(9000, undefined)),
  };

  test.each([
    ["a JWT", { ...all, "session-jwt": undefined, "shared-secret": undefined }, JWT, "any-token"],
    ["a JWT of a key", { ...all, jwt: undefined, "session-jwks": undefined }, KEY_JWT, "any-token"],
    ["an encrypted token", { ...all, "session-jwe": undefined }, JWE, "any-token"],
    ["a compact token", { ...all, "session-compact": undefined }, COMPACT, "any-token"],
    ["a key", { ...all, "api-key": undefined }, OPAQUE, "api-key"],
    ["a session token", { ...all, "api-key": undefined, "session-token": undefined }, OPAQUE, "any-token"],
    ["anything", {}, OPAQUE, "any-token"],
  ] as const)("%s", async (_what, some, token, slot) => {
    expect(await makeAuthenticator(some, "session")(token, slot, WHEN)).toEqual(NOT_TAKEN);
  });

  test("nor does it keep another from being taken", async () => {
    const authenticate = makeAuthenticator({ ...all, "api-key": undefined }, "session");
    expect(await authenticate(OPAQUE, "any-token", WHEN)).toMatchObject({ principal: ALICE });
  });
});
