// When a sink of alerts that failed is tried again, what is counted and told of it, and that it begins anew once it took one.
import { expect, test } from "vitest";
import { raise, ring, startAlertSinks } from "../../../support/alert-sinks.ts";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { user } from "../../../support/members.ts";

const start = () => startAlertSinks({ ALERT_SINKS: "PUSH", PUSH: {} });

const SECOND_MS = 1000;

/** The last call fails; how long it takes to the next one. */
async function failAndWait({ fake, calls }: ReturnType<typeof start>): Promise<number> {
  const [before, failedAtMs] = [calls.length, fake.nowMs];
  await calls.at(-1)?.fail();
  while (calls.length === before) await ring(fake);
  return fake.nowMs - failedAtMs;
}

test("The waits are five seconds, and twice as long each time", async () => {
  const one = start();
  raise(one.owner, "one");
  const waits: number[] = [];
  for (let count = 0; count < 4; count += 1) waits.push(await failAndWait(one));
  expect(waits).toEqual([5, 10, 20, 40].map((seconds) => seconds * SECOND_MS));
});

test("Once it took one the next trouble is told again, and waited for as at first", async () => {
  const one = start();
  raise(one.owner, "one", "two");
  await failAndWait(one);
  await failAndWait(one);
  await one.calls.at(-1)?.answer();
  expect(await failAndWait(one)).toBe(5 * SECOND_MS);
  expect(one.owner.socket.ofType("status").map(({ status }) => status)).toEqual(["sink-error", "sink-error"]);
});

test("Each call that failed is counted, and none that did not", async () => {
  const one = start();
  raise(one.owner, "one", "two");
  await failAndWait(one);
  await failAndWait(one);
  await one.calls.at(-1)?.answer();
  const status = one.fake.stream.requesting.readStatus(user("anna"), STREAM_ID);
  expect(status).toMatchObject({ counters: { sinkErrors: 2 } });
});

test("A stream that nobody owns has nothing for its sinks, and stores nothing for them", async () => {
  const fake = new FakeStream({ ALERT_SINKS: "PUSH", PUSH: {} });
  fake.join("anna");
  fake.stream.awake();
  await ring(fake);
  expect(fake.storage.tables).toEqual([]);
});

test("An alert that is stored in the moment of a failure does not cut the longest wait short", async () => {
  const one = start();
  raise(one.owner, "one");
  for (let count = 0; count < 10; count += 1) await failAndWait(one);
  await one.calls.at(-1)?.fail();
  raise(one.owner, "two");
  expect(one.calls).toHaveLength(11);
});

test("An alert of a deleted stream that fails after all is no trouble of the one that follows", async () => {
  const { fake, calls, owner } = start();
  raise(owner, "old");
  fake.erase();
  const next = fake.owner(undefined, "bob");
  await calls[0]?.fail();
  expect(next.socket.ofType("status")).toEqual([]);
  expect(fake.storage.rows("SELECT * FROM alert_cursors")).toEqual([]);
  expect(fake.stream.requesting.readStatus(user("bob"), STREAM_ID)).toMatchObject({ counters: { sinkErrors: 0 } });
});

test.each(["answer", "fail"] as const)(
  "An alert of a deleted stream that ends by %s while nobody owns it leaves nothing behind",
  async (end) => {
    const { fake, calls, owner } = start();
    raise(owner, "old");
    fake.erase();
    await calls[0]?.[end]();
    expect(await Promise.allSettled(fake.background)).not.toContainEqual(
      expect.objectContaining({ status: "rejected" }),
    );
    expect([calls.length, fake.storage.tables]).toEqual([1, []]);
  },
);
