// Whether a map stays within its bound, and what it forgets then.
import { expect, test } from "vitest";
import { BoundedMap } from "../../auth/bounded-map.ts";

function filled(): BoundedMap<string, number> {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  return map;
}

test("a map that is full keeps all it has", () => {
  const map = filled();
  expect([map.get("a"), map.get("b")]).toEqual([1, 2]);
});

test("one entry more makes it forget what was set longest ago", () => {
  const map = filled();
  map.set("c", 3);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([undefined, 2, 3]);
});

test("what is set anew is young again, and takes no second place", () => {
  const map = filled();
  map.set("a", 10);
  map.set("c", 3);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([10, undefined, 3]);
});

test("looking at an entry does not make it younger", () => {
  const map = filled();
  map.get("a");
  map.set("c", 3);
  expect(map.get("a")).toBeUndefined();
});

test("a place that was given up is free", () => {
  const map = filled();
  map.delete("b");
  map.set("c", 3);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([1, undefined, 3]);
});
