// The list of one user's streams: counted up to a limit, sure only where the stream said so, and who must be asked.
import { describe, expect, test } from "vitest";
import { OwnedStreams } from "../../../durable-objects/user/owned-streams.ts";
import { MemoryStorage } from "../../support/memory-storage.ts";

function listOf(maxStreams: number, ...owned: readonly string[]): OwnedStreams {
  const list = new OwnedStreams(new MemoryStorage(), maxStreams);
  for (const [index, streamId] of owned.entries()) {
    list.expect(streamId, index);
    list.settle(streamId, true, index);
  }
  return list;
}

function idsOf(list: OwnedStreams): readonly string[] {
  return list.list().map(({ streamId }) => streamId);
}

test("A new list is empty and knows nobody to ask", () => {
  const list = listOf(2);
  expect([list.list(), list.unsure(Infinity, 10)]).toEqual([[], []]);
});

const namesOf = (streams: readonly { streamId: string }[]): readonly string[] =>
  streams.map(({ streamId }) => streamId);

describe("a stream that is expected", () => {
  test("is not listed, since it may not come to be", () => {
    const list = listOf(2);
    expect([list.expect("cam", 5), list.list()]).toEqual([true, []]);
  });

  test("is listed with the time at which it was expected first, once it is known to be owned", () => {
    const list = listOf(2);
    list.expect("cam", 5);
    list.expect("cam", 6);
    list.settle("cam", true, 7);
    expect(list.list()).toEqual([{ streamId: "cam", createdAt: 5 }]);
  });

  test("is gone once it is known not to be owned", () => {
    const list = listOf(1);
    list.expect("cam", 5);
    list.settle("cam", false, 6);
    expect([list.list(), list.unsure(Infinity, 10), list.expect("other", 7)]).toEqual([[], [], true]);
  });

  test("is unsure again where it was sure, until its end is known", () => {
    const list = listOf(2, "cam");
    list.expect("cam", 9);
    expect([list.list(), namesOf(list.unsure(10, 10))]).toEqual([[], ["cam"]]);
    list.settle("cam", true, 10);
    expect([list.list(), list.unsure(Infinity, 10)]).toEqual([[{ streamId: "cam", createdAt: 0 }], []]);
  });
});

describe("room", () => {
  test("is there up to the limit, counting what is unsure", () => {
    const list = listOf(3, "a", "b");
    expect([list.expect("c", 5), list.expect("d", 5), list.expect("e", 5)]).toEqual([true, false, false]);
  });

  test("that is refused leaves nothing to ask about", () => {
    const list = listOf(1, "a");
    expect([list.expect("b", 5), list.unsure(Infinity, 10)]).toEqual([false, []]);
  });

  test("is always there for a stream that is listed, or it could not be deleted", () => {
    const list = listOf(2, "a", "b");
    expect([list.expect("a", 5), list.expect("b", 5)]).toEqual([true, true]);
  });

  test("is there again after a deletion", () => {
    const list = listOf(1, "a");
    list.expect("a", 5);
    list.settle("a", false, 6);
    expect(list.expect("b", 7)).toBe(true);
  });
});

test("A stream that a list never heard of is to be asked, by the word of its object", () => {
  const list = listOf(1);
  list.settle("cam", true, 5);
  expect([idsOf(list), namesOf(list.unsure(Infinity, 10))]).toEqual([[], ["cam"]]);
});

test("The end of a stream that is not listed changes nothing", () => {
  const list = listOf(2, "a");
  list.settle("other", false, 5);
  expect(idsOf(list)).toEqual(["a"]);
});

test("The list is oldest first, and by id where two are as old", () => {
  const list = listOf(9);
  for (const [streamId, atMs] of [
    ["c", 1],
    ["b", 2],
    ["a", 2],
    ["d", 0],
  ] as const) {
    list.expect(streamId, atMs);
    list.settle(streamId, true, 9);
  }
  expect(idsOf(list)).toEqual(["d", "c", "a", "b"]);
});

describe("those to be asked", () => {
  test("are unsure since before a time, not at it", () => {
    const list = listOf(9);
    list.expect("early", 4);
    list.expect("late", 5);
    expect([namesOf(list.unsure(5, 10)), namesOf(list.unsure(6, 10))]).toEqual([["early"], ["early", "late"]]);
  });

  test("are not those that were expected again meanwhile", () => {
    const list = listOf(9);
    list.expect("cam", 4);
    list.expect("cam", 8);
    expect(list.unsure(5, 10)).toEqual([]);
  });

  test("are so many at most", () => {
    const list = listOf(99);
    for (let index = 0; index < 40; index += 1) list.expect(`cam-${index}`, 1);
    expect(list.unsure(5, 32)).toHaveLength(32);
  });
});

test("The list outlives its object", () => {
  const storage = new MemoryStorage();
  const before = new OwnedStreams(storage, 2);
  before.expect("a", 1);
  before.settle("a", true, 1);
  before.expect("b", 2);
  const after = new OwnedStreams(storage, 2);
  expect([idsOf(after), namesOf(after.unsure(5, 10)), after.expect("c", 6)]).toEqual([["a"], ["b"], false]);
});

test("Who owns nothing and asks for his list stores nothing", () => {
  const storage = new MemoryStorage();
  const list = new OwnedStreams(storage, 1);
  expect([list.list(), list.unsure(Infinity, 10), storage.tables]).toEqual([[], [], []]);
});

describe("the answer of a stream that was asked", () => {
  const askedOf = (list: OwnedStreams) => list.unsure(100, 1)[0] ?? { streamId: "nobody was asked", sinceMs: 0 };

  test.each([
    [true, ["cam", "door"]],
    [false, ["door"]],
  ])("settles whether it is owned: %j", (isOwned, listed) => {
    const list = listOf(3, "door");
    list.expect("cam", 5);
    list.settleAsked(askedOf(list), isOwned, 200);
    expect([idsOf(list).toSorted(), list.unsure(Infinity, 10)]).toEqual([listed, []]);
  });

  test("says nothing where something was noted meanwhile", () => {
    const list = listOf(3);
    list.expect("cam", 5);
    const asked = askedOf(list);
    list.expect("cam", 150);
    list.settleAsked(asked, false, 200);
    expect(namesOf(list.unsure(Infinity, 10))).toEqual(["cam"]);
  });
});

test("A word that fits nothing makes a stream unsure, and it is asked", () => {
  const list = listOf(2, "cam");
  list.settle("cam", false, 7);
  expect([idsOf(list), list.unsure(8, 10)]).toEqual([[], [{ streamId: "cam", sinceMs: 7 }]]);
});
