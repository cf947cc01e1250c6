// The newest frame of each type: what who comes late is sent, and what who asks for it sees.
import { beforeAll, describe, expect, test } from "vitest";
import type { Principal } from "../../../../auth/principal.ts";
import type { FrameView } from "../../../../durable-objects/stream/frames/latest-frames.ts";
import type { Fault } from "../../../../protocol/fault.ts";
import { FakeStream, type Seat, STREAM_ID } from "../../../support/fake-stream.ts";
import { installFromBase64 } from "../../../support/from-base64.ts";
import { service, user } from "../../../support/members.ts";

// Node 24 cannot decode base64 with `Uint8Array.fromBase64`, which the runtime of the gateway has.
beforeAll(installFromBase64);

const HOPS = ["direct", "bridged"] as const;

function start(variables = {}) {
  const fake = new FakeStream(variables);
  return { fake, owner: fake.owner() };
}

/** A connection of the owner that registers now; what it got is not read yet. */
function late(fake: FakeStream, message: Record<string, unknown> = {}, hop: (typeof HOPS)[number] = "direct"): Seat {
  const seat = fake.join("anna", { hop });
  seat.register({ consumes: ["*"], ...message });
  return seat;
}

function typesOf({ socket }: Seat): readonly string[] {
  return socket.messages.map(({ type }) => type);
}

describe("who comes late", () => {
  test("Sees the newest frame of each type at once, and none before it", () => {
    const { fake, owner } = start();
    for (const n of [1, 2, 3]) for (const type of ["video-frame", "audio-frame"]) owner.send({ type, n });
    expect(late(fake).socket.messages).toMatchObject([
      { type: "success" },
      { type: "video-frame", n: 3 },
      { type: "audio-frame", n: 3 },
    ]);
  });

  test("Sees it as those saw it who were there, and is told that it missed nothing", () => {
    const { fake, owner } = start();
    const early = fake.member("anna", { consumes: ["*"] });
    owner.sendFrame({ type: "video-frame", width: 640 }, [9, 8, 7]);
    expect(late(fake).socket.frames).toEqual(early.socket.frames);
    expect(early.socket.frames).toMatchObject([{ header: { width: 640, dropped: 0, userId: "anna" } }]);
  });

  test("Sees it behind what was replayed and before what comes live", () => {
    const { fake, owner } = start();
    for (const type of ["video-frame", "alert"]) owner.send({ type });
    const seat = late(fake, { resume: { epoch: "", offset: 0 } });
    owner.send({ type: "note" });
    expect(typesOf(seat)).toEqual(["success", "alert", "video-frame", "note"]);
  });

  test.each([
    ["where it does not want it", { latest: false }],
    ["of a type that it does not consume", { consumes: ["audio-frame", "alert"] }],
    ["where it only produces", { consumes: [], produces: ["video-frame"] }],
  ])("Sees none %s", (_where, message) => {
    const { fake, owner } = start();
    owner.send({ type: "video-frame" });
    expect(typesOf(late(fake, message))).toEqual(["success"]);
  });

  test("Sees none of a stream that nobody owns", () => {
    expect(typesOf(late(new FakeStream()))).toEqual(["success"]);
  });

  test("Sees no live message again, and an alert only where it is replayed", () => {
    const { fake, owner } = start();
    for (const type of ["note", "alert"]) owner.send({ type });
    expect(typesOf(late(fake))).toEqual(["success"]);
  });

  test("Sees one that a program posted", () => {
    const { fake } = start();
    fake.post(user("anna"), { type: "video-frame", n: 1 });
    expect(late(fake).socket.ofType("video-frame")).toMatchObject([{ n: 1 }]);
  });

  test.each(HOPS)("Is told by the next live frame, on a %s socket, that it missed none in between", (hop) => {
    const { fake, owner } = start();
    owner.send({ type: "video-frame" });
    const seat = late(fake, {}, hop);
    owner.send({ type: "video-frame" });
    expect(seat.socket.ofType("video-frame")).toMatchObject([
      { seq: 1, dropped: 0 },
      { seq: 2, dropped: 0 },
    ]);
  });

  test.each(HOPS)("Is told how many live frames it missed after it, on a %s socket", (hop) => {
    const { fake, owner } = start();
    owner.send({ type: "video-frame" });
    const { socket } = late(fake, {}, hop);
    socket.bufferedAmount = 2_000_000;
    for (let count = 0; count < 3; count += 1) owner.send({ type: "video-frame" });
    socket.bufferedAmount = 0;
    owner.send({ type: "video-frame" });
    expect(socket.ofType("video-frame").map(({ dropped }) => dropped)).toEqual([0, 3]);
  });

  test("Is not sent it before it has room, and not closed, where its buffer is full", () => {
    const { fake, owner } = start();
    owner.send({ type: "video-frame" });
    const seat = fake.join("anna");
    seat.socket.bufferedAmount = 600_000;
    seat.register({ consumes: ["*"] });
    expect(typesOf(seat)).toEqual(["success"]);
    expect(seat.socket.closedWith).toBeUndefined();
    seat.socket.bufferedAmount = 0;
    fake.timers.ring();
    expect(seat.socket.ofType("video-frame")).toMatchObject([{ seq: 1, dropped: 0 }]);
  });

  // Its own `success` waits in the same step, so such a frame finds no room at once, however fast the client is.
  test("Sees also a frame that is larger than half its buffer, once its success is read", () => {
    const { fake, owner } = start();
    owner.send({ type: "video-frame", data: "A".repeat(600_000) });
    const seat = fake.join("anna");
    seat.socket.stalled = true;
    seat.register({ consumes: ["*"] });
    fake.timers.ring();
    expect(typesOf(seat)).toEqual(["success"]);
    seat.socket.bufferedAmount = 0;
    fake.timers.ring();
    expect(typesOf(seat)).toEqual(["success", "video-frame"]);
  });

  test("Whose socket throws on it is gone, and the stream goes on", () => {
    const { fake, owner } = start();
    owner.send({ type: "video-frame" });
    const seat = fake.join("anna");
    seat.socket.onSend = () => (seat.socket.broken = true);
    seat.register({ consumes: ["*"] });
    seat.socket.onSend = () => {};
    seat.socket.broken = false;
    owner.send({ type: "video-frame" });
    expect(typesOf(seat)).toEqual(["success"]);
  });
});

