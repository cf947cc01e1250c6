// What a program posts without a socket: what is refused, what is kept of it, and what its publisher is told.
import { describe, expect, test } from "vitest";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { user } from "../../../support/members.ts";

const ANNA = user("anna");
const MAX_BYTES = 1024;

/** Anna's stream, on which she reads all, and where bob may write notes alone. */
function start() {
  const fake = new FakeStream({ MAX_MESSAGE_BYTES: String(MAX_BYTES) });
  const anna = fake.owner({ produces: ["*"], consumes: ["*"] });
  fake.allow({ writers: { bob: ["note"] } });
  return { fake, anna, post: (body: Record<string, unknown>) => fake.post(ANNA, body) };
}

/** A message of so many bytes as JSON. */
function sized(type: string, bytes: number): { type: string; text: string } {
  const empty = JSON.stringify({ type, text: "" }).length;
  return { type, text: "x".repeat(bytes - empty) };
}

describe("a post is refused", () => {
  test("on a stream that nobody made, of which it stores nothing", () => {
    const fake = new FakeStream();
    expect(fake.post(ANNA, { type: "alert" })).toMatchObject({ code: "NOT_FOUND" });
    expect(fake.storage.tables).toEqual([]);
  });

  test.each(["", "register", "a b", 7])("where its type is %j, which none can be", (type) => {
    expect(start().post({ type })).toMatchObject({ code: "UNKNOWN_TYPE" });
  });

  test("where its publisher may write other types only", () => {
    const { fake, anna } = start();
    expect(fake.post(user("bob"), { type: "alert" })).toMatchObject({ code: "UNAUTHORIZED" });
    expect(fake.post(user("bob"), { type: "note" })).toMatchObject({ kind: "relayed" });
    expect(anna.socket.messages.map(({ type }) => type)).toEqual(["note"]);
  });

  test("where it is nested deeper than can be written down", () => {
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 100_000; level += 1) deep = { deep };
    expect(start().post({ type: "note", deep })).toMatchObject({ code: "BAD_REQUEST" });
  });

  test.each(["note", "alert"])("where it is a %s of a byte too many", (type) => {
    const { post } = start();
    expect(post(sized(type, MAX_BYTES + 1))).toMatchObject({ code: "TOO_LARGE" });
    expect(post(sized(type, MAX_BYTES))).toHaveProperty("delivered", 1);
  });

  test("where it is its payload that is too large", () => {
    const { fake } = start();
    const post = (bytes: number) =>
      fake.stream.requesting.publish(ANNA, STREAM_ID, { type: "video-frame" }, new Uint8Array(bytes));
    expect(post(MAX_BYTES)).toMatchObject({ code: "TOO_LARGE" });
    expect(post(MAX_BYTES / 2)).toMatchObject({ kind: "relayed", delivered: 1 });
  });

  test("where the stamps find no room in the header of a payload", () => {
    const fake = new FakeStream();
    fake.owner();
    const post = (bytes: number) =>
      fake.stream.requesting.publish(ANNA, STREAM_ID, sized("note", bytes), new Uint8Array(1));
    expect([post(4090), post(3000)]).toMatchObject([{ code: "BAD_REQUEST" }, { kind: "relayed" }]);
  });

  test("where it is durable and has a payload", () => {
    const { fake } = start();
    const posted = fake.stream.requesting.publish(ANNA, STREAM_ID, { type: "alert" }, new Uint8Array(1));
    expect(posted).toMatchObject({ code: "BAD_REQUEST" });
  });

  test.each(["", "x".repeat(129), 7, null])("where its id is %j", (id) => {
    expect(start().post({ id })).toMatchObject({ code: "BAD_REQUEST" });
  });

  test("where the same publisher has said something else by this id", () => {
    const { post } = start();
    post({ id: "door-7", message: "one" });
    expect(post({ id: "door-7", message: "another" })).toMatchObject({ code: "CONFLICT" });
  });
});

describe("a post that is taken", () => {
  test("is an alert where it names no type, with the stamps of the gateway instead of its own", () => {
    const { anna, fake, post } = start();
    expect(post({ message: "x", userId: "mallory", offset: 99 })).toMatchObject({ kind: "stored", offset: 1 });
    expect(anna.socket.messages).toMatchObject([{ type: "alert", message: "x", userId: "anna", offset: 1 }]);
    const [row] = fake.storage.rows("SELECT * FROM alerts");
    expect(JSON.stringify(row)).not.toContain("mallory");
  });

  test("has an id of its own where it names none", () => {
    const { post } = start();
    const ids = [post({}), post({})].map((posted) => (posted as { readonly id: string }).id);
    expect(new Set(ids).size).toBe(2);
  });

  test("is told with its place and to how many it went, and a repeat that it is one and went to nobody", () => {
    const { anna, post } = start();
    const first = post({ id: "door-7" });
    expect(first).toEqual({ kind: "stored", offset: 1, epoch: expect.any(String), id: "door-7", delivered: 1 });
    expect(post({ id: "door-7" })).toEqual({ ...(first as object), delivered: 0, duplicate: true });
    expect(anna.socket.messages).toHaveLength(1);
  });
});
