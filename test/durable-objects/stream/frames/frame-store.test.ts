// Frames on disk, in parts: what was written is read, whatever its size, and nothing of another life of the stream.
import { describe, expect, test } from "vitest";
import { FrameStore } from "../../../../durable-objects/stream/frames/frame-store.ts";
import { Access } from "../../../../durable-objects/stream/rights/access.ts";
import { MemoryStorage } from "../../../support/memory-storage.ts";

const PART_BYTES = 1_048_576;
const TYPE = "video-frame";
const TEXT = '{"type":"video-frame","note":"ü🎥"}';

function start() {
  const storage = new MemoryStorage();
  new Access(storage, "claim", 0).takeOwnership({ streamId: "cam-1", ownerId: "anna", epoch: "e1", createdAtMs: 0 });
  return { storage, store: new FrameStore(storage) };
}

function payload(bytes: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: bytes }, (_, index) => index % 251);
}

function partsOf(storage: MemoryStorage, kind: string): readonly unknown[] {
  const rows = storage.rows("SELECT length(bytes) AS bytes FROM frames WHERE kind = ? ORDER BY part", kind);
  return rows.map(({ bytes }) => bytes);
}

test("Where nothing was written there is nothing", () => {
  expect(start().store.read(TYPE, "e1")).toBeUndefined();
});

test("A text is read as it was written, and is no payload", () => {
  const { store } = start();
  store.write(TYPE, "e1", { text: TEXT, payload: undefined });
  expect(store.read(TYPE, "e1")).toEqual({ text: TEXT, payload: undefined });
});

test.each([0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 7])(
  "A payload of %i bytes is read as it was written",
  (bytes) => {
    const { store } = start();
    store.write(TYPE, "e1", { text: TEXT, payload: payload(bytes) });
    const stored = store.read(TYPE, "e1");
    expect(stored?.text).toBe(TEXT);
    expect(Buffer.compare(stored?.payload ?? Buffer.of(1, 2), payload(bytes))).toBe(0);
  },
);

test("No row is larger than the platform allows, and none is empty behind a full one", () => {
  const { storage, store } = start();
  store.write(TYPE, "e1", { text: TEXT, payload: payload(2 * PART_BYTES) });
  expect(partsOf(storage, "payload")).toEqual([PART_BYTES, PART_BYTES]);
});

test("A text is cut between bytes, and its letters survive that", () => {
  const { storage, store } = start();
  const text = `{"note":"${"ü🎥".repeat(PART_BYTES / 4)}"}`;
  store.write(TYPE, "e1", { text, payload: undefined });
  expect(partsOf(storage, "text").length).toBeGreaterThan(1);
  expect(store.read(TYPE, "e1")?.text === text).toBe(true);
});

test("A payload that is a view of a larger message is stored without the rest of it", () => {
  const { storage, store } = start();
  store.write(TYPE, "e1", { text: TEXT, payload: Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 3) });
  expect(store.read(TYPE, "e1")?.payload).toEqual(Uint8Array.of(2, 3));
  expect(partsOf(storage, "payload")).toEqual([2]);
});

describe("the next one", () => {
  test("Replaces the one before, with all its parts", () => {
    const { storage, store } = start();
    store.write(TYPE, "e1", { text: TEXT, payload: payload(3 * PART_BYTES) });
    store.write(TYPE, "e1", { text: TEXT, payload: Uint8Array.of(7) });
    expect(store.read(TYPE, "e1")?.payload).toEqual(Uint8Array.of(7));
    expect(partsOf(storage, "payload")).toEqual([1]);
  });

  test("Takes the payload away where it has none", () => {
    const { store } = start();
    store.write(TYPE, "e1", { text: TEXT, payload: Uint8Array.of(7) });
    store.write(TYPE, "e1", { text: TEXT, payload: undefined });
    expect(store.read(TYPE, "e1")?.payload).toBeUndefined();
  });

  test("Of another type changes nothing of this one", () => {
    const { store } = start();
    store.write(TYPE, "e1", { text: TEXT, payload: Uint8Array.of(7) });
    store.write("audio-frame", "e1", { text: "{}", payload: undefined });
    expect(store.read(TYPE, "e1")).toEqual({ text: TEXT, payload: Uint8Array.of(7) });
    expect(store.read("audio-frame", "e1")?.text).toBe("{}");
  });

  test("That cannot be stored leaves the one before as it is", () => {
    const { storage, store } = start();
    store.write(TYPE, "e1", { text: TEXT, payload: Uint8Array.of(7) });
    storage.sql.exec(
      `CREATE TRIGGER full BEFORE INSERT ON frames WHEN NEW.kind = 'payload'
       BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    );
    expect(() => store.write(TYPE, "e1", { text: "{}", payload: Uint8Array.of(8) })).toThrow("disk full");
    expect(store.read(TYPE, "e1")).toEqual({ text: TEXT, payload: Uint8Array.of(7) });
  });
});

describe("another life of the stream", () => {
  test("Sees nothing of this one", () => {
    const { store } = start();
    store.write(TYPE, "e1", { text: TEXT, payload: Uint8Array.of(7) });
    expect(store.read(TYPE, "e2")).toBeUndefined();
  });

  test("Does not see its payload beside a text of its own", () => {
    const { storage, store } = start();
    store.write(TYPE, "e1", { text: TEXT, payload: Uint8Array.of(7) });
    storage.sql.exec("UPDATE frames SET epoch = 'e2' WHERE kind = 'text'");
    expect(store.read(TYPE, "e2")).toEqual({ text: TEXT, payload: undefined });
  });

  test("Writes over what it left", () => {
    const { storage, store } = start();
    store.write(TYPE, "e1", { text: TEXT, payload: payload(2 * PART_BYTES) });
    store.write(TYPE, "e2", { text: "{}", payload: undefined });
    expect(store.read(TYPE, "e2")).toEqual({ text: "{}", payload: undefined });
    expect(storage.rows("SELECT DISTINCT epoch FROM frames")).toEqual([{ epoch: "e2" }]);
  });
});
