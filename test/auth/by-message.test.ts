// The token of an `auth` message: bounded before anything looks at it.
import { describe, expect, test } from "vitest";
import type { Authenticated, Authenticator } from "../../auth/authenticator.ts";
import { authenticateByMessage } from "../../auth/by-message.ts";
import type { AuthFailure } from "../../auth/failure.ts";
import { user } from "../support/members.ts";
import { occasionAt } from "../support/occasion.ts";

const ANNA: Authenticated = {
  kind: "authenticated",
  principal: user("anna"),
  issuedAtS: 1,
  endsAtMs: 2,
  shown: { tokenKind: "session-jwt" },
};

function ask(token: string, verdict: Authenticated | AuthFailure) {
  const asked: unknown[] = [];
  const authenticate: Authenticator = (...all) => {
    asked.push(all);
    return Promise.resolve(verdict);
  };
  const occasion = occasionAt();
  return { asked, occasion, result: authenticateByMessage(authenticate, token, occasion) };
}

test("it is judged as any token, where and when it came", async () => {
  const { asked, occasion, result } = ask("tok.e.n", ANNA);
  expect(await result).toBe(ANNA);
  expect(asked).toEqual([["tok.e.n", "any-token", occasion]]);
});

describe("it is refused", () => {
  test("unseen where it is longer than any token", async () => {
    const { asked, result } = ask("x".repeat(8193), ANNA);
    expect([await result, asked]).toEqual([{ reason: "too-long" }, []]);
    expect(await ask("x".repeat(8192), ANNA).result).toBe(ANNA);
  });

  test("with the reason that was found", async () => {
    const failure: AuthFailure = { reason: "signature-mismatch" };
    expect(await ask("tok.e.n", failure).result).toBe(failure);
  });
});
