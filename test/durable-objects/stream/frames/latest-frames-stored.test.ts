// The newest frame on disk: stored once the stream is quiet, seen after a sleep, forgotten with the stream.
import { beforeAll, describe, expect, test } from "vitest";
import type { FrameView } from "../../../../durable-objects/stream/frames/latest-frames.ts";
import type { Frame } from "../../../support/fake-socket.ts";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { installFromBase64 } from "../../../support/from-base64.ts";
import { user } from "../../../support/members.ts";

// Node 24 cannot decode base64 with `Uint8Array.fromBase64`, which the runtime of the gateway has.
beforeAll(installFromBase64);

const ANNA = user("anna");
/** The grain of all alarms. */
const GRAIN_MS = 5000;

function start(variables = {}) {
  const fake = new FakeStream(variables);
  return { fake, owner: fake.owner() };
}

function rowsOf(fake: FakeStream): number {
  return fake.storage.rows("SELECT 1 FROM frames").length;
}

/** The stream has been quiet for so long that its newest frames are stored. */
function fallQuiet(fake: FakeStream): void {
  for (let look = 0; look < 2; look += 1) fake.ring();
}

/** The frames that a member sees which registers now. */
function framesForLate(fake: FakeStream, userId = "anna"): readonly Frame[] {
  const seat = fake.join(userId);
  seat.register({ consumes: ["*"] });
  return seat.socket.frames;
}

function view(fake: FakeStream, type?: string): FrameView {
  return fake.stream.requesting.readFrame(ANNA, STREAM_ID, type) as FrameView;
}

describe("storing", () => {
  test("The first frame sets an alarm a few seconds later, and the next ones set none", () => {
    const { fake, owner } = start();
    const before = fake.alarms.length;
    for (let count = 0; count < 5; count += 1) owner.sendFrame({ type: "video-frame" });
    expect(fake.alarms).toHaveLength(before + 1);
    expect(Number(fake.alarmAtMs) - fake.nowMs).toBeLessThanOrEqual(2 * GRAIN_MS);
  });

  test("A frame that nothing followed is stored when its alarm rings for the second time, and not again after", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" });
    fake.ring();
    expect(rowsOf(fake)).toBe(0);
    fake.ring();
    expect(rowsOf(fake)).toBe(2);
    const { rowsWritten } = fake.storage;
    fake.stream.sweep();
    expect(fake.storage.rowsWritten).toBe(rowsWritten);
  });

  test("Once it is stored no alarm is set for it any more", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" });
    fallQuiet(fake);
    expect(Number(fake.alarmAtMs) - fake.nowMs).toBeGreaterThan(10 * GRAIN_MS);
  });

  test("While frames flow none is stored", () => {
    const { fake, owner } = start();
    for (let look = 0; look < 10; look += 1) {
      owner.sendFrame({ type: "video-frame" });
      fake.ring();
    }
    expect(rowsOf(fake)).toBe(0);
  });

  test("The first frame after a pause sets an alarm as soon as the very first one did", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" });
    fallQuiet(fake);
    owner.sendFrame({ type: "video-frame" });
    expect(Number(fake.alarmAtMs) - fake.nowMs).toBeLessThanOrEqual(2 * GRAIN_MS);
  });

  test("After a pause the frames that come then are stored in their turn", () => {
    const { fake, owner } = start();
    for (const n of [1, 2]) {
      owner.sendFrame({ type: "video-frame" }, [n]);
      fallQuiet(fake);
    }
    fake.sleepAndWake();
    expect([...new Uint8Array(view(fake).bytes)]).toEqual([2]);
    expect(rowsOf(fake)).toBe(2);
  });

  test("Each type is stored by itself, however busy another one is", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "audio-frame" });
    for (let look = 0; look < 3; look += 1) {
      owner.sendFrame({ type: "video-frame" });
      fake.ring();
    }
    expect(fake.storage.rows("SELECT DISTINCT type FROM frames")).toEqual([{ type: "audio-frame" }]);
  });

  test("A thousand frames in a minute write the alarms and a block of numbers, and nothing else", () => {
    const { fake, owner } = start();
    const { rowsWritten } = fake.storage;
    let rings = 0;
    for (let count = 0; count < 1000; count += 1) {
      fake.nowMs += 60;
      if (fake.nowMs >= Number(fake.alarmAtMs)) {
        fake.ring();
        rings += 1;
      }
      owner.sendFrame({ type: "video-frame" });
    }
    expect(fake.storage.rowsWritten - rowsWritten).toBe(1);
    expect(rings).toBeGreaterThan(1);
    expect(rings).toBeLessThanOrEqual(60_000 / GRAIN_MS);
  });

  // Each deadline that is found on the way is written, though an earlier one is found right after it.
  test("An alarm that rings while frames flow writes the next one, once", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" });
    const before = fake.alarms.length;
    fake.ring();
    expect(fake.alarms.length - before).toBe(1);
  });

  // An alarm rings a little late, and five seconds more are then rounded up to nearly ten.
  test("The looks at a frame come so close together that the object does not fall asleep between them", () => {
    const { fake, owner } = start();
    const times = [fake.nowMs];
    owner.sendFrame({ type: "video-frame" });
    for (let look = 0; look < 2; look += 1) {
      fake.nowMs = Number(fake.alarmAtMs) + 3;
      fake.stream.sweep();
      times.push(fake.nowMs);
    }
    expect(rowsOf(fake)).toBe(2);
    const gaps = times.slice(1).map((time, index) => time - Number(times[index]));
    expect(Math.max(...gaps)).toBeLessThan(2 * GRAIN_MS - 1000);
  });
});

