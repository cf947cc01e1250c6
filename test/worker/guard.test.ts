// Who is refused before his credential is looked at, and what counts as a failure.
import { describe, expect, test } from "vitest";
import type { Authenticated } from "../../auth/authenticator.ts";
import type { AuthFailure } from "../../auth/failure.ts";
import type { AuditEvent } from "../../connection/audit.ts";
import { Guard } from "../../worker/guard.ts";
import { FailureLimit } from "../../worker/guard/failure-limit.ts";
import { RequestRates } from "../../worker/guard/request-rates.ts";
import { FakeLimiter } from "../support/fake-limiter.ts";
import { ALICE } from "../support/held-client.ts";
import { occasionAt } from "../support/occasion.ts";
import { holder } from "../support/tickets.ts";

const FORGED: AuthFailure = { reason: "signature-mismatch" };
const FOUND = { kind: "found", token: "tok.e.n", slot: "any-token" } as const;
const visitor = { address: "192.0.2.1", country: "AT", ray: "0123456789abcdef-VIE" };
const NEIGHBOUR = { ...visitor, address: "192.0.2.2" };
/** Ten seconds into a minute of the clock. */
const occasion = occasionAt(1_795_262_410_000);
const attempt = { visitor, occasion, isClaim: true, place: "upgrade", streamId: "cam-1" } as const;
const AT_THE_DOOR = { ...visitor, place: "upgrade", streamId: "cam-1" };
const TOO_MANY_FAILURES = {
  code: "RATE_LIMITED",
  detail: "Too many failed credentials from this address",
  retryAfterMs: 50_000,
};

/** One connection and one failure a minute, one request a second, and an authenticator that says what it is told to. */
class Watch {
  answer: Authenticated | AuthFailure = ALICE;
  verifications = 0;
  readonly noted: AuditEvent[] = [];
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
    note: (event) => this.noted.push(event),
  });

  /** One who failed once more than he may. */
  static async ofOneWhoFailed(): Promise<Watch> {
    const watch = new Watch();
    watch.answer = FORGED;
    await watch.guard.present(FOUND, attempt);
    await watch.guard.present(FOUND, attempt);
    watch.answer = ALICE;
    watch.verifications = 0;
    watch.noted.length = 0;
    return watch;
  }
}

describe("an upgrade", () => {
  test("goes on as often as one may connect, and is then told when to come back", async () => {
    const { guard } = new Watch();
    expect([
      await guard.connect(visitor, occasion.nowMs),
      await guard.connect(visitor, occasion.nowMs),
      await guard.connect(NEIGHBOUR, occasion.nowMs),
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
    expect(await guard.present(FOUND, { ...attempt, visitor: NEIGHBOUR })).toBe(ALICE);
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
  const answers = [1, 2, 3].map(() => guard.request(ALICE, visitor, occasion.nowMs));
  expect(answers).toEqual([
    undefined,
    undefined,
    { code: "RATE_LIMITED", detail: "Too many requests", retryAfterMs: 1 },
  ]);
});

test("who holds a ticket asks on its own account, not on that of who made it", () => {
  const { guard } = new Watch();
  const ask = (changes: Partial<Authenticated>) =>
    guard.request({ ...ALICE, ...changes }, visitor, occasion.nowMs)?.code;
  const [one, other] = [{ principal: holder() }, { principal: holder({ ticketId: "t-2" }) }];
  expect([ask(one), ask(one), ask(one)]).toEqual([undefined, undefined, "RATE_LIMITED"]);
  expect([ask({}), ask(other)]).toEqual([undefined, undefined]);
});

describe("the operator can look up", () => {
  test("who was let in, by what, and which key made it", async () => {
    const { guard, noted } = new Watch();
    await guard.present(FOUND, attempt);
    const who = { principal: "user", userId: "alice", sessionId: "session-of-alice" };
    const shown = { slot: "any-token", tokenKind: "session-jwt", keyNumber: 0 };
    expect(noted).toEqual([{ event: "credential-accepted", ...AT_THE_DOOR, ...who, ...shown }]);
  });

  test("who was not, and why, in more words than the client was told", async () => {
    const watch = new Watch();
    watch.answer = { reason: "claims-invalid", claim: "user.id" };
    await watch.guard.present(FOUND, attempt);
    const why = { slot: "any-token", code: "AUTH_FAILED", reason: "claims-invalid", claim: "user.id" };
    expect(watch.noted).toEqual([{ event: "credential-refused", ...AT_THE_DOOR, ...why }]);
  });

  test("from where somebody connects too often", async () => {
    const { guard, noted } = new Watch();
    for (const nowMs of [1, 1]) await guard.connect(visitor, nowMs);
    const why = { code: "RATE_LIMITED", reason: "connects", place: "upgrade" };
    expect(noted).toEqual([{ event: "rate-limited", ...visitor, ...why }]);
  });

  test("whose credential was not looked at any more", async () => {
    const { guard, noted } = await Watch.ofOneWhoFailed();
    await guard.present(FOUND, attempt);
    const why = { code: "RATE_LIMITED", reason: "failures" };
    expect(noted).toEqual([{ event: "rate-limited", ...AT_THE_DOOR, ...why }]);
  });

  test("that nobody could count connections, or failures", async () => {
    const { guard, connects, failures, noted } = new Watch();
    connects.isBroken = true;
    failures.isBroken = true;
    await guard.connect(visitor, occasion.nowMs);
    await guard.present({ kind: "unreadable" }, attempt);
    expect(noted.map(({ event, reason, address }) => [event, reason, address])).toEqual([
      ["limit-broken", "connects", visitor.address],
      ["credential-refused", "unreadable", visitor.address],
      ["limit-broken", "failures", visitor.address],
    ]);
  });

  test("who asks too often over HTTP", () => {
    const { guard, noted } = new Watch();
    for (const nowMs of [1, 1, 1]) guard.request(ALICE, visitor, nowMs);
    expect(noted).toMatchObject([
      { event: "rate-limited", reason: "requests", place: "http", userId: "alice", ...visitor },
    ]);
  });
});
