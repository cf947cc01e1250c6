// Who verifies a token on a live connection: the same parts as at the door, made from the object's own variables.
import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../../connection/audit.ts";
import { makeTokenVerifier } from "../../durable-objects/token-verifier.ts";
import { GATEWAY_ORIGIN } from "../support/occasion.ts";
import { sessionPayload, SESSION_TOKEN, signSession, TEST_SECRET } from "../support/session-token.ts";

const WHERE = { connectionId: "connection-1", streamId: "cam-1" };

/** With the questions that the auth server was asked, which knows one session. */
function start(variables: Record<string, unknown> = {}) {
  const asked: string[] = [];
  const { session, user } = sessionPayload();
  const AUTH = {
    fetch: (url: string) => {
      asked.push(url);
      return Promise.resolve(Response.json({ session, user }));
    },
  };
  const env = { BETTER_AUTH_SECRET: TEST_SECRET, AUTH, ...variables };
  const kept: Promise<unknown>[] = [];
  const noted: AuditEvent[] = [];
  const verifyAt = makeTokenVerifier(
    env,
    (event) => noted.push(event),
    (work) => void kept.push(work),
  );
  const verify = (token: string, origin: string) => verifyAt(token, { origin, ...WHERE });
  return { asked, kept, noted, verify };
}

test("a session that the secret signed is verified without asking anybody", async () => {
  const { asked, verify } = start();
  expect(await verify(await signSession(), "")).toMatchObject({ principal: { userId: "user-1" } });
  expect(asked).toEqual([]);
});

describe("a session token", () => {
  test("is looked up where the client reached the gateway, and again only after some seconds", async () => {
    const { asked, kept, verify } = start();
    for (let count = 0; count < 2; count += 1) {
      // oxlint-disable-next-line no-await-in-loop -- the second is asked behind the first
      expect(await verify(SESSION_TOKEN, GATEWAY_ORIGIN)).toMatchObject({ principal: { userId: "user-1" } });
    }
    expect(asked).toEqual([expect.stringMatching(`^${GATEWAY_ORIGIN}/api/auth/get-session`)]);
    expect(kept).toHaveLength(1);
  });

  test("cannot be looked up where nobody knows the gateway's name", async () => {
    const { asked, verify } = start();
    expect(await verify(SESSION_TOKEN, "")).toEqual({ code: "AUTH_UNAVAILABLE" });
    expect(asked).toEqual([]);
  });

  test("is looked up without that name where the auth server has an address of its own", async () => {
    const { asked, verify } = start({ BETTER_AUTH_URL: "https://auth.test" });
    expect(await verify(SESSION_TOKEN, "")).toMatchObject({ principal: { userId: "user-1" } });
    expect(asked).toEqual([expect.stringMatching("^https://auth.test/api/auth")]);
  });
});

test("the operator can look up by which key a session was renewed, and why one was not", async () => {
  const { noted, verify } = start();
  await verify(await signSession(), GATEWAY_ORIGIN);
  expect(await verify("x".repeat(8193), GATEWAY_ORIGIN)).toEqual({ code: "AUTH_FAILED" });
  const expired = await signSession({ issuedAgoS: 600, tokenEndsInS: -300 });
  expect(await verify(expired, GATEWAY_ORIGIN)).toEqual({ code: "AUTH_FAILED", reason: "expired" });
  const where = { place: "message", slot: "any-token", ...WHERE };
  const who = { principal: "user", userId: "user-1", sessionId: "session-of-user-1" };
  expect(noted).toEqual([
    { event: "credential-accepted", ...where, ...who, tokenKind: "session-jwt", keyNumber: 0 },
    { event: "credential-refused", ...where, code: "AUTH_FAILED", reason: "too-long" },
    { event: "credential-refused", ...where, code: "AUTH_FAILED", reason: "token-expired" },
  ]);
});

test("with a configuration that lets nobody in nobody is renewed, and nobody is thrown out for it", async () => {
  const { verify } = start({ BETTER_AUTH_SECRET: "short" });
  expect(await verify(await signSession(), GATEWAY_ORIGIN)).toEqual({ code: "AUTH_UNAVAILABLE" });
});
