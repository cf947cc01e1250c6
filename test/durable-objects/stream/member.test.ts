// One connection: what it declared, what it missed, and what of it survives sleep.
import { expect, test } from "vitest";
import { readAttachment } from "../../../connection/attachment.ts";
import { Member } from "../../../durable-objects/stream/member.ts";
import { FakeSocket } from "../../support/fake-socket.ts";
import { attachmentOf, GENEROUS_RATE, memberOf, user } from "../../support/members.ts";

const REGISTRATION = { clientType: "mobile", produces: ["video-frame"], consumes: ["alert"] };

/** The member that an object finds when it wakes. */
function woken(registration = REGISTRATION): Member {
  return new Member(new FakeSocket(), { ...attachmentOf("anna"), registration }, GENEROUS_RATE, 0);
}

test("A member is who its attachment says it is", () => {
  const { streamId, connectionId, principal, endsAtMs } = woken();
  expect({ streamId, connectionId, principal, endsAtMs }).toEqual({
    streamId: "cam-1",
    connectionId: "connection-of-anna",
    principal: user("anna"),
    endsAtMs: 5000,
  });
});

test("A member that has not registered produces and consumes nothing", () => {
  const member = memberOf();
  expect([member.registration, member.produces("alert"), member.consumes("alert")]).toEqual([undefined, false, false]);
});

test.each([
  [["alert"], "alert", true],
  [["alert"], "video-frame", false],
  [["*"], "video-frame", true],
  [["*"], "status", true],
  [["*"], "presence", false],
  [["presence"], "presence", true],
  [["*", "presence"], "presence", true],
  [[], "alert", false],
])("Who consumes %j gets %s: %s", (consumes, type, expected) => {
  expect(memberOf({ consumes }).consumes(type)).toBe(expected);
});

test.each([
  [["alert"], "alert", true],
  [["alert"], "video-frame", false],
  [["*"], "anything-at-all", true],
  [[], "alert", false],
])("Who produces %j may send %s: %s", (produces, type, expected) => {
  expect(memberOf({ produces }).produces(type)).toBe(expected);
});

test("A registration is written to the socket, where it survives sleep", () => {
  const { socket, register } = { socket: new FakeSocket(), register: REGISTRATION };
  new Member(socket, attachmentOf("anna"), GENEROUS_RATE, 0).register(register);
  expect(readAttachment(socket.deserializeAttachment())).toEqual({ ...attachmentOf("anna"), registration: register });
});

test("A member that wakes has its registration", () => {
  const member = woken();
  expect(member.registration).toEqual(REGISTRATION);
  expect([member.produces("video-frame"), member.consumes("alert")]).toEqual([true, true]);
});

test("A registration that is taken back is gone from the member and from its socket", () => {
  const member = memberOf({ produces: ["*"], consumes: ["*"] });
  member.register(undefined);
  expect([member.registration, member.produces("alert"), member.consumes("alert")]).toEqual([undefined, false, false]);
  expect(readAttachment(member.socket.deserializeAttachment())?.registration).toBeUndefined();
});

test("Who has just registered missed nothing", () => {
  expect(memberOf({ consumes: ["*"] }).missed("video-frame")).toBe(0);
});

test("After a wake nobody knows what was missed", () => {
  expect(woken().missed("video-frame")).toBeUndefined();
});

test("A bridge, which counts for itself and does not sleep, missed nothing after a wake", () => {
  const attachment = { ...attachmentOf("anna"), hop: "bridged", registration: REGISTRATION } as const;
  expect(new Member(new FakeSocket(), attachment, GENEROUS_RATE, 0).missed("video-frame")).toBe(0);
});

test("After a wake and one message that was sent it is known again", () => {
  const member = woken();
  member.noteSent("video-frame");
  expect(member.missed("video-frame")).toBe(0);
});

test("After a wake a message that was skipped leaves it unknown", () => {
  const member = woken();
  member.noteMissed("video-frame");
  expect(member.missed("video-frame")).toBeUndefined();
});

test("A bridge that skips a message after a wake has missed one", () => {
  const attachment = { ...attachmentOf("anna"), hop: "bridged", registration: REGISTRATION } as const;
  const bridge = new Member(new FakeSocket(), attachment, GENEROUS_RATE, 0);
  bridge.noteMissed("video-frame");
  expect(bridge.missed("video-frame")).toBe(1);
});

test("What is missed is counted until the next message is sent", () => {
  const member = memberOf({ consumes: ["*"] });
  member.noteMissed("video-frame");
  member.noteMissed("video-frame");
  expect(member.missed("video-frame")).toBe(2);
  member.noteSent("video-frame");
  expect(member.missed("video-frame")).toBe(0);
});

test("Each type is counted on its own", () => {
  const member = memberOf({ consumes: ["*"] });
  member.noteMissed("video-frame");
  expect(member.missed("audio-frame")).toBe(0);
});

test("A new registration starts to count anew", () => {
  const member = memberOf({ consumes: ["*"] });
  member.noteMissed("video-frame");
  member.register(REGISTRATION);
  expect(member.missed("video-frame")).toBe(0);
});

test("The largest registration that the protocol allows fits into an attachment", () => {
  const types = Array.from({ length: 32 }, (_, index) => `t${index}`.padEnd(64, "x"));
  const registration = { clientType: "c".repeat(32), produces: types, consumes: types };
  const socket = new FakeSocket();
  new Member(socket, attachmentOf("u".repeat(110)), GENEROUS_RATE, 0).register(registration);
  expect(readAttachment(socket.deserializeAttachment())?.registration).toEqual(registration);
});
