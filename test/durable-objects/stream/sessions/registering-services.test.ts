// What a service may do on a stream: what it was granted, once somebody owns it, and never own it.
import { expect, test } from "vitest";
import type { StreamGrants } from "../../../../auth/principal.ts";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";
import { service } from "../../../support/members.ts";

const READ: StreamGrants = { operations: ["read"], streams: ["*"] };
const WRITE: StreamGrants = { operations: ["write"], streams: ["*"] };
const BOTH: StreamGrants = { operations: ["read", "write"], streams: ["cam-*"] };
const ELSEWHERE: StreamGrants = { operations: ["read", "write"], streams: ["door", "cam-10"] };
const NOTHING: StreamGrants = { operations: [], streams: ["*"] };

function join(fake: FakeStream, grants: StreamGrants, name = "model"): Seat {
  return fake.join("", { principal: service(name, grants) });
}

test.each([
  ["read", READ, "success"],
  ["read and write", BOTH, "success"],
  ["only write", WRITE, "error"],
  ["read and write another stream", ELSEWHERE, "error"],
  ["do nothing", NOTHING, "error"],
])("A service that may %s, %j, and registers to read gets: %s", (_what, grants, expected) => {
  const fake = new FakeStream();
  const model = join(fake, grants);
  fake.owner();
  expect(model.register({ consumes: ["video-frame"] }).type).toBe(expected);
});

test.each([
  ["write", WRITE, "success"],
  ["read and write", BOTH, "success"],
  ["only read", READ, "error"],
  ["read and write another stream", ELSEWHERE, "error"],
  ["do nothing", NOTHING, "error"],
])("A service that may %s, %j, and registers to publish gets: %s", (_what, grants, expected) => {
  const fake = new FakeStream();
  const model = join(fake, grants);
  fake.owner();
  expect(model.register({ produces: ["alert"] }).type).toBe(expected);
});

test("A service that may do only one of what it asks for is told which one it may not", () => {
  const fake = new FakeStream();
  fake.owner();
  expect(join(fake, READ).register({ produces: ["alert"], consumes: ["video-frame"] })).toMatchObject({
    code: "UNAUTHORIZED",
    message: "No permission to publish to this stream",
  });
});

test("What a service publishes says that it is one", () => {
  const fake = new FakeStream();
  const owner = fake.owner({ produces: ["*"], consumes: ["alert"] });
  const model = join(fake, BOTH);
  model.register({ produces: ["alert"] });
  model.send({ type: "alert" });
  expect(owner.socket.messages).toMatchObject([{ userId: "svc:model", senderKind: "service", offset: 1 }]);
});

test("A service receives what it consumes", () => {
  const fake = new FakeStream();
  const owner = fake.owner();
  const model = join(fake, READ);
  model.register({ consumes: ["video-frame"] });
  owner.send({ type: "video-frame" });
  expect(model.socket.ofType("video-frame")).toHaveLength(1);
});

test("A service never claims, whatever it was granted", () => {
  const fake = new FakeStream();
  expect(join(fake, BOTH).register({ produces: ["alert"] })).toMatchObject({
    code: "UNAUTHORIZED",
    message: "No permission to publish to this stream",
  });
  expect(fake.storage.tables).toEqual([]);
});

test("A service whose name is the owner's is not the owner", () => {
  const fake = new FakeStream();
  const namesake = join(fake, NOTHING, "anna");
  fake.owner();
  expect(namesake.register({ produces: ["alert"] })["code"]).toBe("UNAUTHORIZED");
});

test("A service that waited without a right to read is unregistered at the claim", () => {
  const fake = new FakeStream();
  const model = join(fake, WRITE);
  model.register({ consumes: ["*"] });
  model.socket.forgetSent();
  const owner = fake.owner();
  owner.send({ type: "alert" });
  expect(model.socket.messages).toMatchObject([{ code: "UNAUTHORIZED", message: "No permission to read this stream" }]);
});

test("A service that waited with a right to read stays registered at the claim", () => {
  const fake = new FakeStream();
  const model = join(fake, READ);
  model.register({ consumes: ["*"] });
  model.socket.forgetSent();
  const owner = fake.owner();
  owner.send({ type: "alert" });
  expect(model.socket.messages).toMatchObject([{ type: "alert", offset: 1 }]);
});

test("A service that slept may still do what it was granted", () => {
  const fake = new FakeStream();
  const owner = fake.owner({ produces: ["*"], consumes: ["alert"] });
  const model = join(fake, BOTH);
  model.register({ produces: ["alert"] });
  fake.sleepAndWake();
  model.send({ type: "alert" });
  expect(owner.socket.ofType("alert")).toMatchObject([{ userId: "svc:model" }]);
});
