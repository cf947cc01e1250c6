// What somebody may who registers and declares nothing: hear of the stream, where any right on it allows that.
import { expect, test } from "vitest";
import type { StreamGrants } from "../../../../auth/principal.ts";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";
import { service } from "../../../support/members.ts";

const NO_READ = { type: "error", code: "UNAUTHORIZED", message: "No permission to read this stream" };
const READ: StreamGrants = { operations: ["read"], streams: ["*"] };
const WRITE: StreamGrants = { operations: ["write"], streams: ["*"] };
const ELSEWHERE: StreamGrants = { operations: ["read", "write"], streams: ["door"] };
const NOTHING: StreamGrants = { operations: [], streams: ["*"] };

function start() {
  return new FakeStream({ FRAME_SINKS: "MODEL", MODEL: {} });
}

/** Makes the gateway send a `status` to all who may hear it. */
async function troubleASink(fake: FakeStream, owner: Seat): Promise<void> {
  owner.sendFrame({ type: "video-frame" });
  await fake.sinks.callAt(fake.sinks.calls.length - 1).fail();
}

test("On an unclaimed stream anybody may declare nothing, and nothing is stored", () => {
  const fake = start();
  expect(fake.join("bob").register({})).toMatchObject({ type: "success", epoch: "" });
  expect(fake.storage.tables).toEqual([]);
});

test("Who declared nothing and has no right is told so at the claim", () => {
  const fake = start();
  const bob = fake.member("bob", {});
  fake.owner();
  expect(bob.socket.messages).toMatchObject([NO_READ]);
});

test("Who declared nothing and has no right is unregistered at the claim", () => {
  const fake = start();
  const bob = fake.member("bob", {});
  fake.owner();
  bob.send({ type: "note" });
  expect(bob.socket.errorCodes.at(-1)).toBe("NOT_REGISTERED");
});

test("Who declared nothing and has no right keeps the socket at the claim", () => {
  const fake = start();
  const bob = fake.member("bob", {});
  fake.owner();
  expect(bob.socket.closedWith).toBeUndefined();
});

test("Who declared nothing and has no right hears no status after the claim", async () => {
  const fake = start();
  const bob = fake.member("bob", {});
  await troubleASink(fake, fake.owner());
  expect(bob.socket.ofType("status")).toEqual([]);
});

test("Who declared nothing and has no right hears no status after a wake either", async () => {
  const fake = start();
  const bob = fake.member("bob", {});
  const owner = fake.owner();
  fake.sleepAndWake();
  await troubleASink(fake, owner);
  expect(bob.socket.ofType("status")).toEqual([]);
});

test.each([{}, { clientType: "viewer" }, { produces: [], consumes: [] }, { resume: { epoch: "", offset: 0 } }])(
  "After the claim a register as bare as %j is refused to who has no right",
  (message) => {
    const fake = start();
    const bob = fake.join("bob");
    fake.owner();
    expect(bob.register({ ...message, ref: 1 })).toMatchObject({ ...NO_READ, ref: 1 });
  },
);

test("Who was refused a bare register hears no status", async () => {
  const fake = start();
  const bob = fake.join("bob");
  const owner = fake.owner();
  bob.register({});
  await troubleASink(fake, owner);
  expect(bob.socket.ofType("status")).toEqual([]);
});

test("The owner may declare nothing", () => {
  const fake = start();
  fake.owner();
  expect(fake.join("anna").register({}).type).toBe("success");
});

test("An owner who declared nothing before the claim hears a status after it", async () => {
  const fake = start();
  const bare = fake.member("anna", {});
  await troubleASink(fake, fake.owner());
  expect(bare.socket.messages).toMatchObject([{ type: "status", status: "sink-error" }]);
});

test.each([
  ["only write", WRITE, "success"],
  ["only read", READ, "success"],
  ["read and write another stream", ELSEWHERE, "error"],
  ["do nothing", NOTHING, "error"],
])("A service that may %s, %j, and declares nothing gets: %s", (_what, grants, expected) => {
  const fake = start();
  const model = fake.join("", { principal: service("model", grants) });
  fake.owner();
  expect(model.register({}).type).toBe(expected);
});

test("A service with only the write scope that declared nothing stays registered at the claim", async () => {
  const fake = start();
  const model = fake.member("", {}, { principal: service("model", WRITE) });
  await troubleASink(fake, fake.owner());
  expect(model.socket.messages).toMatchObject([{ type: "status" }]);
});

test("A service without a scope that declared nothing is told so at the claim", () => {
  const fake = start();
  const model = fake.member("", {}, { principal: service("model", NOTHING) });
  fake.owner();
  expect(model.socket.messages).toMatchObject([NO_READ]);
});
