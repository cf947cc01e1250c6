// Tables of the release before are brought forward, and that release can go on with what this one leaves behind.
import { describe, expect, test } from "vitest";
import { NO_ACCESS } from "../../../auth/access-list.ts";
import { FrameStore } from "../../../durable-objects/stream/frames/frame-store.ts";
import { Access } from "../../../durable-objects/stream/rights/access.ts";
import { FakeStream, STREAM_ID } from "../../support/fake-stream.ts";
import { FirstRelease } from "../../support/first-release.ts";
import { MemoryStorage } from "../../support/memory-storage.ts";

const DAY_MS = 86_400_000;
const NOW_MS = 1_800_000_000_000;

/** A stream as the release before made it. */
function madeBefore(ownerId = "anna") {
  const storage = new MemoryStorage();
  const before = new FirstRelease(storage);
  before.claim({ streamId: STREAM_ID, ownerId, epoch: "e1", createdAtMs: 1000 });
  before.replaceList({ ...NO_ACCESS, readers: ["bob"] });
  before.append("anna", "alert-1");
  return storage;
}

function wake(storage: MemoryStorage, nowMs = NOW_MS): Access {
  return new Access(storage, "claim", nowMs);
}

function columnsOf(storage: MemoryStorage, table: string): readonly unknown[] {
  return storage.rows(`SELECT name FROM pragma_table_info('${table}') ORDER BY name`).map(({ name }) => name);
}

