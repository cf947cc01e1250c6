// The log of durable messages: offsets without a gap, duplicates, conflicts, and what is read back.
import { expect, test } from "vitest";
import type { Sql, SqlValue } from "../../../../durable-objects/storage.ts";
import { AlertLog, type LogEntry } from "../../../../durable-objects/stream/alerts/alert-log.ts";
import { Access } from "../../../../durable-objects/stream/rights/access.ts";
import { MemoryStorage } from "../../../support/memory-storage.ts";

function start() {
  const storage = new MemoryStorage();
  new Access(storage, "claim", 0).takeOwnership({ streamId: "cam-1", ownerId: "anna", epoch: "e1", createdAtMs: 0 });
  return { storage, log: new AlertLog(storage) };
}

function entry(id: string, more: Partial<LogEntry> = {}): LogEntry {
  const fieldsText = '{"type":"alert"}';
  return { publisher: "anna", senderKind: "user", id, type: "alert", seq: 7, receivedAt: 1234, fieldsText, ...more };
}

/** A log that holds the ids a, b, c at the offsets 1, 2, 3. */
function three() {
  const { storage, log } = start();
  for (const id of ["a", "b", "c"]) log.append(entry(id));
  return { storage, log };
}

function idsAfter(log: AlertLog, offset: number): string[] {
  return Array.from(log.after(offset), ({ id }) => id);
}

test("An empty log has the head 0", () => {
  expect(start().log.head).toBe(0);
});

test("Each entry gets the offset after the one before", () => {
  const { log } = start();
  const offsets = ["a", "b", "c"].map((id) => log.append(entry(id)));
  expect(offsets).toEqual([1, 2, 3].map((offset) => ({ kind: "stored", offset })));
});

test("The head is the offset of the newest entry", () => {
  expect(three().log.head).toBe(3);
});

test("The same entry again is answered with its first offset", () => {
  expect(three().log.append(entry("b"))).toEqual({ kind: "duplicate", offset: 2 });
});

test("A duplicate is not stored again and takes no offset", () => {
  const { log } = three();
  log.append(entry("b"));
  expect(log.append(entry("d"))).toEqual({ kind: "stored", offset: 4 });
  expect(idsAfter(log, 0)).toEqual(["a", "b", "c", "d"]);
});

test("The same id with another body is a conflict", () => {
  const other = entry("b", { fieldsText: '{"type":"alert","severity":"high"}' });
  expect(three().log.append(other)).toEqual({ kind: "conflict" });
});

test("A conflict changes nothing", () => {
  const { log } = three();
  const before = [...log.after(0)];
  log.append(entry("b", { fieldsText: '{"type":"alert","severity":"high"}' }));
  expect([...log.after(0)]).toEqual(before);
});

test("Another publisher may use the same id for something else", () => {
  const other = entry("b", { publisher: "svc:MODEL", senderKind: "service", fieldsText: '{"type":"alert","x":1}' });
  expect(three().log.append(other)).toEqual({ kind: "stored", offset: 4 });
});

test("A throw while storing leaves the head unchanged", () => {
  const { storage, log } = three();
  storage.refuseAlerts();
  expect(() => log.append(entry("d"))).toThrow("disk full");
  expect(log.head).toBe(3);
});

test("After a throw the next entry leaves no gap", () => {
  const { storage, log } = three();
  storage.refuseAlerts();
  expect(() => log.append(entry("d"))).toThrow("disk full");
  storage.acceptAlerts();
  expect(log.append(entry("d"))).toEqual({ kind: "stored", offset: 4 });
});

test.each([
  [0, ["a", "b", "c"]],
  [1, ["b", "c"]],
  [2, ["c"]],
  [3, []],
  [4, []],
])("After the offset %i the log reads on with %j", (offset, expected) => {
  expect(idsAfter(three().log, offset)).toEqual(expected);
});

test("Entries are read only as they are asked for", () => {
  const { storage } = three();
  let read = 0;
  const sql: Sql = {
    exec: <Row extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]) =>
      Iterator.from(storage.sql.exec<Row>(query, ...bindings)).map((row) => {
        read += 1;
        return row;
      }),
  };
  const log = new AlertLog({ sql, transactionSync: (work) => work() });
  const [first] = log.after(0);
  expect(first?.id).toBe("a");
  expect(read).toBe(1);
});

test("An entry is read back as it was stored", () => {
  const { log } = start();
  const stored = entry("a", {
    publisher: "svc:MODEL",
    senderKind: "service",
    type: "order",
    seq: 10_001,
    receivedAt: 1_800_000_000_000,
    fieldsText: '{"type":"order","text":"a \\"quote\\" and ünïcode 🎥"}',
  });
  log.append(stored);
  expect([...log.after(0)]).toEqual([{ ...stored, offset: 1 }]);
});

test("The log goes on where it was after a restart on the same storage", () => {
  const { storage } = three();
  const log = new AlertLog(storage);
  expect(log.append(entry("a"))).toEqual({ kind: "duplicate", offset: 1 });
  expect(log.append(entry("d"))).toEqual({ kind: "stored", offset: 4 });
});
