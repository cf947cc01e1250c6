// Sequence numbers: strictly rising over restarts, with one write for a block of them.
import { expect, test } from "vitest";
import { Sequence } from "../../../../durable-objects/stream/delivery/sequence.ts";
import { Access } from "../../../../durable-objects/stream/rights/access.ts";
import { MemoryStorage } from "../../../support/memory-storage.ts";

const BLOCK = 10_000;

function claimed(): MemoryStorage {
  const storage = new MemoryStorage();
  new Access(storage, "claim", 0).takeOwnership({ streamId: "cam-1", ownerId: "anna", epoch: "e1", createdAtMs: 0 });
  return storage;
}

function take(sequence: Sequence, count: number): number[] {
  return Array.from({ length: count }, () => sequence.next());
}

function reserved(storage: MemoryStorage): unknown {
  return storage.rows("SELECT seq_reserved AS reserved FROM stream")[0]?.["reserved"];
}

test("The first numbers of a stream are 1, 2, 3", () => {
  expect(take(new Sequence(claimed().sql), 3)).toEqual([1, 2, 3]);
});

test("Numbers rise by one across the end of a block", () => {
  const numbers = take(new Sequence(claimed().sql), 2 * BLOCK + 5);
  expect(numbers).toEqual(Array.from({ length: 2 * BLOCK + 5 }, (_, index) => index + 1));
});

test("A restart on the same storage starts above all that was given before", () => {
  const { sql } = claimed();
  const last = take(new Sequence(sql), 42).at(-1);
  expect(new Sequence(sql).next()).toBeGreaterThan(Number(last));
});

test("A restart at the very end of a block gives no number twice", () => {
  const { sql } = claimed();
  take(new Sequence(sql), BLOCK);
  expect(new Sequence(sql).next()).toBe(BLOCK + 1);
});

test("A restart skips at most one block", () => {
  const { sql } = claimed();
  new Sequence(sql).next();
  expect(new Sequence(sql).next()).toBe(BLOCK + 1);
});

test("A whole block costs one write, and only when its first number is asked for", () => {
  const storage = claimed();
  const sequence = new Sequence(storage.sql);
  expect(reserved(storage)).toBe(0);
  take(sequence, BLOCK);
  expect(reserved(storage)).toBe(BLOCK);
  sequence.next();
  expect(reserved(storage)).toBe(2 * BLOCK);
});
