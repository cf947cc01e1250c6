// Sockets that close, leave, sleep and wake: what a stream still takes from them, and what it still sends.
import { describe, expect, test } from "vitest";
import { writeAttachment } from "../../../connection/attachment.ts";
import { FakeSocket } from "../../support/fake-socket.ts";
import { FakeStream } from "../../support/fake-stream.ts";
import { attachmentOf } from "../../support/members.ts";

function start(variables = {}) {
  const fake = new FakeStream(variables);
  const owner = fake.owner();
  const consumer = fake.member("anna", { consumes: ["*"] });
  return { fake, owner, consumer };
}

describe("after a close", () => {
  test("Messages of a connection that we closed are ignored", () => {
    const { owner, consumer } = start({ MAX_MESSAGE_BYTES: 1024 });
    owner.send("x".repeat(1025));
    for (const type of ["note", "alert", "register"]) owner.send({ type });
    expect(consumer.socket.sent).toEqual([]);
    expect(owner.socket.sent).toHaveLength(1);
  });

  test("A connection that we closed gets nothing more", () => {
    const { owner, consumer } = start();
    for (let count = 0; count < 10; count += 1) consumer.send("no JSON");
    consumer.socket.forgetSent();
    for (const type of ["note", "alert", "video-frame"]) owner.send({ type });
    expect(consumer.socket.sent).toEqual([]);
  });

  test("A connection that left gets nothing more, and the others do", () => {
    const { fake, owner, consumer } = start();
    const other = fake.member("anna", { consumes: ["*"] });
    consumer.leave();
    owner.send({ type: "alert" });
    expect([consumer.socket.sent.length, other.socket.sent.length]).toEqual([0, 1]);
  });

  test("A bug of a connection that is closed already is not told", () => {
    const { fake, consumer } = start();
    fake.stream.fail(consumer.socket);
    fake.stream.fail(consumer.socket);
    expect(consumer.socket.errorCodes).toEqual(["INTERNAL"]);
  });

  test("Who left may leave again", () => {
    const { consumer } = start();
    consumer.leave();
    expect(() => consumer.leave()).not.toThrow();
  });
});

describe("small messages", () => {
  test("A ping that the runtime did not answer is answered", () => {
    const { owner } = start();
    owner.send({ type: "ping", more: 1 });
    expect(owner.socket.sent).toEqual(['{"type":"pong"}']);
  });

  test("The answer to a ping repeats its `ref`", () => {
    const { owner } = start();
    owner.send({ type: "ping", ref: "r1" });
    expect(owner.socket.messages).toEqual([{ type: "pong", ref: "r1" }]);
  });

  test("A ping is answered before registering", () => {
    const anna = new FakeStream().join("anna");
    anna.send({ type: "ping" });
    expect(anna.socket.sent).toEqual(['{"type":"pong"}']);
  });

  test("A frame-ack is not answered", () => {
    const { consumer } = start();
    consumer.send({ type: "frame-ack", seq: 1 });
    expect(consumer.socket.sent).toEqual([]);
  });
});

