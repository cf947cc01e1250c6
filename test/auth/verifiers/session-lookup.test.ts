// Whether an opaque session token is taken on the auth server's word, and refused without it where it can be.
import { describe, expect, test } from "vitest";
import { AnswerCache } from "../../../auth/answer-cache.ts";
import type { AuthServerAnswer } from "../../../auth/ports.ts";
import { readSessionToken, SessionAnswers } from "../../../auth/session-answers.ts";
import type { Verification, Verifier } from "../../../auth/verifier.ts";
import { sessionLookupVerifier } from "../../../auth/verifiers/session-lookup.ts";
import { BASE64URL, NOW_MS } from "../../support/hostile-token.ts";
import { GATEWAY_ORIGIN, occasionAt } from "../../support/occasion.ts";
import { FakeAuthServer, RAW_TOKEN, signedSessionToken } from "../../support/session-cookie.ts";
import { sessionPayload, TEST_SECRET } from "../../support/session-token.ts";
import { timedKey } from "../../support/timed-key.ts";

const KEY = await timedKey(TEST_SECRET);
const SIGNED = signedSessionToken();
const { session, user } = sessionPayload({ nowMs: NOW_MS, sessionEndsInMs: 4000 });
const SESSION: AuthServerAnswer = { kind: "session", session, user };
const BASE64 = `${BASE64URL.slice(0, -2)}+/`;

function verifierWith(answer: AuthServerAnswer): { server: FakeAuthServer; verify: Verifier } {
  const server = new FakeAuthServer();
  server.answer = answer;
  return { server, verify: sessionLookupVerifier([KEY], new SessionAnswers(server.ask, new AnswerCache(5000))) };
}

function verify(token: string, answer = SESSION): Promise<Verification> {
  return verifierWith(answer).verify(token, occasionAt());
}

describe("a token", () => {
  test.each([
    ["signed", SIGNED],
    ["signed and percent-encoded", encodeURIComponent(SIGNED)],
    ["signed and percent-encoded in small letters", SIGNED.replace(/=$/, "%3d")],
    ["raw", RAW_TOKEN],
  ])("that is %s is the user's whom the auth server names, until the session ends", async (_how, token) => {
    expect(await verify(token)).toEqual({
      kind: "verified",
      tokenKind: "session-token",
      keyNumber: token === RAW_TOKEN ? undefined : 0,
      principal: { kind: "user", userId: "user-1", sessionId: "session-of-user-1" },
      issuedAtS: NOW_MS / 1000,
      sessionEndsAtMs: NOW_MS + 4000,
      tokenEndsAtMs: undefined,
    });
  });

  test.each([
    ["signed", SIGNED, { kind: "signed", text: SIGNED }],
    ["percent-encoded", encodeURIComponent(SIGNED), { kind: "signed", text: SIGNED }],
    ["raw", RAW_TOKEN, { kind: "raw", text: RAW_TOKEN }],
  ])("that is %s is asked about as it is in the cookie, decoded and once", async (_how, text, token) => {
    const { server, verify: ask } = verifierWith(SESSION);
    await ask(text, occasionAt());
    expect(server.questions).toEqual([{ token, origin: GATEWAY_ORIGIN }]);
  });

  test("that the previous secret signed is asked about until that ends", async () => {
    const server = new FakeAuthServer();
    const keys = await Promise.all([
      timedKey("another-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC"),
      timedKey(TEST_SECRET, NOW_MS + 1),
    ]);
    const ask = sessionLookupVerifier(keys, new SessionAnswers(server.ask, new AnswerCache(5000)));
    expect(await ask(SIGNED, occasionAt())).toEqual({ reason: "session-not-found" });
    expect(await ask(SIGNED, occasionAt(NOW_MS + 1))).toEqual({ reason: "signature-mismatch" });
  });

  test("is asked about on even where the client that brought it leaves", async () => {
    const occasion = occasionAt();
    await verifierWith(SESSION).verify(SIGNED, occasion);
    expect(occasion.kept).toHaveLength(1);
  });
});

