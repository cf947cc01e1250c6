// What of one user is revoked: by session or all, up to a second, and until no credential can be around any more.
import { describe, expect, test } from "vitest";
import { Revocations } from "../../../durable-objects/user/revocations.ts";
import { MemoryStorage } from "../../support/memory-storage.ts";

const KEPT_MS = 100_000;
const NOW_MS = 1_000_000;
const NOW_S = 1000;

function listOf(storage = new MemoryStorage()): Revocations {
  return new Revocations(storage, KEPT_MS);
}

function add(list: Revocations, sessionId: string | undefined, issuedBeforeS = NOW_S, nowMs = NOW_MS): void {
  list.add({ userId: "anna", sessionId, issuedBeforeS }, nowMs);
}

const sessionOf = (sessionId: string) => ({ userId: "anna", sessionId });
const has = (list: Revocations, sessionId: string, issuedAtS: number): boolean =>
  list.hasRevoked({ ...sessionOf(sessionId), issuedAtS });

describe("a session that is revoked", () => {
  test("is, up to the second that was said", () => {
    const list = listOf();
    add(list, "s-1");
    expect([has(list, "s-1", NOW_S), has(list, "s-1", NOW_S + 1), has(list, "s-2", NOW_S)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("stays revoked up to the latest that was ever said", () => {
    const list = listOf();
    add(list, "s-1", NOW_S + 5);
    add(list, "s-1", NOW_S);
    expect(list.listOf(sessionOf("s-1"))).toEqual([{ userId: "anna", sessionId: "s-1", issuedBeforeS: NOW_S + 5 }]);
  });

  test("is revoked up to later, and for longer, where that is said later", () => {
    const list = listOf();
    add(list, "s-1");
    add(list, "s-1", NOW_S + 5, NOW_MS + 5000);
    expect(has(list, "s-1", NOW_S + 5)).toBe(true);
    list.forgetOver(NOW_MS + 5000 + KEPT_MS - 1);
    expect(has(list, "s-1", NOW_S + 5)).toBe(true);
  });

  test("that can be forgotten first says when", () => {
    const list = listOf();
    for (const laterS of [10, 0, 20]) add(list, `s-${laterS}`, NOW_S, NOW_MS + laterS * 1000);
    expect(list.nextEndMs).toBe(NOW_MS + KEPT_MS);
  });

  test("is no entry of its own where all are revoked up to as late", () => {
    const storage = new MemoryStorage();
    const list = listOf(storage);
    add(list, "early", NOW_S);
    add(list, "late", NOW_S + 1);
    add(list, undefined, NOW_S);
    expect(storage.rows("SELECT session_id AS id FROM revocations").map(({ id }) => id)).toEqual(["", "late"]);
  });

  test("is told with what holds for all, and without the thousands that ended before", () => {
    const list = listOf();
    for (let session = 0; session < 5000; session += 1) add(list, `s-${session}`);
    add(list, undefined, NOW_S - 1);
    expect(list.listOf(sessionOf("s-7"))).toEqual([
      { userId: "anna", sessionId: undefined, issuedBeforeS: NOW_S - 1 },
      { userId: "anna", sessionId: "s-7", issuedBeforeS: NOW_S },
    ]);
  });
});

describe("an entry", () => {
  test("is forgotten when nothing can be around that it ends, not before", () => {
    const list = listOf();
    add(list, "s-1");
    list.forgetOver(NOW_MS + KEPT_MS - 1);
    expect([list.nextEndMs, has(list, "s-1", NOW_S)]).toEqual([NOW_MS + KEPT_MS, true]);
    list.forgetOver(NOW_MS + KEPT_MS);
    expect([list.nextEndMs, has(list, "s-1", NOW_S)]).toEqual([undefined, false]);
  });

  test("of what is vouched for a moment ahead is kept as much longer", () => {
    const list = listOf();
    add(list, "s-1", NOW_S + 60);
    expect(list.nextEndMs).toBe(NOW_MS + 60_000 + KEPT_MS);
  });

  test("is kept as long as its latest word", () => {
    const list = listOf();
    add(list, "s-1", NOW_S, NOW_MS + 5000);
    add(list, "s-1", NOW_S, NOW_MS);
    expect(list.nextEndMs).toBe(NOW_MS + 5000 + KEPT_MS);
  });

  test("outlives its object", () => {
    const storage = new MemoryStorage();
    add(listOf(storage), undefined);
    expect(has(listOf(storage), "any", NOW_S)).toBe(true);
  });
});

test("Who is never revoked stores nothing", () => {
  const storage = new MemoryStorage();
  const list = listOf(storage);
  list.forgetOver(Infinity);
  expect([list.listOf(sessionOf("s")), list.nextEndMs, has(list, "s", 0), storage.tables]).toEqual([
    [],
    undefined,
    false,
    [],
  ]);
});
