// One connection: what it declared, what its outbox starts with, and what of it survives sleep.
import { describe, expect, test } from "vitest";
import { readAttachment, type Registration } from "../../../../connection/attachment.ts";
import type { Hop } from "../../../../connection/hop.ts";
import { Relayed } from "../../../../durable-objects/stream/delivery/relayed.ts";
import { Member } from "../../../../durable-objects/stream/members/member.ts";
import { FakeSocket } from "../../../support/fake-socket.ts";
import { attachmentOf, MEMBER_OPTIONS, memberOf, user } from "../../../support/members.ts";

const REGISTRATION = {
  clientType: "mobile",
  window: undefined,
  batch: false,
  produces: ["video-frame"],
  consumes: ["alert"],
};

/** The member that an object finds when it wakes. */
function woken(registration = REGISTRATION): Member {
  return new Member(new FakeSocket(), { ...attachmentOf("anna"), registration }, MEMBER_OPTIONS, 0);
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
  new Member(socket, attachmentOf("anna"), MEMBER_OPTIONS, 0).register(register);
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

/** More than may wait for a consumer. */
const MUCH = 1_000_000;
const EMPTY = { bytes: 0, add: () => undefined };

/** Offers so many frames of a type while nothing is read, and then one more: what each that was sent says it missed. */
function droppedOf(member: Member & { readonly socket: FakeSocket }, missed: number, type = "video-frame"): unknown[] {
  member.socket.forgetSent();
  const stamps = { streamId: "s", userId: "u", senderKind: "user", receivedAt: 1 } as const;
  for (let seq = 1; seq <= missed + 1; seq += 1) {
    member.socket.bufferedAmount = seq <= missed ? MUCH : 0;
    const frame = Relayed.of(type, "latest", JSON.stringify({ type }), { ...stamps, seq });
    if (frame !== undefined) member.outbox.offer(frame, EMPTY, 0);
  }
  return member.socket.messages.map(({ dropped }) => dropped);
}

function wokenOn(hop: Hop, registration: typeof REGISTRATION | Registration = REGISTRATION) {
  const socket = new FakeSocket();
  return Object.assign(new Member(socket, { ...attachmentOf("anna"), hop, registration }, MEMBER_OPTIONS, 0), {
    socket,
  });
}

test("Who has just registered missed nothing", () => {
  expect(droppedOf(memberOf({ consumes: ["*"] }), 0)).toEqual([0]);
});

test("After a wake nobody knows what was missed", () => {
  expect(droppedOf(wokenOn("direct"), 0)).toEqual([undefined]);
});

test("A bridge, which counts for itself and does not sleep, missed nothing after a wake", () => {
  expect(droppedOf(wokenOn("bridged"), 0)).toEqual([0]);
});

test("After a wake and one message that was sent it is known again", () => {
  const member = wokenOn("direct");
  expect([droppedOf(member, 0), droppedOf(member, 0)]).toEqual([[undefined], [0]]);
});

test("After a wake a message that gave way leaves it unknown", () => {
  expect(droppedOf(wokenOn("direct"), 1)).toEqual([undefined]);
});

test("A bridge that misses a message after a wake has missed one", () => {
  expect(droppedOf(wokenOn("bridged"), 1)).toEqual([1]);
});

test("What is missed is counted until the next message is sent", () => {
  const member = memberOf({ consumes: ["*"] });
  expect([droppedOf(member, 2), droppedOf(member, 0)]).toEqual([[2], [0]]);
});

test("Each type is counted on its own", () => {
  const member = memberOf({ consumes: ["*"] });
  expect([droppedOf(member, 1), droppedOf(member, 0, "audio-frame")]).toEqual([[1], [0]]);
});

test("A new registration starts to count anew, also after a wake", () => {
  const member = wokenOn("direct");
  member.register(REGISTRATION);
  expect(droppedOf(member, 0)).toEqual([0]);
});

describe("credits", () => {
  const WITH_CREDITS: Registration = { ...REGISTRATION, window: 1, batch: false };
  /** How many of two frames are sent to a consumer that reads all and acknowledges none. */
  const sentOfTwo = (member: Member & { readonly socket: FakeSocket }): number =>
    droppedOf(member, 0).length + droppedOf(member, 0).length;

  test("Of a direct member count, as registered, also after a wake", () => {
    expect([sentOfTwo(wokenOn("direct", WITH_CREDITS)), sentOfTwo(wokenOn("direct"))]).toEqual([1, 2]);
  });

  test("Of a bridged member count at the bridge", () => {
    expect(sentOfTwo(wokenOn("bridged", WITH_CREDITS))).toBe(2);
  });

  test.each([
    ["with", WITH_CREDITS, 1],
    ["without", REGISTRATION, 2],
  ])("Are those of the last registration, which was %s", (_how, registration, sent) => {
    const member = wokenOn("direct", registration === WITH_CREDITS ? REGISTRATION : WITH_CREDITS);
    sentOfTwo(member);
    member.register(registration);
    expect(sentOfTwo(member)).toBe(sent);
  });
});

test("The largest registration that the protocol allows fits into an attachment", () => {
  const types = Array.from({ length: 32 }, (_, index) => `t${index}`.padEnd(64, "x"));
  const registration = { clientType: "c".repeat(32), window: 64, batch: false, produces: types, consumes: types };
  const socket = new FakeSocket();
  new Member(socket, attachmentOf("u".repeat(110)), MEMBER_OPTIONS, 0).register(registration);
  expect(readAttachment(socket.deserializeAttachment())?.registration).toEqual(registration);
});
