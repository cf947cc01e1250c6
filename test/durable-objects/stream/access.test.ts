// Who owns a stream: nothing is stored before the claim, and the claim outlives the object.
import { expect, test } from "vitest";
import { NO_ACCESS } from "../../../auth/access-list.ts";
import { Access } from "../../../durable-objects/stream/access.ts";
import { MemoryStorage } from "../../support/memory-storage.ts";

const CLAIM = { streamId: "cam-1", ownerId: "anna", epoch: "e1" };

test("An unclaimed stream has no owner", () => {
  expect(new Access(new MemoryStorage()).claim).toBeUndefined();
});

test("Looking at an unclaimed stream stores nothing", () => {
  const storage = new MemoryStorage();
  expect(new Access(storage).claim).toBeUndefined();
  expect(storage.tables).toEqual([]);
});

test("Who takes it owns it at once", () => {
  const access = new Access(new MemoryStorage());
  access.takeOwnership(CLAIM, 1000);
  expect(access.claim).toEqual(CLAIM);
});

test("The facts of an unclaimed stream name it, and no owner", () => {
  expect(new Access(new MemoryStorage()).factsOf("cam-1")).toEqual({ streamId: "cam-1", ownerId: undefined });
});

test("The facts of a claimed stream name its owner, at once and for the next object", () => {
  const storage = new MemoryStorage();
  const access = new Access(storage);
  access.takeOwnership(CLAIM, 1000);
  const facts = [access, new Access(storage)].map((one) => one.factsOf("cam-1"));
  expect(facts).toEqual(facts.map(() => ({ streamId: "cam-1", ownerId: "anna", access: NO_ACCESS })));
});

test("A claim that cannot be stored leaves the stream unclaimed", () => {
  const storage = new MemoryStorage();
  new Access(storage).takeOwnership(CLAIM, 1000);
  storage.sql.exec("DELETE FROM stream");
  storage.refuseClaims();
  const access = new Access(storage);
  expect(() => access.takeOwnership(CLAIM, 2000)).toThrow("disk full");
  expect(access.claim).toBeUndefined();
});

test("The claim is read back by the next object on the same storage", () => {
  const storage = new MemoryStorage();
  new Access(storage).takeOwnership(CLAIM, 1000);
  expect({ ...new Access(storage).claim }).toEqual(CLAIM);
});

test("The time of the claim is stored", () => {
  const storage = new MemoryStorage();
  new Access(storage).takeOwnership(CLAIM, 1234);
  expect(storage.rows("SELECT created_at_ms, schema_version FROM stream")).toEqual([
    { created_at_ms: 1234, schema_version: 1 },
  ]);
});

test("A second claim throws and changes nothing", () => {
  const storage = new MemoryStorage();
  const access = new Access(storage);
  access.takeOwnership(CLAIM, 1000);
  expect(() => access.takeOwnership({ ...CLAIM, ownerId: "bob", epoch: "e2" }, 2000)).toThrow("UNIQUE");
  expect(access.claim).toEqual(CLAIM);
  expect(storage.rows("SELECT owner_id FROM stream")).toEqual([{ owner_id: "anna" }]);
});
