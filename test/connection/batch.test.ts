// Several messages in one text: gathered in order, sent once, never more than a receiver takes.
import { expect, test } from "vitest";
import { Batch } from "../../connection/batch.ts";

test("What was gathered leaves as lines of one text, in order, and once", () => {
  const batch = new Batch();
  for (const text of ['{"a":1}', '{"b":2}']) batch.add(text, text.length);
  expect([batch.take(), batch.take()]).toEqual([{ text: '{"a":1}\n{"b":2}', bytes: 16 }, undefined]);
});

test("Its bytes are those of its messages and of what stands between them", () => {
  const batch = new Batch();
  batch.add("{}", 2);
  batch.add("{}", 2);
  expect(batch.bytes).toBe(6);
  batch.take();
  expect(batch.bytes).toBe(0);
});

test("It is full with as many messages as one text may hold", () => {
  const batch = new Batch();
  for (let count = 0; count < 255; count += 1) batch.add("{}", 2);
  expect(batch.isFull).toBe(false);
  batch.add("{}", 2);
  expect(batch.isFull).toBe(true);
});

test("What is as large as a send costs waits for no more", () => {
  const batch = new Batch();
  batch.add("x".repeat(60_000), 60_000);
  expect(batch.isFull).toBe(false);
  batch.add("x".repeat(10_000), 10_000);
  expect(batch.isFull).toBe(true);
  batch.take();
  expect(batch.isFull).toBe(false);
});