describe("after a sleep", () => {
  test("Who comes late sees the frame as it was", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame", width: 640, contentType: "image/png" }, [9, 8, 7]);
    const before = framesForLate(fake);
    fallQuiet(fake);
    fake.sleepAndWake();
    expect(framesForLate(fake)).toEqual(before);
    expect(before).toHaveLength(1);
  });

  test.each([
    { type: "video-frame", data: "data:image/webp;base64,AQID", timestamp: 55 },
    { type: "video-frame", data: "AQID", note: "ü🎥" },
  ])("Who asks sees the frame %j as it was", (frame) => {
    const { fake, owner } = start();
    owner.send(frame);
    const before = view(fake);
    fallQuiet(fake);
    fake.sleepAndWake();
    expect(view(fake)).toEqual(before);
    expect(before.kind).toBe("frame");
  });

  test("Who asks sees a binary frame as it was, an empty one too", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame", timestamp: 55, contentType: "image/png" }, []);
    const before = view(fake);
    fallQuiet(fake);
    fake.sleepAndWake();
    expect(view(fake)).toEqual(before);
    expect(before).toMatchObject({ timestamp: 55, contentType: "image/png" });
  });

  test("A frame that is larger than a row can hold is there", () => {
    const { fake, owner } = start({ MAX_MESSAGE_BYTES: "8388608" });
    const payload = Array.from({ length: 5_000_000 }, (_, index) => index % 251);
    owner.sendFrame({ type: "video-frame" }, payload);
    fallQuiet(fake);
    fake.sleepAndWake();
    expect(Buffer.compare(new Uint8Array(view(fake).bytes), Uint8Array.from(payload))).toBe(0);
  });

  test("The table is read once, and then no more", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" });
    fallQuiet(fake);
    fake.sleepAndWake();
    framesForLate(fake);
    fake.storage.sql.exec("DELETE FROM frames");
    expect(framesForLate(fake)).toHaveLength(1);
  });

  test("A type that holds no frames any more is not looked for, whatever the table holds of it", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" });
    fallQuiet(fake);
    fake.storage.sql.exec("UPDATE frames SET type = 'note'");
    fake.sleepAndWake();
    expect(view(fake, "note")).toMatchObject({ code: "NOT_FOUND" });
  });

  test("What is stored is not written again before another frame comes", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" });
    fallQuiet(fake);
    fake.sleepAndWake();
    framesForLate(fake);
    const { rowsWritten } = fake.storage;
    for (let look = 0; look < 2; look += 1) fake.stream.sweep();
    expect(fake.storage.rowsWritten).toBe(rowsWritten);
    owner.sendFrame({ type: "video-frame" });
    const written = fake.storage.rowsWritten;
    fallQuiet(fake);
    expect(fake.storage.rowsWritten).toBeGreaterThan(written);
  });

  test.each(["{", "[]", "null", '{"seq":"1","receivedAt":1}', '{"seq":1}'])(
    "A stored text such as %s is no frame, and breaks nothing",
    (text) => {
      const { fake, owner } = start();
      owner.sendFrame({ type: "video-frame" });
      fallQuiet(fake);
      fake.storage.sql.exec("UPDATE frames SET bytes = ? WHERE kind = 'text'", new TextEncoder().encode(text).buffer);
      fake.sleepAndWake();
      expect(view(fake)).toMatchObject({ kind: "fault", code: "NOT_FOUND" });
      expect(framesForLate(fake)).toEqual([]);
    },
  );
});

describe("deleting the stream", () => {
  test.each([
    ["in memory", () => {}],
    ["on disk", fallQuiet],
    ["on disk, after a sleep", (fake: FakeStream) => (fallQuiet(fake), fake.sleepAndWake())],
  ])("Forgets a frame that is %s, and the next owner never sees it", (_where, before) => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" });
    before(fake);
    fake.erase();
    expect(fake.storage.tables).toEqual([]);
    expect(view(fake)).toMatchObject({ code: "NOT_FOUND" });
    fake.member("bob", { produces: ["*"], consumes: [] });
    expect(framesForLate(fake, "bob")).toEqual([]);
    for (let look = 0; look < 2; look += 1) fake.stream.sweep();
    fake.sleepAndWake();
    expect(framesForLate(fake, "bob")).toEqual([]);
  });

  test("What an older release left of the former owner in the table is never shown", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" });
    fallQuiet(fake);
    // That release knows no frames, so it deletes the other tables only.
    for (const table of ["alerts", "stream"]) fake.storage.sql.exec(`DROP TABLE ${table}`);
    owner.leave();
    fake.sleepAndWake();
    fake.member("bob", { produces: ["*"], consumes: [] });
    expect(framesForLate(fake, "bob")).toEqual([]);
    expect(fake.stream.requesting.readFrame(user("bob"), STREAM_ID, undefined)).toMatchObject({ code: "NOT_FOUND" });
  });
});