describe("who asks", () => {
  function view(fake: FakeStream, { who = user("anna"), type }: { who?: Principal; type?: string } = {}) {
    return fake.stream.requesting.readFrame(who, STREAM_ID, type) as FrameView | Fault;
  }

  function bytesOf(result: ReturnType<typeof view>): readonly number[] {
    return [...new Uint8Array((result as FrameView).bytes)];
  }

  test("Gets the bytes of a binary frame, with what its header says of them", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame", contentType: "image/png", timestamp: 55 }, [9, 8, 7]);
    expect(view(fake)).toMatchObject({ kind: "frame", type: "video-frame", contentType: "image/png", timestamp: 55 });
    expect(bytesOf(view(fake))).toEqual([9, 8, 7]);
  });

  test.each([
    ["base64", "AQID", "image/jpeg"],
    ["a data: URL", "data:image/webp;base64,AQID", "image/webp"],
  ])("Gets the bytes of a JSON frame whose data is %s", (_what, data, contentType) => {
    const { fake, owner } = start();
    owner.send({ type: "video-frame", data });
    expect(view(fake)).toMatchObject({ contentType, timestamp: fake.nowMs });
    expect(bytesOf(view(fake))).toEqual([1, 2, 3]);
  });

  test("Gets the newest, with the number that those saw who were there", () => {
    const { fake, owner } = start();
    const early = fake.member("anna", { consumes: ["*"] });
    for (const n of [1, 2]) owner.sendFrame({ type: "video-frame" }, [n]);
    expect(bytesOf(view(fake))).toEqual([2]);
    expect(view(fake)).toMatchObject({ seq: early.socket.frames.at(-1)?.header["seq"] });
  });

  test("Gets bytes of his own, which nobody else sees changed", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" }, [9, 8, 7]);
    new Uint8Array((view(fake) as FrameView).bytes).fill(0);
    expect(bytesOf(view(fake))).toEqual([9, 8, 7]);
  });

  test("Gets another type where he names it", () => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" }, [1]);
    owner.sendFrame({ type: "audio-frame" }, [2]);
    expect(bytesOf(view(fake, { type: "audio-frame" }))).toEqual([2]);
  });

  test.each([
    ["depth,thermal", "depth"],
    ["depth,video-frame", "video-frame"],
  ])("Gets of the types %s, where he names none, %s", (types, usual) => {
    const { fake, owner } = start({ LATEST_TYPES: types });
    for (const type of types.split(",")) owner.sendFrame({ type });
    expect(view(fake)).toMatchObject({ type: usual });
  });

  test.each([
    ["before the first frame", undefined, {}],
    ["of a type that is no frame", "note", { type: "note", data: "AQID" }],
    ["of one that cannot be decoded", undefined, { type: "video-frame", data: "no base64!" }],
    ["of one without data", undefined, { type: "video-frame" }],
  ])("Gets nothing %s", (_when, type, message) => {
    const { fake, owner } = start();
    owner.send(message);
    expect(view(fake, type === undefined ? {} : { type })).toMatchObject({ kind: "fault", code: "NOT_FOUND" });
  });

  test.each([
    ["the owner", user("anna"), "frame"],
    ["a reader", user("reader"), "frame"],
    ["a writer", user("writer"), "UNAUTHORIZED"],
    ["a stranger", user("stranger"), "UNAUTHORIZED"],
    ["a service that may read", service("robot", { operations: ["read"], streams: ["*"] }), "frame"],
    ["a service that may write", service("robot", { operations: ["write"], streams: ["*"] }), "UNAUTHORIZED"],
    ["an admin who may not read", { ...service("ops"), adminOf: ["*"] }, "UNAUTHORIZED"],
  ])("As %s he gets: %3$s", (_who, who, expected) => {
    const { fake, owner } = start();
    owner.sendFrame({ type: "video-frame" });
    fake.allow({ readers: ["reader"], writers: { writer: ["*"] } });
    const answer = view(fake, { who });
    expect(answer.kind === "fault" ? answer.code : answer.kind).toBe(expected);
  });

  test("Gets nothing of a stream that nobody owns", () => {
    expect(view(new FakeStream())).toMatchObject({ code: "NOT_FOUND" });
  });

  test("Gets it too where everybody may read and nobody owns", () => {
    const { fake, owner } = start({ STREAM_POLICY: "open" });
    owner.sendFrame({ type: "video-frame" }, [7]);
    expect(bytesOf(view(fake, { who: user("bob") }))).toEqual([7]);
    expect(late(fake).socket.frames).toHaveLength(1);
  });
});
