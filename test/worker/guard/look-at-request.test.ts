// Who makes a request where nobody has to be anybody: what a client claims must hold, and what comes by itself may fail.
import { describe, expect, test } from "vitest";
import type { Authenticated } from "../../../auth/authenticator.ts";
import type { AuthFailure } from "../../../auth/failure.ts";
import type { AuditEvent } from "../../../connection/audit.ts";
import type { Code } from "../../../protocol/codes.ts";
import { readConfig } from "../../../worker/config.ts";
import { Guard } from "../../../worker/guard.ts";
import { FailureLimit } from "../../../worker/guard/failure-limit.ts";
import { allowCredential } from "../../../worker/guard/look-at-request.ts";
import { RequestRates } from "../../../worker/guard/request-rates.ts";
import { FakeLimiter } from "../../support/fake-limiter.ts";
import { ALICE } from "../../support/held-client.ts";
import { occasionAt } from "../../support/occasion.ts";
import { TEST_SECRET } from "../../support/session-token.ts";

const COOKIE = { Cookie: "better-auth.session_data=a.b.c" };
const BEARER = { Authorization: "Bearer a.b.c" };
const FORGED: AuthFailure = { reason: "signature-mismatch" };

/** A gate that judges every credential alike. */
class Judge {
  readonly failures = new FakeLimiter(1000);
  /** Beside what the guard has written down. */
  readonly noted: AuditEvent[] = [];
  readonly #answer: Authenticated | AuthFailure;
  readonly #refusal: Code | undefined;

  constructor(answer: Authenticated | AuthFailure, refusal?: Code) {
    this.#answer = answer;
    this.#refusal = refusal;
  }

  /** `alice`, `stranger`, or the code of a refusal. */
  async see(headers: Record<string, string>, url = "https://gate.example/x"): Promise<unknown> {
    const guard = new Guard({
      authenticate: () => Promise.resolve(this.#answer),
      connects: undefined,
      failures: new FailureLimit(this.failures),
      requests: new RequestRates({ maxMessagesPerS: 1, maxBytesPerS: 1000 }),
      note: () => undefined,
    });
    const { config } = readConfig({ BETTER_AUTH_SECRET: TEST_SECRET });
    const checkRevoked = () => Promise.resolve(this.#refusal);
    const gate = { config, guard, checkRevoked, note: (event: AuditEvent) => void this.noted.push(event) };
    const who = await allowCredential(new Request(url, { headers }), gate, occasionAt());
    if (who === undefined) return "stranger";
    return who instanceof Response ? ((await who.json()) as { code: unknown }).code : who.principal.userId;
  }
}

test("who shows nothing is a stranger", async () => {
  expect(await new Judge(ALICE).see({})).toBe("stranger");
});

test.each([BEARER, COOKIE, { "x-api-key": "k" }])("who shows %j that is good is known", async (headers) => {
  expect(await new Judge(ALICE).see(headers)).toBe("alice");
});

describe("a cookie that comes by itself and", () => {
  test("is bad, is none, and counts as nobody's failure", async () => {
    const judge = new Judge(FORGED);
    expect([await judge.see(COOKIE), judge.failures.keys]).toEqual(["stranger", []]);
  });

  test("is of a revoked session, is none, and nobody was refused", async () => {
    const judge = new Judge(ALICE, "SESSION_REVOKED");
    expect([await judge.see(COOKIE), judge.noted]).toEqual(["stranger", []]);
  });

  test("cannot be read, is none", async () => {
    const twice = { Cookie: "better-auth.session_data=a; better-auth.session_data=b" };
    expect(await new Judge(ALICE).see(twice)).toBe("stranger");
  });

  test("comes from another site, is none, and is not looked at", async () => {
    expect(await new Judge(ALICE).see({ ...COOKIE, Origin: "https://evil.example" })).toBe("stranger");
    expect(await new Judge(ALICE).see({ ...COOKIE, "Sec-Fetch-Site": "cross-site" })).toBe("stranger");
  });

  test("cannot be judged now, is told: a signed-in page would else be shown as a stranger's", async () => {
    expect(await new Judge({ reason: "auth-server-unavailable" }).see(COOKIE)).toBe("AUTH_UNAVAILABLE");
    const judge = new Judge(ALICE, "OVERLOADED");
    expect(await judge.see(COOKIE)).toBe("OVERLOADED");
    expect(judge.noted).toMatchObject([{ event: "request-refused", code: "OVERLOADED", userId: "alice" }]);
  });
});

describe("a claim that", () => {
  test("is bad, is refused, and counts as a failure", async () => {
    const judge = new Judge(FORGED);
    expect([await judge.see(BEARER), judge.failures.keys]).toEqual(["AUTH_FAILED", ["unknown"]]);
  });

  test("is bad, is not made up for by a cookie", async () => {
    expect(await new Judge(FORGED).see({ ...BEARER, ...COOKIE })).toBe("AUTH_FAILED");
  });

  test("is of a revoked session, is refused, and it is written down whose", async () => {
    const judge = new Judge(ALICE, "SESSION_REVOKED");
    expect(await judge.see(BEARER)).toBe("SESSION_REVOKED");
    expect(judge.noted).toMatchObject([
      {
        event: "request-refused",
        place: "http",
        code: "SESSION_REVOKED",
        userId: "alice",
        sessionId: "session-of-alice",
      },
    ]);
  });

  test("is made twice, and differently, is refused", async () => {
    expect(await new Judge(ALICE).see({}, "https://gate.example/x?token=a&token=b")).toBe("BAD_REQUEST");
  });
});
