// Packets and what is attached to them: put together in order, and next to nothing is kept meanwhile.
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { EventReader } from "../../../../worker/edge/socket-io/event-reader.ts";
import { PLACEHOLDER_TEXT } from "../../../../worker/edge/socket-io/packet.ts";

const MIB = 1_048_576;
/** More than any test here sends. */
const MAX_BYTES = 16 * MIB;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function bytes(...values: number[]): ArrayBuffer {
  return Uint8Array.from(values).buffer;
}

describe("a packet", () => {
  test.each(['2["chat"]', "35[]", "0", "1", "4", '2/elsewhere,["chat"]'])("%s is whole by itself", (text) => {
    expect(new EventReader().read(text, MAX_BYTES)).toMatchObject({ packet: {}, attachment: undefined });
  });

  test("that announces an attachment is whole with it", () => {
    const reader = new EventReader();
    expect(reader.read(`51-7["video-frame",${PLACEHOLDER_TEXT}]`, MAX_BYTES)).toBe("part");
    const attachment = bytes(1, 2);
    const whole = reader.read(attachment, MAX_BYTES);
    expect(whole).toMatchObject({ packet: { kind: "event", id: 7, name: "video-frame", attachments: 1 } });
    expect(typeof whole === "object" && whole.attachment).toBe(attachment);
  });

  test("that announces ten is whole with the tenth, and has none of them: no stream takes more than one", () => {
    const reader = new EventReader();
    expect(reader.read(`510-["x",${PLACEHOLDER_TEXT}]`, MAX_BYTES)).toBe("part");
    for (let count = 0; count < 9; count += 1) expect(reader.read(bytes(count), MAX_BYTES)).toBe("part");
    expect(reader.read(bytes(9), MAX_BYTES)).toMatchObject({ packet: { attachments: 10 }, attachment: undefined });
  });

  test("that is an acknowledgement is whole with its attachments as well", () => {
    const reader = new EventReader();
    expect(reader.read("62-1[]", MAX_BYTES)).toBe("part");
    expect(reader.read(bytes(1), MAX_BYTES)).toBe("part");
    expect(reader.read(bytes(2), MAX_BYTES)).toMatchObject({ packet: { kind: "ack", attachments: 2 } });
  });

  test("follows another, whatever that was", () => {
    const reader = new EventReader();
    for (let round = 0; round < 3; round += 1) {
      expect(reader.read(`51-["x",${PLACEHOLDER_TEXT}]`, MAX_BYTES)).toBe("part");
      expect(reader.read(bytes(round), MAX_BYTES)).toMatchObject({ packet: { kind: "event" } });
      expect(reader.read('2["chat"]', MAX_BYTES)).toMatchObject({ packet: { kind: "event", name: "chat" } });
    }
  });
});

describe("too large", () => {
  const EVENT = `52-["x",${PLACEHOLDER_TEXT}]`;

  test("is a packet by itself, whatever it is", () => {
    for (const message of ["junk", '2["chat"]', bytes(1, 2, 3)]) {
      const size = typeof message === "string" ? message.length : message.byteLength;
      expect(new EventReader().read(message, size - 1)).toBe("too-large");
      expect(new EventReader().read(message, size)).not.toBe("too-large");
    }
  });

  test("is counted as it is sent", () => {
    expect(new EventReader().read('2["ä"]', 6)).toBe("too-large");
    expect(new EventReader().read('2["ä"]', 7)).toMatchObject({ bytes: 7 });
  });

  test("is one with all that is attached to it, and a whole one says how large it is", () => {
    const reader = new EventReader();
    expect(reader.read(EVENT, 100)).toBe("part");
    expect(reader.read(new ArrayBuffer(100 - EVENT.length), 100)).toBe("part");
    expect(reader.read(bytes(1), 100)).toBe("too-large");
    expect(reader.read(bytes(1), 101)).toMatchObject({ bytes: 101 });
  });

  test("is none because of those that came before it", () => {
    const reader = new EventReader();
    for (let round = 0; round < 3; round += 1) {
      for (const message of [EVENT, new ArrayBuffer(30)]) expect(reader.read(message, 100)).toBe("part");
      expect(reader.read(bytes(1), 100)).toMatchObject({ bytes: EVENT.length + 31 });
    }
  });
});

