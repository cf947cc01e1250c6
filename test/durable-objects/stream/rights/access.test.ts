// Who owns a stream: nothing is stored before the claim, and the claim outlives the object.
import { expect, test } from "vitest";
import { NO_ACCESS } from "../../../../auth/access-list.ts";
import { Access } from "../../../../durable-objects/stream/rights/access.ts";
import { MemoryStorage } from "../../../support/memory-storage.ts";

const CLAIM = { streamId: "cam-1", ownerId: "anna", epoch: "e1", createdAtMs: 1000 };

test("An unclaimed stream has no owner", () => {
  expect(new Access(new MemoryStorage(), "claim", 0).claim).toBeUndefined();
});

test("Looking at an unclaimed stream stores nothing", () => {
  const storage = new MemoryStorage();
  expect(new Access(storage, "claim", 0).claim).toBeUndefined();
  expect(storage.tables).toEqual([]);
});

test("Who takes it owns it at once", () => {
  const access = new Access(new MemoryStorage(), "claim", 0);
  access.takeOwnership(CLAIM);
  expect(access.claim).toEqual(CLAIM);
});

test("The facts of an unclaimed stream name it, and no owner", () => {
  expect(new Access(new MemoryStorage(), "claim", 0).factsOf("cam-1")).toEqual({
    policy: "claim",
    streamId: "cam-1",
    claimedBy: undefined,
  });
});

test("The facts of a claimed stream name its owner, at once and for the next object", () => {
  const storage = new MemoryStorage();
  const access = new Access(storage, "claim", 0);
  access.takeOwnership(CLAIM);
  const facts = [access, new Access(storage, "claim", 0)].map((one) => one.factsOf("cam-1"));
  expect(facts).toEqual(
    facts.map(() => ({ policy: "claim", streamId: "cam-1", claimedBy: "anna", epoch: CLAIM.epoch, access: NO_ACCESS })),
  );
});

test("A claim that cannot be stored leaves the stream unclaimed", () => {
  const storage = new MemoryStorage();
  new Access(storage, "claim", 0).takeOwnership(CLAIM);
  storage.sql.exec("DELETE FROM stream");
  storage.refuseClaims();
  const access = new Access(storage, "claim", 0);
  expect(() => access.takeOwnership(CLAIM)).toThrow("disk full");
  expect(access.claim).toBeUndefined();
});

test("The claim is read back by the next object on the same storage", () => {
  const storage = new MemoryStorage();
  new Access(storage, "claim", 0).takeOwnership(CLAIM);
  expect({ ...new Access(storage, "claim", 0).claim }).toEqual(CLAIM);
});

test("The time of the claim is stored", () => {
  const storage = new MemoryStorage();
  new Access(storage, "claim", 0).takeOwnership({ ...CLAIM, createdAtMs: 1234 });
  expect(storage.rows("SELECT created_at_ms, schema_version FROM stream")).toEqual([
    { created_at_ms: 1234, schema_version: 4 },
  ]);
});

test("A second claim throws and changes nothing", () => {
  const storage = new MemoryStorage();
  const access = new Access(storage, "claim", 0);
  access.takeOwnership(CLAIM);
  expect(() => access.takeOwnership({ ...CLAIM, ownerId: "bob", epoch: "e2" })).toThrow("UNIQUE");
  expect(access.claim).toEqual(CLAIM);
  expect(storage.rows("SELECT owner_id FROM stream")).toEqual([{ owner_id: "anna" }]);
});
