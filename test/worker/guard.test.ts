// Who is refused before his credential is looked at, and what counts as a failure.
import { describe, expect, test } from "vitest";
import type { Authenticated } from "../../auth/authenticator.ts";
import type { AuthFailure } from "../../auth/failure.ts";
import { FailureLimit } from "../../worker/failure-limit.ts";
import { Guard } from "../../worker/guard.ts";
import { RequestRates } from "../../worker/request-rates.ts";
import { FakeLimiter } from "../support/fake-limiter.ts";
import { ALICE } from "../support/held-client.ts";
import { occasionAt } from "../support/occasion.ts";

const FORGED: AuthFailure = { reason: "signature-mismatch" };
const FOUND = { kind: "found", token: "tok.e.n", slot: "any-token" } as const;
const visitor = { address: "192.0.2.1" };
/** Ten seconds into a minute of the clock. */
const occasion = occasionAt(1_795_262_410_000);
const attempt = { visitor, occasion, isClaim: true };
const TOO_MANY_FAILURES = {
  code: "RATE_LIMITED",
  detail: "Too many failed credentials from this address",
  retryAfterMs: 50_000,
};

/** One connection and one failure a minute, one request a second, and an authenticator that says what it is told to. */
class Watch {
  answer: Authenticated | AuthFailure = ALICE;
  verifications = 0;
  readonly connects = new FakeLimiter(1);
  readonly failures = new FakeLimiter(1);
  readonly guard = new Guard({
    authenticate: () => {
      this.verifications += 1;
      return Promise.resolve(this.answer);
    },
    connects: this.connects,
    failures: new FailureLimit(this.failures),
    requests: new RequestRates({ maxMessagesPerS: 1, maxBytesPerS: 1000 }),
  });

  /** One who failed once more than he may. */
  static async ofOneWhoFailed(): Promise<Watch> {
    const watch = new Watch();
    watch.answer = FORGED;
    await watch.guard.present(FOUND, attempt);
    await watch.guard.present(FOUND, attempt);
    watch.answer = ALICE;
    watch.verifications = 0;
    return watch;
  }
}

describe("an upgrade", () => {
  test("goes on as often as one may connect, and is then told when to come back", async () => {
    const { guard } = new Watch();
    expect([
      await guard.connect(visitor, occasion.nowMs),
      await guard.connect(visitor, occasion.nowMs),
      await guard.connect({ address: "192.0.2.2" }, occasion.nowMs),
    ]).toEqual([
      undefined,
      { code: "RATE_LIMITED", detail: "Too many connections from this address", retryAfterMs: 50_000 },
      undefined,
    ]);
  });

  test("goes on where nobody can count: cameras stay on air while the platform has a trouble", async () => {
    const { guard, connects } = new Watch();
    connects.isBroken = true;
    expect(await guard.connect(visitor, occasion.nowMs)).toBeUndefined();
  });
});

describe("a good credential", () => {
  test("counts as nothing, however often it comes", async () => {
    const { guard, failures } = new Watch();
    const answers = [await guard.present(FOUND, attempt), await guard.present(FOUND, attempt)];
    expect([answers, failures.keys]).toEqual([[ALICE, ALICE], []]);
  });

  test("of an address that failed too often is not looked at", async () => {
    const watch = await Watch.ofOneWhoFailed();
    expect(await watch.guard.present(FOUND, attempt)).toEqual(TOO_MANY_FAILURES);
    expect(watch.verifications).toBe(0);
  });

  test("of another address is", async () => {
    const { guard } = await Watch.ofOneWhoFailed();
    expect(await guard.present(FOUND, { ...attempt, visitor: { address: "192.0.2.2" } })).toBe(ALICE);
  });
});

describe("counted as a failure", () => {
  test.each<readonly [string, AuthFailure]>([
    ["forged", FORGED],
    ["expired", { reason: "token-expired", exp: 5 }],
    ["unknown", { reason: "unknown-key" }],
  ])("is a credential that is %s", async (_what, failure) => {
    const watch = new Watch();
    watch.answer = failure;
    await watch.guard.present(FOUND, attempt);
    expect(watch.failures.keys).toEqual([visitor.address]);
  });

  test("is one that cannot be read, which nobody verifies", async () => {
    const watch = new Watch();
    expect(await watch.guard.present({ kind: "unreadable" }, attempt)).toEqual({ code: "AUTH_FAILED" });
    expect([watch.failures.keys, watch.verifications]).toEqual([[visitor.address], 0]);
  });

  test("is none that could not be judged", async () => {
    const watch = new Watch();
    watch.answer = { reason: "auth-server-unavailable" };
    expect(await watch.guard.present(FOUND, attempt)).toEqual({ code: "AUTH_UNAVAILABLE" });
    expect(watch.failures.keys).toEqual([]);
  });

  test("is no cookie that came by itself where another credential may follow", async () => {
    const watch = new Watch();
    watch.answer = FORGED;
    expect(await watch.guard.present(FOUND, { ...attempt, isClaim: false })).toEqual({ code: "AUTH_FAILED" });
    expect(watch.failures.keys).toEqual([]);
  });
});

test("a request over HTTP is told how long to wait where its principal asks too often", () => {
  const { guard } = new Watch();
  const answers = [1, 2, 3].map(() => guard.request(ALICE, occasion.nowMs));
  expect(answers).toEqual([
    undefined,
    undefined,
    { code: "RATE_LIMITED", detail: "Too many requests", retryAfterMs: 1 },
  ]);
});