describe("waking", () => {
  test("A consumer that slept goes on receiving", () => {
    const { fake, owner, consumer } = start();
    owner.send({ type: "alert" });
    fake.sleepAndWake();
    owner.send({ type: "alert" });
    expect(consumer.socket.messages.map(({ offset }) => offset)).toEqual([1, 2]);
  });

  test("A producer that slept may publish what it declared, and nothing else", () => {
    const fake = new FakeStream();
    const owner = fake.owner({ produces: ["note"] });
    const consumer = fake.member("anna", { consumes: ["*"] });
    fake.sleepAndWake();
    owner.send({ type: "note" });
    owner.send({ type: "alert" });
    expect(consumer.socket.messages).toMatchObject([{ type: "note", userId: "anna" }]);
    expect(owner.socket.errorCodes).toEqual(["NOT_A_PRODUCER"]);
  });

  test("Waking sends nothing to anybody", () => {
    const { fake, owner, consumer } = start();
    fake.sleepAndWake();
    expect([owner.socket.sent, consumer.socket.sent]).toEqual([[], []]);
  });

  test("Who had not registered before the sleep has not after it", () => {
    const fake = new FakeStream();
    const anna = fake.join("anna");
    fake.sleepAndWake();
    anna.send({ type: "note" });
    expect(anna.socket.errorCodes).toEqual(["NOT_REGISTERED"]);
    expect(anna.register({ produces: ["note"] })["connectionId"]).toBe("connection-1");
  });

  test("Who had registered before the sleep may not register again", () => {
    const { fake, owner } = start();
    fake.sleepAndWake();
    expect(owner.register({})["code"]).toBe("ALREADY_REGISTERED");
  });

  test("The owner is the same after the sleep", () => {
    const { fake } = start();
    fake.sleepAndWake();
    expect(fake.stream.entering.admission(fake.handoff("bob"))).toBe("UNAUTHORIZED");
  });

  test("The epoch is the same after the sleep", () => {
    const fake = new FakeStream();
    const { epoch } = fake.join("anna").register({ produces: ["*"] });
    fake.sleepAndWake();
    expect(fake.join("anna").register({})["epoch"]).toBe(epoch);
  });

  test("Sockets that slept fill the stream", () => {
    const { fake } = start({ MAX_MEMBERS_PER_STREAM: 2 });
    fake.sleepAndWake();
    expect(fake.stream.entering.admission(fake.handoff("anna"))).toBe("STREAM_FULL");
  });

  test("A socket that is closing is ignored", () => {
    const { fake, owner, consumer } = start();
    consumer.socket.close(1000, "");
    fake.sleepAndWake();
    owner.send({ type: "alert" });
    consumer.send({ type: "register" });
    expect(consumer.socket.sent).toEqual([]);
    expect(consumer.socket.closedWith).toEqual({ code: 1000, reason: "" });
  });

  test("A socket that is closing does not fill the stream", () => {
    const { fake, consumer } = start({ MAX_MEMBERS_PER_STREAM: 2 });
    consumer.socket.close(1000, "");
    fake.sleepAndWake();
    expect(fake.stream.entering.admission(fake.handoff("anna"))).toBeUndefined();
  });

  /** A stream whose buffers are full as long as this socket, which no member has any more, is not gone. */
  function startFull(closing: "by the client" | "as unreadable") {
    const { fake, owner, consumer } = start({ OBJECT_BUFFER_BYTES: 4096 });
    const full = fake.join("anna");
    full.socket.bufferedAmount = 4096;
    if (closing === "by the client") full.socket.close(1000, "");
    else full.socket.serializeAttachment("unreadable");
    fake.sleepAndWake();
    consumer.socket.bufferedAmount = 1;
    return { owner, consumer, full };
  }

  test.each(["by the client", "as unreadable"] as const)(
    "A socket that was closed %s counts, after a wake, towards what waits",
    (closing) => {
      const { owner, consumer } = startFull(closing);
      owner.send({ type: "video-frame" });
      expect(consumer.socket.sent).toEqual([]);
    },
  );

  test.each(["by the client", "as unreadable"] as const)(
    "A socket that was closed %s counts no more, after a wake, once it is gone",
    (closing) => {
      const { owner, consumer, full } = startFull(closing);
      full.leave();
      owner.send({ type: "video-frame" });
      expect(consumer.socket.ofType("video-frame")).toHaveLength(1);
    },
  );

  test("The session of a socket that slept still ends", () => {
    const fake = new FakeStream();
    const brief = fake.join("anna", { endsInMs: 1000 });
    fake.sleepAndWake();
    fake.nowMs += 31_000;
    fake.stream.sweep();
    expect(brief.socket.closedWith?.code).toBe(4401);
  });

  test("An alarm from before the sleep is not written again after it", () => {
    const fake = new FakeStream();
    fake.join("anna", { endsInMs: 60_000 });
    fake.sleepAndWake();
    fake.join("anna", { endsInMs: 70_000 });
    expect(fake.alarms).toHaveLength(1);
  });

  const LATER_MS = 4_000_000_000_000;
  const good = writeAttachment({ ...attachmentOf("anna"), endsAtMs: LATER_MS }) as Record<string, unknown>;

  test.each([
    ["nothing", null],
    ["a text", "anna"],
    ["another version", { ...good, version: 2 }],
    ["no version", { ...good, version: undefined }],
    ["no principal", { ...good, principal: undefined }],
    ["a principal of an unknown kind", { ...good, principal: { kind: "robot", userId: "r2" } }],
    ["a user with the id of a service", { ...good, principal: { kind: "user", userId: "svc:x", sessionId: "s" } }],
    ["an end that is no time", { ...good, endsAtMs: "soon" }],
    ["a registration that is none", { ...good, registration: { produces: "*", consumes: [] } }],
  ])("A socket with %s attached is let go", (_what, attachment) => {
    const { fake, owner } = start();
    const socket = new FakeSocket();
    socket.serializeAttachment(attachment);
    fake.stream.wake([socket]);
    owner.send({ type: "alert" });
    expect(socket.messages).toMatchObject([{ type: "error", code: "DRAINING", temporary: true }]);
    expect(socket.closedWith).toEqual({ code: 1012, reason: "DRAINING" });
  });

  test("A socket that cannot be read takes no other along", () => {
    const { fake } = start();
    const [broken, sound] = [new FakeSocket(), new FakeSocket()];
    sound.serializeAttachment(good);
    fake.stream.wake([broken, sound]);
    fake.stream.receive(sound, '{"type":"ping"}');
    expect(sound.messages).toEqual([{ type: "pong" }]);
  });
});
