// Every alert reaches each bound Worker in order, at least once, however often it fails, and nobody waits for it.
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { raise, ring, seen, SINKS, startAlertSinks as start } from "../../../support/alert-sinks.ts";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";

describe("an alert", () => {
  test("is handed to each sink as consumers see it", () => {
    const { calls, owner, fake } = start();
    const viewer = fake.member("anna", { consumes: ["alert"] });
    raise(owner, "one");
    expect(calls.map(({ binding }) => binding)).toEqual(["PUSH", "HOOK"]);
    expect(calls[0]?.alert).toEqual(viewer.socket.messages[0]);
    expect(calls[0]?.alert).toMatchObject({ streamId: STREAM_ID, offset: 1, userId: "anna" });
  });

  test("waits for the one before, and not for the other sink", async () => {
    const { calls, owner } = start();
    raise(owner, "one", "two");
    expect(calls).toHaveLength(2);
    await calls[0]?.answer();
    expect([seen(calls, "PUSH"), seen(calls, "HOOK")]).toEqual([["one", "two"], ["one"]]);
  });

  test("that is a frame or a note is none, and goes to no sink", () => {
    const { calls, owner } = start();
    owner.send({ type: "note" });
    owner.sendFrame({ type: "video-frame" });
    expect(calls).toEqual([]);
  });

  test("that was there before a sink was named is not told to it, but the next one is", async () => {
    const { fake, owner } = start({});
    raise(owner, "early");
    const later = new FakeStream(SINKS, fake.storage);
    const ids: unknown[] = [];
    later.callAlertSink = (_binding, alert) => Promise.resolve(ids.push(alert["id"]));
    later.stream.awake();
    raise(later.member("anna", { produces: ["alert"] }), "late");
    await setImmediate();
    expect(ids).toEqual(["late", "late"]);
  });
});

describe("a sink that fails", () => {
  test("gets the same alert again when the alarm rings, and then the others", async () => {
    const { fake, calls, owner } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
    raise(owner, "one", "two");
    await calls[0]?.fail();
    expect(seen(calls, "PUSH")).toEqual(["one"]);
    await ring(fake);
    await calls[1]?.answer();
    expect(seen(calls, "PUSH")).toEqual(["one", "one", "two"]);
  });

  test("is waited for longer and longer, up to ten minutes", async () => {
    const { fake, calls, owner } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
    raise(owner, "one");
    const waits: number[] = [];
    for (let index = 0; index < 12; index += 1) {
      const failedAtMs = fake.nowMs;
      await calls.at(-1)?.fail();
      while (calls.length === index + 1) await ring(fake);
      waits.push(fake.nowMs - failedAtMs);
    }
    expect(waits.every((ms, index) => index === 0 || ms >= Number(waits[index - 1]) - 5000)).toBe(true);
    expect(waits[0]).toBeLessThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(605_000);
    expect(waits.at(-1)).toBeGreaterThan(590_000);
  });

  test("is told of once to every member, and again only after it took one", async () => {
    const { fake, calls, owner } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
    raise(owner, "one");
    await calls[0]?.fail();
    while (calls.length < 2) await ring(fake);
    await calls[1]?.fail();
    const told = owner.socket.ofType("status").filter(({ status }) => status === "sink-error");
    expect(told).toMatchObject([{ sink: "PUSH", reason: "failed", origin: "gateway" }]);
  });

  test("misses nothing by a sleep in between", async () => {
    const { fake, calls, owner } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
    raise(owner, "one", "two");
    await calls[0]?.fail();
    fake.sleepAndWake();
    while (calls.length < 2) await ring(fake);
    await calls[1]?.answer();
    await calls[2]?.answer();
    expect(seen(calls, "PUSH")).toEqual(["one", "one", "two"]);
  });

  test("costs neither the publisher nor the other consumers anything", async () => {
    const { fake, calls, owner } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
    const viewer = fake.member("anna", { consumes: ["alert"] });
    raise(owner, "one");
    await calls[0]?.fail();
    raise(owner, "two");
    expect(viewer.socket.ofType("alert").map(({ id }) => id)).toEqual(["one", "two"]);
  });
});

describe("a sink that hangs", () => {
  test("holds up neither the publisher nor consumers, nor another sink, nor what the alarm does", async () => {
    const { fake, calls, owner } = start();
    const viewer = fake.member("anna", { consumes: ["alert"] });
    const brief = fake.join("anna", { endsInMs: 1000 });
    raise(owner, "one");
    for (const id of ["two", "three"]) {
      await calls.findLast(({ binding }) => binding === "HOOK")?.answer();
      raise(owner, id);
    }
    fake.nowMs += 31_000;
    await ring(fake);
    expect([seen(calls, "PUSH"), seen(calls, "HOOK")]).toEqual([["one"], ["one", "two", "three"]]);
    expect(viewer.socket.ofType("alert").map(({ id }) => id)).toEqual(["one", "two", "three"]);
    expect(brief.socket.errorCodes).toEqual(["TOKEN_EXPIRED"]);
  });

  test("is not called again before it is given up, and then gets the same alert", async () => {
    const { fake, calls, owner } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
    raise(owner, "one", "two");
    for (let count = 0; count < 3; count += 1) await ring(fake);
    expect(seen(calls, "PUSH")).toEqual(["one"]);
    await calls[0]?.fail(); // its time is over
    await ring(fake);
    expect(seen(calls, "PUSH")).toEqual(["one", "one"]);
  });
});

test("A binding that throws before it answers at all is a sink that fails", async () => {
  const { fake, owner } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
  let calls = 0;
  fake.callAlertSink = () => {
    calls += 1;
    throw new TypeError("onAlert is not a function");
  };
  raise(owner, "one");
  await setImmediate();
  await ring(fake);
  expect(calls).toBe(2);
  expect(owner.socket.ofType("status")).toMatchObject([{ status: "sink-error", sink: "PUSH", reason: "failed" }]);
});

test("An alert of a deleted stream that is on its way leaves no trace in the next one", async () => {
  const { fake, calls, owner } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
  raise(owner, "old");
  fake.erase();
  const next = fake.owner(undefined, "bob");
  await calls[0]?.answer();
  raise(next, "new");
  await setImmediate();
  expect(calls.map(({ alert }) => [alert["id"], alert["userId"]])).toEqual([
    ["old", "anna"],
    ["new", "bob"],
  ]);
});

// The old alert keeps the sink busy. Without a cursor in the new stream from then on it would begin with the next look, behind
// what was stored meanwhile.
test.each(["answer", "fail"] as const)(
  "An alert that is stored while one of the deleted stream is on its way comes once that one ended by %s",
  async (end) => {
    const { fake, calls, owner } = start({ ALERT_SINKS: "PUSH", PUSH: {} });
    raise(owner, "old");
    fake.erase();
    raise(fake.owner(undefined, "bob"), "new");
    await calls[0]?.[end]();
    await ring(fake);
    expect(calls.map(({ alert }) => [alert["id"], alert["userId"]])).toEqual([
      ["old", "anna"],
      ["new", "bob"],
    ]);
  },
);
