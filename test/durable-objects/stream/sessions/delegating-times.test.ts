// When members are asked about again: each at his own time, a few at once, and no alarm for who depends on nothing.
import { describe, expect, test } from "vitest";
import type { Authenticated } from "../../../../auth/authenticator.ts";
import type { Question } from "../../../../durable-objects/stream/rights/delegated-answers.ts";
import { startDelegated as start, TTL_MS, typesOf } from "../../../support/delegated-stream.ts";
import { FakeStream, type JoinOptions } from "../../../support/fake-stream.ts";
import { service, user } from "../../../support/members.ts";

const READS = { consumes: ["note"] };
/** Behind a bridge and for long, so that nothing but the Worker's word needs an alarm soon. */
const QUIET: JoinOptions = { hop: "bridged", endsInMs: 100 * TTL_MS };
const AT_ONCE = 64;

const idsOf = (asked: readonly Question[]): readonly string[] => asked.map(({ principal }) => principal.userId);

describe("each is asked about when his own time is over", () => {
  const [SOON_MS, LATE_MS] = [20_000, 120_000];

  test.each([
    ["first", ["soon", "late"]],
    ["last", ["late", "soon"]],
  ])("also where the one whose time is shorter came %s", async (_when, order) => {
    const { asked, becomes, fake, member, ring } = start();
    becomes(({ principal }) => ({ allowed: true, ttlMs: principal.userId === "soon" ? SOON_MS : LATE_MS }));
    await member("anna", READS, QUIET);
    await ring(); // From here on it is known when somebody is due.
    for (const userId of order) await member(userId, READS, QUIET);
    const startMs = fake.nowMs;
    const before = asked.length;
    for (let rings = 0; rings < 4 && asked.length === before; rings += 1) await ring();
    expect(idsOf(asked.slice(before))).toEqual(["soon"]);
    expect(fake.nowMs - startMs).toBeLessThanOrEqual(SOON_MS + 5000);
  });

  test("and again after somebody else had asked just before the alarm", async () => {
    const { asked, becomes, fake, member, ring } = start();
    becomes(() => ({ allowed: true, ttlMs: TTL_MS }));
    await member("anna", READS, QUIET);
    fake.nowMs = Math.max(fake.nowMs, fake.alarmAtMs ?? 0);
    await fake.stream.requesting.readFrame(user("anna"), "cam-1", undefined);
    const before = asked.length;
    expect(before).toBe(2);
    const startMs = fake.nowMs;
    for (let rings = 0; rings < 3 && asked.length === before; rings += 1) await ring();
    expect(asked.length).toBe(before + 1);
    expect(fake.nowMs - startMs).toBeGreaterThanOrEqual(TTL_MS);
    expect(fake.nowMs - startMs).toBeLessThanOrEqual(TTL_MS + 5000);
  });
});

describe("of many who are due at once", () => {
  /** As many as are asked about at once, and three more; all due, and the Worker answers when a test says so. */
  async function crowd() {
    const all = start();
    const { asked, becomes, fake, member } = all;
    becomes(() => ({ allowed: true, ttlMs: TTL_MS }));
    const seats = [];
    for (let n = 0; n < AT_ONCE + 3; n += 1) seats.push(await member(`user-${n}`, READS, QUIET));
    asked.length = 0;
    const answers = new Map<string, (answer: unknown) => void>();
    becomes(({ principal }) => new Promise((resolve) => answers.set(principal.userId, resolve)));
    const answer = async (userIds: readonly string[], allowed = true): Promise<void> => {
      for (const userId of userIds) answers.get(userId)?.({ allowed, ttlMs: TTL_MS });
      await all.settled();
    };
    fake.nowMs += TTL_MS;
    return { ...all, answer, seats };
  }
  const EVERYBODY = Array.from({ length: AT_ONCE + 3 }, (_, n) => `user-${n}`);

  test("64 are asked about, then the others, each once, and what is said of each holds for him", async () => {
    const { answer, asked, ring, seats } = await crowd();
    await ring();
    expect(idsOf(asked)).toEqual(EVERYBODY.slice(0, AT_ONCE));
    await answer(EVERYBODY.slice(0, AT_ONCE));
    expect(idsOf(asked)).toEqual(EVERYBODY);
    await answer(EVERYBODY.slice(AT_ONCE), false);
    const told = seats.map(typesOf);
    expect(told).toEqual(EVERYBODY.map((_, n) => (n < AT_ONCE ? [] : ["UNAUTHORIZED"])));
  });

  test("the others wait for the slowest of the first, whatever alarm rings meanwhile", async () => {
    const { answer, asked, ring } = await crowd();
    await ring();
    await answer(EVERYBODY.slice(1, AT_ONCE));
    await ring();
    expect(asked.length).toBe(AT_ONCE);
    await answer(EVERYBODY.slice(0, 1));
    expect(idsOf(asked)).toEqual(EVERYBODY);
  });
});

test("While the Worker takes its time, who watches the others is still told who comes", async () => {
  const { becomes, member, ring } = start();
  const anna = await member("anna", { produces: ["note"], consumes: ["presence"] });
  becomes(({ principal }) =>
    principal.userId === "anna" ? new Promise(() => undefined) : { allowed: true, ttlMs: TTL_MS },
  );
  for (let rings = 0; rings < 15; rings += 1) await ring();
  await member("bob", READS);
  expect(typesOf(anna)).toContain("presence");
});

test("A renewal by a session that was asked about already is taken, and asks nothing", async () => {
  const { asked, becomes, fake, member, settled } = start();
  becomes(() => ({ allowed: true, ttlMs: TTL_MS }));
  const anna = await member("anna", { produces: ["note"], consumes: [] });
  const again: Authenticated = {
    kind: "authenticated",
    principal: user("anna"),
    issuedAtS: Math.floor(fake.nowMs / 1000),
    endsAtMs: fake.nowMs + 7_200_000,
    shown: { tokenKind: "session-jwt" },
  };
  const before = asked.length;
  anna.send({ type: "auth", token: "another.tok.en" });
  await fake.authorities.asked.at(-1)?.answer(again);
  await settled();
  expect([typesOf(anna), asked.length]).toEqual([["success"], before]);
});

describe("no alarm is set", () => {
  test("for who has not registered", async () => {
    const { fake, member, ring } = start();
    fake.join("carl", QUIET);
    await member("bob", READS, QUIET);
    // Asked at the first; the second only finds that nobody is due.
    for (let rings = 0; rings < 2; rings += 1) await ring();
    expect(fake.alarmAtMs).toBeGreaterThan(fake.nowMs + TTL_MS / 2);
  });

  test("under a policy that asks nobody, neither at a registration nor at a wake", () => {
    const fake = new FakeStream();
    const principal = service("robot", { operations: ["read"], streams: ["*"] });
    fake.member("robot", READS, { hop: "bridged", endsInMs: "never", principal });
    expect(fake.alarms).toEqual([]);
    fake.member("anna", { produces: ["note"], consumes: ["presence"] }, QUIET);
    const before = [...fake.alarms];
    fake.sleepAndWake();
    fake.stream.awake();
    expect(fake.alarms).toEqual(before);
  });

  test("at a wake where nobody watches the others, before the one that is set", async () => {
    const { fake, member } = start();
    await member("anna", READS, QUIET);
    const before = [...fake.alarms];
    fake.sleepAndWake();
    fake.stream.awake();
    expect(fake.alarms).toEqual(before);
  });
});
