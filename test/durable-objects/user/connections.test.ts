// The list of one user's connections: counted up to a limit, kept by session and age, and forgotten by word of a stream.
import { describe, expect, test } from "vitest";
import { Connections, type CountedPlace } from "../../../durable-objects/user/connections.ts";
import { MemoryStorage } from "../../support/memory-storage.ts";

const at = (streamId: string): CountedPlace => ({ kind: "stream", streamId });
const EDGE: CountedPlace = { kind: "edge", forMs: 1000 };

function listOf(max: number, storage = new MemoryStorage(), unlisted = 0): Connections {
  return new Connections(storage, max, () => unlisted);
}

const idsOf = (list: Connections): readonly string[] => list.placed.map(({ connectionId }) => connectionId);

describe("room", () => {
  test("is there up to the limit", () => {
    const list = listOf(2);
    expect(["a", "b", "c"].map((id) => list.note(id, "s", at("cam"), 1))).toEqual([true, true, false]);
    expect(idsOf(list)).toEqual(["a", "b"]);
  });

  test("is always there for a connection that is known, wherever it comes to", () => {
    const list = listOf(1);
    list.note("a", "s", at("cam"), 1);
    expect([list.note("a", "s", at("door"), 2), list.placed]).toMatchObject([true, [{ streamId: "door" }]]);
  });

  test("is taken by a socket that has no stream yet", () => {
    const list = listOf(1);
    expect([list.note("a", "s", EDGE, 1), list.note("b", "s", at("cam"), 2)]).toEqual([true, false]);
  });

  test("is taken by those that need no row, and a connection that is known has its place all the same", () => {
    const list = listOf(2, new MemoryStorage(), 1);
    expect(["a", "b", "a"].map((id) => list.note(id, "s", at("cam"), 1))).toEqual([true, false, true]);
  });

  test("is free again when the time of such a socket is over, not before", () => {
    const list = listOf(1);
    list.note("a", "s", EDGE, 1);
    expect([list.note("b", "s", at("cam"), 1000), list.note("b", "s", at("cam"), 1001)]).toEqual([false, true]);
  });

  test("is free again when such a socket is released", () => {
    const list = listOf(1);
    list.note("a", "s", EDGE, 1);
    list.release("a");
    expect(list.note("b", "s", at("cam"), 2)).toBe(true);
  });

  test("stays taken for good once such a socket has come to a stream, released or not", () => {
    const list = listOf(1);
    list.note("a", "s", EDGE, 1);
    list.note("a", "s", at("cam"), 2);
    list.release("a");
    expect(list.note("b", "s", at("cam"), 9_999_999)).toBe(false);
  });

  test("is free again where a stream says that a connection is gone", () => {
    const list = listOf(1);
    list.note("a", "s", at("cam"), 1);
    for (const one of list.placed) list.forget(one);
    expect(list.note("b", "s", at("cam"), 2)).toBe(true);
  });

  test.each([5, 9, 3])("stays taken where what a stream says is older than what was noted since, at %i", (againMs) => {
    const list = listOf(1);
    list.note("a", "s", at("cam"), 5);
    const [asked] = list.placed;
    list.note("a", "s", at("cam"), againMs);
    if (asked !== undefined) list.forget(asked);
    expect(idsOf(list)).toEqual(["a"]);
  });
});

describe("the oldest of a session", () => {
  test("is the one that came first, by whatever order of ids", () => {
    const list = listOf(9);
    for (const [id, ms] of [
      ["b", 2],
      ["c", 1],
      ["a", 3],
    ] as const) {
      list.note(id, "s", at("cam"), ms);
    }
    expect(list.oldestOf("s")).toMatchObject({ connectionId: "c", streamId: "cam" });
  });

  test("stays the oldest when it is noted anew", () => {
    const list = listOf(9);
    list.note("a", "s", at("cam"), 1);
    list.note("b", "s", at("cam"), 2);
    list.note("a", "s", at("cam"), 3);
    expect(list.oldestOf("s")).toMatchObject({ connectionId: "a" });
  });

  test("is of no other session", () => {
    const list = listOf(9);
    list.note("a", "s", at("cam"), 1);
    expect(list.oldestOf("other")).toBeUndefined();
  });

  test("goes with the session that a connection shows at last", () => {
    const list = listOf(9);
    list.note("a", "s", at("cam"), 1);
    list.note("a", "newer", at("cam"), 2);
    expect([list.oldestOf("s"), list.oldestOf("newer")]).toMatchObject([undefined, { connectionId: "a" }]);
  });

  test("is no socket that the Worker holds, since nobody can reach it there", () => {
    const list = listOf(9);
    list.note("a", "s", EDGE, 1);
    expect([list.oldestOf("s"), list.placed]).toEqual([undefined, []]);
  });
});

test("The list outlives its object", () => {
  const storage = new MemoryStorage();
  listOf(1, storage).note("a", "s", at("cam"), 1);
  const after = listOf(1, storage);
  expect([after.note("b", "s", at("cam"), 2), idsOf(after)]).toEqual([false, ["a"]]);
});

test("Who never connects stores nothing", () => {
  const storage = new MemoryStorage();
  const list = listOf(1, storage);
  list.release("a");
  expect([list.placed, list.oldestOf("s"), storage.tables]).toEqual([[], undefined, []]);
});

test("A connection costs one row when it comes, and one when its socket was held before", () => {
  const storage = new MemoryStorage();
  const list = listOf(9, storage);
  list.note("a", "s", at("cam"), 1);
  const after = storage.rowsWritten;
  list.note("b", "s", at("cam"), 2);
  list.note("b", "s", at("door"), 3);
  expect([after, storage.rowsWritten - after]).toEqual([1, 2]);
});

test("What is said of a connection says nothing of it once it was noted anew, be it in the same millisecond or by a clock that stepped back", () => {
  for (const againMs of [5, 4]) {
    const list = listOf(2);
    list.note("a", "s", at("cam"), 5);
    const [before] = list.placed;
    list.note("a", "s", at("door"), againMs);
    if (before !== undefined) list.forget(before);
    expect(list.placed).toMatchObject([{ connectionId: "a", streamId: "door" }]);
  }
});

test("Connections are kept over a restart", () => {
  const storage = new MemoryStorage();
  listOf(1, storage).note("a", "s", at("cam"), 1);
  expect(idsOf(listOf(1, storage))).toEqual(["a"]);
});