describe("without asking anyone is refused", () => {
  const signature = SIGNED.slice(33);
  const sameBytes = Array.from(BASE64, (last) => `${SIGNED.slice(0, -2)}${last}=`).filter((text) => text !== SIGNED);

  async function refuse(token: string): Promise<unknown> {
    const { server, verify: ask } = verifierWith(SESSION);
    return [await ask(token, occasionAt()), server.questions.length];
  }

  test.each([
    ["the signature of another secret", signedSessionToken(RAW_TOKEN, "another-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC")],
    ["the signature of another token", `${"a".repeat(32)}.${signature}`],
    ["a signature of zeros", `${RAW_TOKEN}.${"A".repeat(43)}=`],
    ["a changed letter in the token", `v${SIGNED.slice(1)}`],
  ])("%s", async (_what, token) => {
    expect(await refuse(token)).toEqual([{ reason: "signature-mismatch" }, 0]);
  });

  test("every other text that a decoder reads as the same signature", async () => {
    const refusals = await Promise.all(sameBytes.map((token) => refuse(token)));
    expect(refusals).toEqual(Array.from({ length: 63 }, () => [{ reason: "signature-mismatch" }, 0]));
  });

  test.each([
    ["nothing", ""],
    ["31 letters", RAW_TOKEN.slice(1)],
    ["33 letters", `${RAW_TOKEN}a`],
    ["a sign among the letters", `${RAW_TOKEN.slice(1)}-`],
    ["a newline behind", `${RAW_TOKEN}\n`],
    ["a space in front", ` ${RAW_TOKEN}`],
    ["a dot and no signature", `${RAW_TOKEN}.`],
    ["a signature without its padding", SIGNED.slice(0, -1)],
    ["a signature with twice the padding", `${SIGNED}=`],
    ["a signature in the alphabet of URLs", `${RAW_TOKEN}.${"-".repeat(43)}=`],
    ["two signatures", `${SIGNED}.${signature}`],
    ["a token encoded twice", encodeURIComponent(encodeURIComponent(SIGNED))],
    ["a token whose letters are encoded", SIGNED.replace(/^./, "%75")],
    ["a newline that a decoder would skip", SIGNED.replace(".", ".\n")],
    ["a JWT", "a.b.c"],
    ["a stray percent sign", `${SIGNED}%`],
  ])("%s", async (_what, token) => {
    expect(await refuse(token)).toEqual([{ reason: "not-a-token" }, 0]);
  });
});

describe("the auth server's word", () => {
  test.each([
    ["no such session", { kind: "none" }, { reason: "session-not-found" }],
    ["no answer", { kind: "unavailable" }, { reason: "auth-server-unavailable" }],
    ["a session that is null", { ...SESSION, session: null }, { reason: "claims-missing", claim: "session" }],
    ["no user", { ...SESSION, user: undefined }, { reason: "claims-missing", claim: "user" }],
    ["a banned user", { ...SESSION, user: { ...user, banned: true } }, { reason: "user-banned" }],
    ["another user", { ...SESSION, user: { ...user, id: "user-2" } }, { claim: "session.userId" }],
    [
      "a user who would be a service",
      { kind: "session", session: { ...session, userId: "svc:x" }, user: { id: "svc:x" } },
      { claim: "user.id" },
    ],
    [
      "a session without an end",
      { ...SESSION, session: { ...session, expiresAt: undefined } },
      { claim: "session.expiresAt" },
    ],
    [
      "a session that is over",
      { ...SESSION, session: { ...session, expiresAt: new Date(NOW_MS).toISOString() } },
      { reason: "session-expired" },
    ],
  ] as const)("%s lets nobody in", async (_what, answer, failure) => {
    expect(await verify(SIGNED, answer)).toMatchObject(failure);
  });

  test("is asked for once by those who come together and those who come soon", async () => {
    const { server, verify: ask } = verifierWith(SESSION);
    await Promise.all(Array.from({ length: 10 }, () => ask(SIGNED, occasionAt())));
    await ask(SIGNED, occasionAt(NOW_MS + 3999));
    expect(server.questions).toHaveLength(1);
  });

  test("that there is no session is remembered too", async () => {
    const { server, verify: ask } = verifierWith({ kind: "none" });
    await ask(SIGNED, occasionAt());
    await ask(SIGNED, occasionAt(NOW_MS + 4999));
    expect(server.questions).toHaveLength(1);
  });

  test("that does not come is asked for again", async () => {
    const { server, verify: ask } = verifierWith({ kind: "unavailable" });
    await ask(SIGNED, occasionAt());
    server.answer = SESSION;
    expect(await ask(SIGNED, occasionAt())).toMatchObject({ kind: "verified" });
  });

  test("does not let a session live on that ends while it is remembered", async () => {
    const { verify: ask } = verifierWith(SESSION);
    await ask(SIGNED, occasionAt());
    expect(await ask(SIGNED, occasionAt(NOW_MS + 4000))).toMatchObject({ reason: "session-expired" });
  });

  test("counts from when it was asked for, so that what is revoked meanwhile is", async () => {
    const { verify: ask } = verifierWith(SESSION);
    await ask(SIGNED, occasionAt());
    expect(await ask(SIGNED, occasionAt(NOW_MS + 3000))).toMatchObject({ issuedAtS: NOW_MS / 1000 });
  });

  test("on a raw token is not the word on the signed one", async () => {
    const { server, verify: ask } = verifierWith({ kind: "none" });
    await ask(RAW_TOKEN, occasionAt());
    server.answer = SESSION;
    expect(await ask(SIGNED, occasionAt())).toMatchObject({ kind: "verified" });
  });

  test("is kept under a hash that holds nothing of the token", async () => {
    const hashes: string[] = [];
    const cache = new AnswerCache<AuthServerAnswer & { readonly askedAtMs: number }>(5000);
    const get: (typeof cache)["get"] = (hash, nowMs, ask) => {
      hashes.push(hash);
      return AnswerCache.prototype.get.call(cache, hash, nowMs, ask);
    };
    const server = new FakeAuthServer();
    const answers = new SessionAnswers(server.ask, Object.assign(cache, { get }));
    await sessionLookupVerifier([KEY], answers)(SIGNED, occasionAt());
    expect(hashes).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });
});

test.each(["", "x", "a.b", RAW_TOKEN.slice(2)])("%j has the form of no session token", (text) => {
  expect(readSessionToken(text)).toBeUndefined();
});