describe("a stream of version 1", () => {
  test("keeps its owner, its access list and its alerts", () => {
    const storage = madeBefore();
    const access = wake(storage);
    expect(access.claim).toEqual({ streamId: STREAM_ID, ownerId: "anna", epoch: "e1", createdAtMs: 1000 });
    expect([access.list, access.version]).toEqual([{ ...NO_ACCESS, readers: ["bob"] }, 2]);
    expect(storage.rows("SELECT offset, id FROM alerts")).toEqual([{ offset: 1, id: "alert-1" }]);
  });

  test("counts as used when it was first woken, so that it does not lapse at once", () => {
    const storage = madeBefore();
    expect([wake(storage).usedAtMs, wake(storage, NOW_MS + 5000).usedAtMs]).toEqual([NOW_MS, NOW_MS]);
    expect(storage.rows("SELECT schema_version, used_at_ms FROM stream")).toEqual([
      { schema_version: 4, used_at_ms: NOW_MS },
    ]);
  });

  test("has the tables that a new stream has", () => {
    const [old, fresh] = [madeBefore(), new MemoryStorage()];
    wake(old);
    wake(fresh).takeOwnership({ streamId: STREAM_ID, ownerId: "anna", epoch: "e1", createdAtMs: 1000 });
    expect(new Set(old.tables)).toEqual(new Set(fresh.tables));
    for (const table of ["stream", "alerts", "frames", "alert_cursors", "tickets"])
      expect(columnsOf(old, table)).toEqual(columnsOf(fresh, table));
  });

  test("takes frames, uses and a deletion", () => {
    const storage = madeBefore();
    const access = wake(storage);
    const frames = new FrameStore(storage);
    frames.write("video-frame", "e1", { text: "{}", payload: undefined });
    access.noteUse(NOW_MS + DAY_MS);
    expect([frames.read("video-frame", "e1")?.text, wake(storage).usedAtMs]).toEqual(["{}", NOW_MS + DAY_MS]);
    access.erase();
    expect(storage.tables).toEqual([]);
  });

  test("whose migration fails half-way stays of version 1 and is migrated the next time", () => {
    const storage = madeBefore();
    storage.sql.exec("CREATE TRIGGER full BEFORE UPDATE ON stream BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    expect(() => wake(storage)).toThrow("disk full");
    expect([columnsOf(storage, "stream").includes("used_at_ms"), storage.tables]).toEqual([
      false,
      ["stream", "alerts"],
    ]);
    storage.sql.exec("DROP TRIGGER full");
    expect(wake(storage).usedAtMs).toBe(NOW_MS);
  });
});

describe("a stream of version 2", () => {
  /** As this release made it, without what that one did not know. */
  function madeBefore2() {
    const storage = new MemoryStorage();
    wake(storage, 5).takeOwnership({ streamId: STREAM_ID, ownerId: "anna", epoch: "e1", createdAtMs: 5 });
    new FrameStore(storage).write("video-frame", "e1", { text: "{}", payload: undefined });
    storage.sql.exec("UPDATE stream SET schema_version = 2");
    return storage;
  }

  test("keeps what it holds, its last use too, and gets the tables of a new one", () => {
    const storage = madeBefore2();
    storage.sql.exec("DROP TABLE alert_cursors");
    expect(wake(storage).usedAtMs).toBe(5);
    expect(new FrameStore(storage).read("video-frame", "e1")?.text).toBe("{}");
    expect(storage.rows("SELECT schema_version FROM stream")).toEqual([{ schema_version: 4 }]);
    expect(columnsOf(storage, "alert_cursors")).toEqual(["binding", "failures", "offset", "retry_at_ms"]);
  });

  test("that took the place of one which this release made has no cursor of the one before", () => {
    const storage = madeBefore2();
    storage.sql.exec("INSERT INTO alert_cursors VALUES ('PUSH', 900, 0, 0)");
    wake(storage);
    expect(storage.rows("SELECT * FROM alert_cursors")).toEqual([]);
  });
});

describe("a stream of version 3", () => {
  function madeBefore3() {
    const storage = new MemoryStorage();
    wake(storage, 5).takeOwnership({ streamId: STREAM_ID, ownerId: "anna", epoch: "e1", createdAtMs: 5 });
    storage.sql.exec("INSERT INTO alert_cursors VALUES ('PUSH', 900, 0, 0)");
    storage.sql.exec("UPDATE stream SET schema_version = 3");
    return storage;
  }

  test("gets the table of tickets, and its sinks of alerts go on where they were", () => {
    const storage = madeBefore3();
    storage.sql.exec("DROP TABLE tickets");
    wake(storage);
    expect(columnsOf(storage, "tickets")).toEqual(["expires_at_ms", "ticket_id", "uses_left"]);
    expect(storage.rows("SELECT binding, offset FROM alert_cursors")).toEqual([{ binding: "PUSH", offset: 900 }]);
    expect(storage.rows("SELECT schema_version FROM stream")).toEqual([{ schema_version: 4 }]);
  });

  test("that took the place of one which this release made has no ticket of the one before", () => {
    const storage = madeBefore3();
    storage.sql.exec("INSERT INTO tickets VALUES ('t', 1, 9)");
    wake(storage);
    expect(storage.rows("SELECT * FROM tickets")).toEqual([]);
  });
});

test("Tables of this release are left as they are", () => {
  const storage = new MemoryStorage();
  wake(storage, 5).takeOwnership({ streamId: STREAM_ID, ownerId: "anna", epoch: "e1", createdAtMs: 5 });
  const before = storage.rows("SELECT * FROM stream");
  wake(storage);
  expect(storage.rows("SELECT * FROM stream")).toEqual(before);
});

describe("after a roll-back the release before", () => {
  /** A stream of this release with an alert and a frame, as the release before finds it. */
  function rolledBack() {
    const fake = new FakeStream();
    const owner = fake.owner();
    owner.send({ type: "alert", id: "alert-1" });
    owner.send({ type: "video-frame", secret: true });
    for (let look = 0; look < 2; look += 1) {
      fake.nowMs += 5000;
      fake.stream.sweep();
    }
    owner.leave();
    expect(fake.storage.rows("SELECT count(*) AS frames FROM frames")).toEqual([{ frames: 1 }]);
    return { fake, before: new FirstRelease(fake.storage) };
  }

  test("knows the owner and the list, and changes and stores as ever", () => {
    const { fake, before } = rolledBack();
    expect(before.claimed).toMatchObject({ streamId: STREAM_ID, ownerId: "anna", version: 1 });
    before.replaceList({ ...NO_ACCESS, public: true });
    before.append("anna", "alert-2");
    fake.sleepAndWake();
    expect(fake.member("bob", { consumes: ["*"] }).socket.closedWith).toBeUndefined();
    expect(fake.storage.rows("SELECT offset, id FROM alerts")).toEqual([
      { offset: 1, id: "alert-1" },
      { offset: 2, id: "alert-2" },
    ]);
  });

  test("deletes it, and the next owner, forward again, sees no frame of the one before", () => {
    const { fake, before } = rolledBack();
    before.erase();
    before.claim({ streamId: STREAM_ID, ownerId: "bob", epoch: "e2", createdAtMs: fake.nowMs });
    fake.sleepAndWake();
    const bob = fake.member("bob", { consumes: ["*"], latest: true });
    expect(bob.socket.sent).toEqual([]);
    expect(
      fake.stream.requesting.readFrame({ kind: "user", userId: "bob", sessionId: "s" }, STREAM_ID, undefined),
    ).toMatchObject({ code: "NOT_FOUND" });
  });

  test("deletes it, and forward again it can be claimed", () => {
    const { fake, before } = rolledBack();
    before.erase();
    fake.sleepAndWake();
    const bob = fake.owner({ produces: ["*"], consumes: ["*"], latest: true }, "bob");
    expect(bob.socket.sent).toEqual([]);
    expect(fake.storage.rows("SELECT owner_id, schema_version FROM stream")).toEqual([
      { owner_id: "bob", schema_version: 4 },
    ]);
  });

  test("makes a stream, which is brought forward in its turn", () => {
    const { fake, before } = rolledBack();
    before.erase();
    before.claim({ streamId: STREAM_ID, ownerId: "bob", epoch: "e2", createdAtMs: 7 });
    fake.sleepAndWake();
    expect(fake.storage.rows("SELECT owner_id, schema_version, used_at_ms FROM stream")).toEqual([
      { owner_id: "bob", schema_version: 4, used_at_ms: fake.nowMs },
    ]);
  });
});
