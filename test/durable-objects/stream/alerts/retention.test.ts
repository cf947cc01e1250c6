// How long alerts are kept, by age and by number, and what a client that comes back later is told.
import { describe, expect, test } from "vitest";
import { FakeStream } from "../../../support/fake-stream.ts";
import { user } from "../../../support/members.ts";

const DAY_MS = 86_400_000;

function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.member("anna", { produces: ["alert"] }, { endsInMs: 10 * DAY_MS });
  const publish = (count: number): void => {
    for (let index = 0; index < count; index += 1) {
      owner.send({ type: "alert", index });
      fake.nowMs += 1000;
    }
  };
  const offsets = (): number[] =>
    fake.storage.rows("SELECT offset FROM alerts ORDER BY offset").map((row) => Number(row["offset"]));
  return { fake, publish, offsets };
}

describe("by age", () => {
  test("an alert is forgotten after its days, by the alarm that it set itself", () => {
    const { fake, publish, offsets } = start({ ALERT_RETENTION_DAYS: 2 });
    const publishedMs = fake.nowMs;
    publish(1);
    const alarmMs = Math.max(...fake.alarms, 0);
    expect(offsets()).toEqual([1]);
    fake.nowMs = publishedMs + 2 * DAY_MS + 5000;
    fake.stream.sweep();
    expect(offsets()).toEqual([]);
    expect(alarmMs).toBeGreaterThan(0);
  });

  test("younger ones stay, and the next one asks for the next alarm", () => {
    const { fake, publish, offsets } = start({ ALERT_RETENTION_DAYS: 1 });
    publish(1);
    fake.nowMs += DAY_MS / 2;
    const youngMs = fake.nowMs;
    publish(1);
    fake.nowMs = youngMs + DAY_MS / 2;
    fake.stream.sweep();
    expect(offsets()).toEqual([2]);
    // The alarm that is set comes earlier, for whoever is connected; each one looks at the log as well.
    fake.nowMs = youngMs + DAY_MS;
    fake.stream.sweep();
    expect(offsets()).toEqual([]);
  });
});

describe("by number", () => {
  test("the newest are kept, and a few more for a while", () => {
    const { fake, publish, offsets } = start({ ALERT_RETENTION_COUNT: 10, MAX_MESSAGES_PER_S: 1000 });
    publish(200);
    expect(offsets().length).toBeLessThan(10 + 8);
    fake.stream.sweep();
    expect(offsets()).toEqual(Array.from({ length: 10 }, (_, index) => 191 + index));
  });

  test("no publish has to forget more than eight", () => {
    const { publish, offsets } = start({ ALERT_RETENTION_COUNT: 100, MAX_MESSAGES_PER_S: 1000 });
    publish(200);
    const counts = Array.from({ length: 100 }, () => {
      publish(1);
      return offsets().length;
    });
    const forgotten = counts.slice(1).map((count, index) => (counts[index] ?? 0) + 1 - count);
    expect(Math.max(...forgotten)).toBe(8);
  });

  test("offsets go on over what was forgotten", () => {
    const { fake, publish, offsets } = start({ ALERT_RETENTION_COUNT: 1 });
    publish(3);
    fake.stream.sweep();
    publish(1);
    expect(offsets()).toEqual([3, 4]);
  });
});

describe("a client that comes back", () => {
  function pageOf(fake: FakeStream, after: number): Record<string, unknown> {
    const page = fake.stream.requesting.readAlerts(user("anna"), {
      streamId: "cam-1",
      after,
      limit: 10,
      epoch: undefined,
    });
    if (typeof page !== "string") throw new Error("the page was refused");
    return JSON.parse(page) as Record<string, unknown>;
  }

  test.each([
    [6, true],
    [7, true],
    [8, true],
    [5, false],
    [0, false],
  ])("with the offset %i, of which 7 and 8 are kept, recovers: %s", (offset, recovered) => {
    const { fake, publish } = start({ ALERT_RETENTION_COUNT: 2 });
    publish(8);
    fake.stream.sweep();
    const client = fake.join("anna");
    const { epoch } = pageOf(fake, 0);
    client.send({ type: "register", consumes: ["alert"], resume: { epoch, offset } });
    expect(client.socket.messages[0]).toMatchObject({ type: "success", recovered, offset: 8 });
  });

  test("learns from the history that something is missing", () => {
    const { fake, publish } = start({ ALERT_RETENTION_COUNT: 2 });
    publish(8);
    fake.stream.sweep();
    expect(pageOf(fake, 3)).toMatchObject({ first: 7, head: 8, truncated: true, next: null });
    expect(pageOf(fake, 6)).toMatchObject({ first: 7, truncated: false });
  });
});
