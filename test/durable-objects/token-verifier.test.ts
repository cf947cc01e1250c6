// Who verifies a token on a live connection: the same parts as at the door, made from the object's own variables.
import { describe, expect, test } from "vitest";
import { makeTokenVerifier } from "../../durable-objects/token-verifier.ts";
import { GATEWAY_ORIGIN } from "../support/occasion.ts";
import { sessionPayload, SESSION_TOKEN, signSession, TEST_SECRET } from "../support/session-token.ts";

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
  return { asked, kept, verify: makeTokenVerifier(env, (work) => void kept.push(work)) };
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

test("with a configuration that lets nobody in nobody is renewed, and nobody is thrown out for it", async () => {
  const { verify } = start({ BETTER_AUTH_SECRET: "short" });
  expect(await verify(await signSession(), GATEWAY_ORIGIN)).toEqual({ code: "AUTH_UNAVAILABLE" });
});