describe("broken is", () => {
  test("a text that is no packet", () => {
    expect(new EventReader().read("junk", MAX_BYTES)).toBe("broken");
  });

  test("a packet with eleven attachments", () => {
    expect(new EventReader().read(`511-["x",${PLACEHOLDER_TEXT}]`, MAX_BYTES)).toBe("broken");
  });

  test("a text where an attachment is due, be it a packet", () => {
    const reader = new EventReader();
    reader.read(`52-["x",${PLACEHOLDER_TEXT}]`, MAX_BYTES);
    reader.read(bytes(1), MAX_BYTES);
    expect(reader.read('2["chat"]', MAX_BYTES)).toBe("broken");
  });

  test("an attachment that nobody announced", () => {
    const reader = new EventReader();
    expect(reader.read(bytes(1), MAX_BYTES)).toBe("broken");
    expect(reader.read('2["chat"]', MAX_BYTES)).toMatchObject({ packet: {} });
    expect(reader.read(bytes(1), MAX_BYTES)).toBe("broken");
  });

  test("one more than was announced", () => {
    const reader = new EventReader();
    reader.read(`51-["x",${PLACEHOLDER_TEXT}]`, MAX_BYTES);
    reader.read(bytes(1), MAX_BYTES);
    expect(reader.read(bytes(2), MAX_BYTES)).toBe("broken");
  });

  test.each(['51-/elsewhere,["x"]', "61-/elsewhere,1[]"])(
    "%s at once: nobody is connected there, and its name is not kept",
    (text) => expect(new EventReader().read(text, MAX_BYTES)).toBe("broken"),
  );
});

describe("of what is announced", () => {
  test.each<[string, () => string]>([
    ["an event of 1 MiB", () => `510-["x",{"a":"${"x".repeat(MIB)}"}]`],
    ["an event whose name has 1 MiB", () => `510-["${"x".repeat(MIB)}"]`],
    ["an acknowledgement of 1 MiB", () => `610-1["${"x".repeat(MIB)}"]`],
  ])("%s next to nothing is kept until its attachments have come", (_name, make) => {
    const readers = Array.from({ length: 50 }, () => new EventReader());
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const readings = new Set(readers.map((reader) => reader.read(make(), MAX_BYTES)));
    collectGarbage();
    const keptBytes = (process.memoryUsage().heapUsed - before) / readers.length;
    expect([...readings, readers.length]).toEqual(["part", 50]);
    // The engine itself remembers a text or two.
    expect(keptBytes).toBeLessThan(MIB / 5);
  });

  test("nine attachments none is kept until the tenth has come", async () => {
    const reader = new EventReader();
    reader.read(`510-["x",${PLACEHOLDER_TEXT}]`, MAX_BYTES);
    const attachments = Array.from({ length: 9 }, () => {
      const attachment = new ArrayBuffer(MIB);
      reader.read(attachment, MAX_BYTES);
      return new WeakRef(attachment);
    });
    // What a reference was made to in this turn stays to the end of it.
    await nextTurn();
    collectGarbage();
    expect(attachments.filter((attachment) => attachment.deref() !== undefined)).toEqual([]);
    expect(reader.read(bytes(1), MAX_BYTES)).toMatchObject({ packet: { attachments: 10 } });
  });

  test("an event too long to be the header of an envelope is told so when it is complete", () => {
    const reader = new EventReader();
    expect(reader.read(`51-7["x",{"data":${PLACEHOLDER_TEXT},"a":"${"x".repeat(4096)}"}]`, MAX_BYTES)).toBe("part");
    expect(reader.read(bytes(1), MAX_BYTES)).toMatchObject({
      packet: { kind: "event", id: 7, name: "", args: [], json: "" },
    });
  });

  test("an event just short enough is kept", () => {
    const reader = new EventReader();
    const json = `["x",{"data":${PLACEHOLDER_TEXT},"a":""}]`;
    const text = json.replace('""', `"${"x".repeat(4096 - json.length)}"`);
    reader.read(`51-${text}`, MAX_BYTES);
    expect(reader.read(bytes(1), MAX_BYTES)).toMatchObject({ packet: { name: "x", json: text } });
  });
});
