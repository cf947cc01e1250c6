// A stream whose rights a Worker of the operator's decides: asked before anybody is, and again when its word is over.
import { describe, expect, test } from "vitest";
import type { Authenticated } from "../../../../auth/authenticator.ts";
import type { Question } from "../../../../durable-objects/stream/rights/delegated-answers.ts";
import { startDelegated as start, TTL_MS, typesOf } from "../../../support/delegated-stream.ts";
import { type FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { service, user } from "../../../support/members.ts";

describe("a registration", () => {
  test("is what the Worker says it is", async () => {
    const { fake, register } = start();
    expect(await register(fake.join("anna"), { produces: ["note"], consumes: ["*"] })).toMatchObject({
      type: "success",
    });
    const bob = fake.join("bob");
    expect(await register(bob, { produces: ["note"] })).toMatchObject({ code: "UNAUTHORIZED" });
    expect(await register(bob, { consumes: ["*"] })).toMatchObject({ type: "success" });
    expect(await register(fake.join("carl"), {})).toMatchObject({ code: "UNAUTHORIZED" });
  });

  test("waits for it, and what is sent meanwhile waits behind it, in order", async () => {
    const { fake, member, settled } = start();
    const bob = await member("bob", { consumes: ["*"] });
    const anna = fake.join("anna");
    anna.send({ type: "register", produces: ["note"] });
    anna.send({ type: "note", n: 1 });
    anna.send({ type: "note", n: 2 });
    expect(typesOf(anna)).toEqual([]);
    await settled();
    expect(bob.socket.messages).toMatchObject([{ n: 1 }, { n: 2 }]);
  });

  test("costs no question for a message, nor for a second connection", async () => {
    const { asked, member } = start();
    const anna = await member("anna", { produces: ["note"], consumes: ["note"] });
    const before = asked.length;
    await member("anna", { produces: ["note"], consumes: ["note"] });
    for (let n = 0; n < 10; n += 1) anna.send({ type: "note" });
    expect([before, asked.length]).toEqual([2, 2]);
  });

  test.each<readonly [string, () => unknown]>([
    ["throws", () => Promise.reject(new Error("a secret of the Worker's"))],
    ["answers nonsense", () => "yes"],
  ])("is sent away to come back where the Worker %s", async (_what, answer) => {
    const { becomes, fake, register } = start();
    becomes(answer);
    const anna = fake.join("anna");
    const told = await register(anna, { produces: ["note"] });
    expect(told).toMatchObject({ code: "OVERLOADED", temporary: true });
    expect(JSON.stringify(told)).not.toContain("secret");
    expect([anna.socket.closedWith?.code, fake.storage.tables]).toEqual([1013, []]);
  });

  test("of who is gone when the answer comes makes no stream", async () => {
    const { fake, settled } = start();
    const anna = fake.join("anna");
    anna.send({ type: "register", produces: ["note"] });
    anna.leave();
    await settled();
    expect(fake.storage.tables).toEqual([]);
  });
});

describe("a stream that nobody owns", () => {
  test("is made by the first user who may write, counts as one of his, and is his no more than that", async () => {
    const { fake, member } = start();
    await member("anna", { produces: ["note"] });
    expect(fake.users.told.map(({ event, userId }) => [event, userId])).toEqual([
      ["expect", "anna"],
      ["owned", "anna"],
    ]);
    const { managing, tickets } = fake.stream;
    const order = { operations: ["read"], uses: 1, expiresAtMs: fake.nowMs + 1000 } as const;
    expect([
      managing.readAccess(user("anna"), STREAM_ID),
      managing.changeAccess(user("anna"), STREAM_ID, { public: true }, () => fake.nowMs),
      managing.erase(user("anna"), STREAM_ID),
      tickets.mint(user("anna"), STREAM_ID, order),
    ]).toMatchObject(Array.from({ length: 4 }, () => ({ code: "UNAUTHORIZED" })));
  });

  test("is not made by a program, nor by a change of its access list", async () => {
    const { allowed, fake, register } = start();
    allowed.add("svc:model write");
    const principal = service("model", { operations: ["read", "write"], streams: ["*"] });
    expect(await register(fake.join("model", { principal }), { produces: ["note"] })).toMatchObject({
      code: "UNAUTHORIZED",
    });
    expect(fake.stream.managing.changeAccess(user("anna"), STREAM_ID, {}, () => fake.nowMs)).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(fake.storage.tables).toEqual([]);
  });
});

describe("when its word is over", () => {
  test("who may still is not disturbed, however often", async () => {
    const { asked, fake, member, ring } = start();
    const anna = await member("anna", { produces: ["note"], consumes: ["note"] });
    const startMs = fake.nowMs;
    while (fake.nowMs < startMs + 2 * TTL_MS) await ring();
    expect([asked.length, typesOf(anna)]).toEqual([6, []]);
    anna.send({ type: "ping", ref: 1 });
    expect(typesOf(anna)).toEqual(["pong"]);
  });

  test("the alarm rings for it, also where nothing else needs one, and for the next time too", async () => {
    const { asked, fake, ring } = start();
    // Behind a bridge, so that no alarm is set to look whether it is still there.
    const anna = fake.join("anna", { hop: "bridged", endsInMs: 100 * TTL_MS });
    anna.send({ type: "register", consumes: ["note"] });
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    for (const times of [2, 3]) {
      const dueAtMs = fake.nowMs + TTL_MS;
      for (let rings = 0; rings < 3 && asked.length < times; rings += 1) await ring();
      expect([asked.length, fake.nowMs >= dueAtMs, fake.nowMs <= dueAtMs + 5000]).toEqual([times, true, true]);
    }
  });

  test("who may no more is told so and receives nothing, and the others go on", async () => {
    const { allowed, fake, member, ring } = start();
    const anna = await member("anna", { produces: ["note"], consumes: [] });
    const bob = await member("bob", { consumes: ["*"] });
    allowed.delete("bob read");
    fake.nowMs += TTL_MS - 1;
    anna.send({ type: "note" });
    await ring();
    anna.send({ type: "note" });
    expect(typesOf(bob)).toEqual(["note", "UNAUTHORIZED"]);
    expect([bob.socket.closedWith, anna.socket.closedWith]).toEqual([undefined, undefined]);
  });

  test("who may no more write is stopped, though he may read", async () => {
    const { allowed, member, ring } = start();
    const anna = await member("anna", { produces: ["note"], consumes: ["*"] });
    allowed.delete("anna write");
    await ring();
    anna.send({ type: "note" });
    expect(typesOf(anna)).toEqual(["UNAUTHORIZED", "NOT_REGISTERED"]);
  });

  test("and nothing can be found out, all are sent away to come back", async () => {
    const { becomes, member, ring } = start();
    const anna = await member("anna", { produces: ["note"] });
    becomes(() => undefined);
    await ring();
    expect([typesOf(anna), anna.socket.closedWith?.code]).toEqual([["OVERLOADED"], 1013]);
  });

  test("and the Worker takes its time, members stay until it has answered, and the alarm asks it once", async () => {
    const { asked, becomes, fake, member, ring, settled } = start();
    const anna = await member("anna", { produces: ["note"] });
    const { promise, resolve } = Promise.withResolvers<unknown>();
    becomes(() => promise);
    for (let round = 0; round < 3; round += 1) await ring();
    expect([asked.length, anna.socket.closedWith]).toEqual([2, undefined]);
    resolve({ allowed: false, ttlMs: TTL_MS });
    await settled();
    expect(typesOf(anna)).toEqual(["UNAUTHORIZED"]);
    expect(fake.alarmAtMs).toBeDefined();
  });

  test("and somebody else asked just before the alarm, a no that he was told counts for members too", async () => {
    const { becomes, fake, member, ring } = start();
    // Nobody else's time is over at that moment.
    becomes(({ principal }) => ({ allowed: true, ttlMs: principal.userId === "anna" ? 5 * TTL_MS : TTL_MS }));
    const anna = await member("anna", { produces: ["note"] });
    const bob = await member("bob", { consumes: ["note"] });
    becomes(() => ({ allowed: false, ttlMs: TTL_MS }));
    fake.nowMs += TTL_MS;
    await fake.stream.requesting.readFrame(user("bob"), STREAM_ID, undefined);
    await ring();
    anna.send({ type: "note" });
    expect(typesOf(bob)).toEqual(["UNAUTHORIZED"]);
  });

  test("at once, members are asked about with each alarm and not more often", async () => {
    const { asked, becomes, fake, member, ring } = start();
    becomes(() => ({ allowed: true, ttlMs: 0 }));
    await member("anna", { consumes: ["note"] });
    const startMs = fake.nowMs;
    for (let round = 0; round < 3; round += 1) await ring();
    expect(asked.length).toBe(4);
    expect(fake.nowMs - startMs).toBeGreaterThan(10_000);
  });
});

describe("a renewal by another session", () => {
  const YES = { allowed: true, ttlMs: TTL_MS };
  const AUTH = { type: "auth", token: "another.tok.en" };
  const secondSession = ({ nowMs }: FakeStream): Authenticated => ({
    kind: "authenticated",
    principal: { ...user("anna"), sessionId: "second" },
    issuedAtS: Math.floor(nowMs / 1000),
    endsAtMs: nowMs + 7_200_000,
    shown: { tokenKind: "session-jwt" },
  });
  /** Anna produces and watches, and has shown a token of her second session. */
  async function renewed(secondMay: (question: Question) => unknown) {
    const all = start();
    const anna = await all.member("anna", { produces: ["note"], consumes: ["presence"] });
    const before = all.asked.length;
    all.becomes((question) => (question.principal.sessionId === "second" ? secondMay(question) : YES));
    const { fake } = all;
    anna.send(AUTH);
    await fake.authorities.asked.at(-1)?.answer(secondSession(fake));
    await all.settled();
    return { ...all, anna, asked: all.asked.slice(before) };
  }

  test("is asked about before it is answered, and who watches goes on to be told", async () => {
    const { anna, asked, member } = await renewed(() => YES);
    expect(asked).toMatchObject([
      { principal: { userId: "anna", sessionId: "second" }, operation: "write", types: ["note"] },
      { principal: { userId: "anna", sessionId: "second" }, operation: "write" },
    ]);
    await member("bob", { consumes: ["note"] });
    expect(typesOf(anna)).toEqual(["success", "presence"]);
  });

  test("that may not do it is told so", async () => {
    const { anna } = await renewed(() => ({ allowed: false, ttlMs: TTL_MS }));
    anna.send({ type: "note" });
    expect(typesOf(anna)).toEqual(["success", "UNAUTHORIZED", "NOT_REGISTERED"]);
  });

  test("is none where the Worker cannot be asked, and the former session goes on", async () => {
    const { anna, member } = await renewed(() => "nonsense");
    await member("bob", { consumes: ["note"] });
    expect(typesOf(anna)).toEqual(["OVERLOADED", "presence"]);
    expect(anna.socket.closedWith).toBeUndefined();
  });

  test("that is done while a registration is asked about has that asked for itself", async () => {
    const { asked, becomes, fake, settled } = start();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    becomes(({ principal }) => (principal.sessionId === "second" ? YES : promise));
    const anna = fake.join("anna");
    anna.send(AUTH);
    anna.send({ type: "register", produces: ["note"] });
    await fake.authorities.asked.at(-1)?.answer(secondSession(fake));
    resolve(YES);
    await settled();
    expect(typesOf(anna)).toEqual(["success", "success"]);
    expect(asked.map(({ principal }) => principal.sessionId)).toEqual(["session-of-anna", "second"]);
  });

  test("is asked about again when its time is over", async () => {
    const { becomes, anna, fake, ring } = await renewed(() => ({ allowed: true, ttlMs: 1000 }));
    becomes(() => ({ allowed: false, ttlMs: TTL_MS }));
    const startMs = fake.nowMs;
    await ring();
    expect([fake.nowMs - startMs, typesOf(anna)]).toEqual([5000, ["success", "UNAUTHORIZED"]]);
  });
});

describe("after a sleep", () => {
  test("members are what they were, and are asked about when the alarm rings", async () => {
    const { allowed, asked, fake, member, ring } = start();
    const anna = await member("anna", { produces: ["note"], consumes: [] });
    const bob = await member("bob", { consumes: ["*"] });
    const before = asked.length;
    fake.sleepAndWake();
    fake.stream.awake();
    anna.send({ type: "note" });
    expect([typesOf(bob), asked.length]).toEqual([["note"], before]);
    allowed.delete("bob read");
    await ring();
    anna.send({ type: "note" });
    expect(typesOf(bob)).toEqual(["note", "UNAUTHORIZED"]);
  });

  test("nobody counts as a stranger where the stream is full, because nothing is known of him any more", async () => {
    const { fake, member } = start({ MAX_MEMBERS_PER_STREAM: "1" });
    const anna = await member("anna", { produces: ["note"] });
    fake.sleepAndWake();
    await fake.stream.requesting.readFrame(user("bob"), STREAM_ID, undefined);
    expect(fake.stream.entering.admission(fake.handoff("bob"))).toBe("STREAM_FULL");
    expect(anna.socket.closedWith).toBeUndefined();
  });

  test("who watches the others come and go soon does again", async () => {
    const { fake, member, ring } = start();
    const anna = await member("anna", { produces: ["note"], consumes: ["presence"] });
    expect(typesOf(anna)).toEqual([]);
    fake.sleepAndWake();
    fake.stream.awake();
    const startMs = fake.nowMs;
    await ring();
    expect(fake.nowMs - startMs).toBeLessThanOrEqual(5000);
    await member("bob", { consumes: ["note"] });
    expect(anna.socket.messages).toMatchObject([{ event: "snapshot" }, { event: "join" }]);
  });
});
