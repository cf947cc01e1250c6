// A client of Socket.IO at the gate, in each of its states: what is let through, what ends it, and that nothing is left behind.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { JsonObject } from "../../../protocol/json.ts";
import { type FakeUpstream, settle, SocketIoGate } from "../../support/socket-io-gate.ts";

const RUN: JsonObject = { streamId: "run-1", consumes: ["*"], produces: [] };
const REGISTERED = { type: "success", message: "Registration successful. Stream ID: run-1", ref: "connect", offset: 3 };
const PLACEHOLDER = '{"_placeholder":true,"num":0}';
const CONNECT = '0{"token":"t"}';
const CONNECTED = [0, { sid: "c-1" }];

const logged = { errors: [] as unknown[] };

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "log").mockReturnValue();
  logged.errors = [];
  vi.spyOn(console, "error").mockImplementation((line: unknown) => void logged.errors.push(line));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** In each state, under the name of what it waits for. */
const STATES = ["waiting", "verifying", "registering", "connected", "member"] as const;
type State = (typeof STATES)[number];

async function gateIn(state: State, setup?: ConstructorParameters<typeof SocketIoGate>[0]): Promise<SocketIoGate> {
  const gate = new SocketIoGate(setup);
  if (state === "waiting") return gate;
  gate.send(CONNECT);
  if (state === "verifying") return gate;
  await gate.admit(state === "connected" ? undefined : RUN);
  if (state === "member") (await gate.join()).say(REGISTERED);
  gate.read();
  return gate;
}

/** A member of a stream, and the stream's end of its socket. */
async function member(
  setup?: ConstructorParameters<typeof SocketIoGate>[0],
): Promise<{ readonly gate: SocketIoGate; readonly upstream: FakeUpstream }> {
  const gate = await gateIn("member", setup);
  const [upstream] = gate.upstreams;
  if (upstream === undefined) throw new Error("no stream took it");
  upstream.take();
  return { gate, upstream };
}

/** Over on both sides: no timer runs, nothing is counted, nothing is sent whatever arrives. */
async function expectNothingLeft(gate: SocketIoGate): Promise<void> {
  gate.read();
  gate.transport.clientCloses();
  for (const upstream of gate.upstreams) upstream.clientCloses();
  await settle();
  expect([vi.getTimerCount(), gate.memory.bytes]).toEqual([0, 0]);
  gate.send(CONNECT, '2["chat"]', "1");
  for (const upstream of gate.upstreams) upstream.say({ type: "chat" });
  await vi.advanceTimersByTimeAsync(600_000);
  expect([gate.read(), vi.getTimerCount()]).toEqual([[], 0]);
}

describe("CONNECT", () => {
  test("is asked about with its payload, and nothing is said until the answer is there", async () => {
    const gate = await gateIn("verifying");
    expect([gate.asked, gate.read()]).toEqual([[{ token: "t" }], []]);
  });

  test("of who names no stream is answered at once", async () => {
    const gate = await gateIn("verifying");
    await gate.admit();
    expect([gate.read(), gate.joinsAsked]).toEqual([[CONNECTED], 0]);
  });

  test("of who names a stream is answered when the stream has registered him, with one event", async () => {
    const gate = await gateIn("registering");
    const upstream = await gate.join();
    expect(upstream.heard).toEqual([{ ...RUN, type: "register", ref: "connect" }]);
    expect(gate.read()).toEqual([]);
    upstream.say(REGISTERED, { type: "alert", offset: 4 });
    const { ref: _ref, type: _type, ...fields } = REGISTERED;
    expect(gate.read()).toEqual([CONNECTED, [2, ["success", fields]], [2, ["alert", { offset: 4 }]]]);
  });

  test("that is refused may be made anew, up to the fifth, which ends the connection", async () => {
    const gate = new SocketIoGate();
    for (let count = 1; count <= 5; count += 1) {
      gate.send(CONNECT);
      await gate.refuse({ code: "AUTH_FAILED", reason: "expired" });
      expect(gate.read()).toMatchObject([[4, { message: "unauthorized", data: { code: "AUTH_FAILED" } }]]);
      expect(gate.closes).toEqual(count < 5 ? [] : [[1008, "AUTH_REQUIRED"]]);
    }
    await expectNothingLeft(gate);
  });

  test("that nobody can decide now ends the transport, so that its client comes back", async () => {
    const gate = await gateIn("verifying");
    await gate.refuse({ code: "AUTH_UNAVAILABLE" });
    expect([gate.read(), gate.closes]).toEqual([[], []]);
    vi.advanceTimersByTime(1000);
    expect([gate.read(), gate.closes]).toEqual([[], [[1013, "AUTH_UNAVAILABLE"]]]);
    await expectNothingLeft(gate);
  });

  test("that a bug keeps from an answer ends the transport", async () => {
    const gate = await gateIn("verifying");
    await gate.breakAdmission();
    expect(gate.closes).toEqual([[1011, "INTERNAL"]]);
    expect(logged.errors).toEqual(['{"event":"internal-error","where":"connect","name":"Error"}']);
    await expectNothingLeft(gate);
  });

  test("that a bug keeps from an answer after its client has gone is no second end", async () => {
    const gate = await gateIn("verifying");
    gate.transport.clientCloses();
    await gate.breakAdmission();
    expect(gate.closes).toEqual([[1000, undefined]]);
    await expectNothingLeft(gate);
  });

  test.each(["UNAUTHORIZED", "INVALID_STREAM_ID", "SESSION_REVOKED"] as const)(
    "that the stream's object refuses with %s may be made anew",
    async (code) => {
      const gate = await gateIn("registering");
      await gate.refuseToJoin(code);
      expect([gate.read(), gate.closes]).toMatchObject([[[4, { data: { code } }]], []]);
      gate.send(CONNECT);
      await gate.admit();
      expect([gate.read(), gate.released]).toEqual([[[0, { sid: "c-2" }]], ["c-1"]]);
      await expectNothingLeft(gate);
    },
  );

  test("that the stream's object has no room for now ends the transport, so that its client comes back", async () => {
    const gate = await gateIn("registering");
    await gate.refuseToJoin("STREAM_FULL");
    vi.advanceTimersByTime(1000);
    expect([gate.read(), gate.closes, gate.released]).toEqual([[], [[4429, "STREAM_FULL"]], ["c-1"]]);
    await expectNothingLeft(gate);
  });

  test("that the stream does not register is refused, and its socket at the stream is closed", async () => {
    const gate = await gateIn("registering");
    const upstream = await gate.join();
    upstream.say({ type: "error", code: "UNAUTHORIZED", message: "No permission", reason: "r", ref: "connect" });
    expect(gate.read()).toEqual([
      [
        4,
        {
          message: "unauthorized",
          data: { code: "UNAUTHORIZED", message: "No permission", temporary: false, reauth: false, reason: "r" },
        },
      ],
    ]);
    expect([upstream.closes, gate.closes]).toEqual([[[1000, undefined]], []]);
    await expectNothingLeft(gate);
  });

  test("that comes again while there is one is broken", async () => {
    for (const state of ["verifying", "registering", "connected", "member"] as const) {
      const gate = await gateIn(state);
      gate.send(CONNECT);
      expect(gate.closes).toEqual([[4400, "BAD_MESSAGE"]]);
    }
  });

  test.each(STATES)("to another namespace is refused in its name, %s, and five are too many", async (state) => {
    const gate = await gateIn(state);
    gate.send("0/admin,");
    expect(gate.transport.take()).toEqual(['44/admin,{"message":"Invalid namespace"}']);
    for (let count = 0; count < 5; count += 1) gate.send("0/x,");
    await settle();
    expect(gate.closes).toEqual([[1008, "AUTH_REQUIRED"]]);
    if (state === "verifying") await gate.admit();
    await expectNothingLeft(gate);
  });

  test.each(STATES)(
    "that is longer than a credential may be is not answered, %s: nothing bounds what it would be told",
    async (state) => {
      const gate = await gateIn(state);
      gate.send(`0/${"x".repeat(20_000)},`);
      await settle();
      expect(gate.closes).toEqual([[1009, "TOO_LARGE"]]);
      expect(gate.transport.texts.join("").length).toBeLessThan(1000);
    },
  );

  test("in the way of NestJS is refused after it was taken", async () => {
    const gate = new SocketIoGate({ refusal: "nestjs" });
    gate.send(CONNECT);
    await gate.refuse({ code: "AUTH_REQUIRED" });
    expect(gate.read()).toEqual([[0, { sid: "engine-1" }], [2, ["error", "unauthorized"]], [1]]);
  });
});

describe("the time to connect", () => {
  test.each(["waiting", "verifying"] as const)("is over after AUTH_TIMEOUT_S, %s", async (state) => {
    const gate = await gateIn(state);
    await vi.advanceTimersByTimeAsync(9999);
    expect(gate.closes).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(gate.closes).toEqual([[4408, "AUTH_TIMEOUT"]]);
    if (state === "verifying") await gate.admit();
    await expectNothingLeft(gate);
  });

  test("goes on through refusals", async () => {
    const gate = await gateIn("verifying");
    await vi.advanceTimersByTimeAsync(9000);
    await gate.refuse({ code: "AUTH_FAILED" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(gate.closes).toEqual([[4408, "AUTH_TIMEOUT"]]);
  });

  test("begins anew for who has left the namespace", async () => {
    for (const state of ["registering", "connected", "member"] as const) {
      const gate = await gateIn(state);
      await vi.advanceTimersByTimeAsync(9000);
      gate.send("1");
      await vi.advanceTimersByTimeAsync(9999);
      expect(gate.closes).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(gate.closes).toEqual([[4408, "AUTH_TIMEOUT"]]);
      await expectNothingLeft(gate);
    }
  });

  test.each(["connected", "registering"] as const)("is followed by that to register, %s", async (state) => {
    const gate = await gateIn(state);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([gate.closes, gate.released]).toEqual([[[4408, "REGISTER_TIMEOUT"]], ["c-1"]]);
    await expectNothingLeft(gate);
  });

  test("does not run for a member", async () => {
    const { gate } = await member();
    for (let round = 0; round < 10; round += 1) {
      await vi.advanceTimersByTimeAsync(20_000);
      gate.transport.receive("3");
    }
    expect(gate.closes).toEqual([]);
  });
});

/** What a packet does in each state: a close, or nothing that the client could see. */
const CLOSED_AS_BROKEN = [[4400, "BAD_MESSAGE"]] as const;
const BROKEN_ANYWHERE: readonly (string | ArrayBuffer)[] = [
  "",
  "junk",
  '2["connect"]',
  '2["disconnect"]',
  `511-["x",${PLACEHOLDER}]`,
  '51-["x",{"_placeholder":true,"num":1}]',
  '51-["x",{"_placeholder":true,"num":"splice"}]',
  "4",
  '4{"message":"x"}',
  '2/admin,["x"]',
  "1/admin,",
  "3/admin,1[]",
  "3[]",
  new ArrayBuffer(3),
];

describe.each(STATES)("in the state %s", (state) => {
  test.each(BROKEN_ANYWHERE)("%s is broken", async (packet) => {
    const gate = await gateIn(state);
    gate.send(packet);
    expect([gate.read(), gate.closes]).toEqual([[], CLOSED_AS_BROKEN]);
    if (state === "verifying") await gate.admit();
    await expectNothingLeft(gate);
  });

  test.each(["2", "2probe", "5", "0{}", "bAQID", "", "x"])("%j is no packet of Engine.IO's client", async (data) => {
    const gate = await gateIn(state);
    gate.transport.receive(data);
    expect(gate.closes).toEqual(CLOSED_AS_BROKEN);
  });

  test("an acknowledgement of nothing, a pong and a noop are taken, until they are too many", async () => {
    const gate = await gateIn(state, { variables: { MAX_MESSAGES_PER_S: "10" } });
    gate.send("31[]", "62-1[]", new ArrayBuffer(1), new ArrayBuffer(1));
    gate.transport.receive("3", "6");
    expect([gate.read(), gate.closes]).toEqual([[], []]);
    for (let count = 0; count < 100; count += 1) gate.transport.receive("3");
    await settle();
    expect(gate.closes).toEqual([[4429, "RATE_LIMITED"]]);
    if (state === "verifying") await gate.admit();
    await expectNothingLeft(gate);
  });

  test("pongs of many bytes are too many as well, and one that is longer than a message may be is the last", async () => {
    const gate = await gateIn(state, { variables: { MAX_BYTES_PER_S: "65536" } });
    for (let count = 0; count < 30; count += 1) gate.transport.receive(`3${"x".repeat(15_000)}`);
    expect(gate.closes).toEqual([[4429, "RATE_LIMITED"]]);
    const other = await gateIn(state);
    other.transport.receive(`3${"x".repeat(2_000_000)}`);
    expect(other.closes).toEqual([[1009, "TOO_LARGE"]]);
  });

  test("attachments that are together larger than a message may be end it", async () => {
    const gate = await gateIn(state);
    gate.send(`510-["x",${PLACEHOLDER}]`);
    for (let count = 0; count < 9 && gate.closes.length === 0; count += 1) gate.send(new ArrayBuffer(200_000));
    expect(gate.closes).toEqual([[1009, "TOO_LARGE"]]);
    if (state === "verifying") await gate.admit();
    await expectNothingLeft(gate);
  });

  test("a text between a packet and its attachment is broken", async () => {
    const gate = await gateIn(state);
    gate.send(`51-["x",${PLACEHOLDER}]`);
    expect(gate.closes).toEqual([]);
    gate.send('2["chat"]');
    expect(gate.closes).toEqual(CLOSED_AS_BROKEN);
  });

  test.each<[string, (gate: SocketIoGate) => void]>([
    ["closes", ({ transport }) => transport.clientCloses()],
    ["says CLOSE", ({ transport }) => transport.receive("1")],
    ["is lost", ({ transport }) => transport.fail()],
  ])("a client that %s leaves nothing behind, and its place is given back once", async (_name, go) => {
    const gate = await gateIn(state);
    go(gate);
    if (state === "verifying") await gate.admit(RUN);
    if (gate.joinsAsked > 0) await gate.join();
    await settle();
    await expectNothingLeft(gate);
    const hasTaken = state === "verifying" || state === "registering" || state === "connected";
    expect(gate.released).toEqual(hasTaken ? ["c-1"] : []);
    // Whatever the stream opened for it is closed.
    for (const { closes } of gate.upstreams) expect(closes.length).toBeGreaterThan(0);
    expect(logged.errors).toEqual([]);
  });

  test("a client that does not answer a ping is let go, so that it comes back", async () => {
    const gate = await gateIn(state, { variables: { AUTH_TIMEOUT_S: "300", REGISTER_TIMEOUT_S: "300" } });
    await vi.advanceTimersByTimeAsync(44_999);
    expect([gate.read(), gate.closes]).toEqual([["ping"], []]);
    await vi.advanceTimersByTimeAsync(1);
    expect(gate.closes).toEqual([[4408, "IDLE"]]);
    if (state === "verifying") await gate.admit();
    await expectNothingLeft(gate);
  });

  test("a connection that breaks makes nothing throw", async () => {
    const gate = await gateIn(state);
    gate.transport.broken = true;
    gate.send("0/admin,", '2["chat",1,2]', "junk");
    if (state === "verifying") await gate.admit(RUN);
    await vi.advanceTimersByTimeAsync(60_000);
    gate.transport.fail();
    await expectNothingLeft(gate);
    expect(logged.errors).toEqual([]);
  });
});

describe("a client that leaves the namespace", () => {
  test.each(["waiting", "verifying"] as const)("is broken where it is not connected, %s", async (state) => {
    const gate = await gateIn(state);
    gate.send("1");
    expect(gate.closes).toEqual(CLOSED_AS_BROKEN);
  });

  test("leaves its stream, and may come back over the same connection", async () => {
    const { gate, upstream } = await member();
    gate.send("1");
    expect([upstream.closes, gate.closes]).toEqual([[[1000, undefined]], []]);
    upstream.say({ type: "chat" });
    upstream.clientCloses();
    expect(gate.read()).toEqual([]);
    gate.send(CONNECT);
    await gate.admit(RUN);
    (await gate.join()).say(REGISTERED, { type: "chat" });
    expect(gate.read()).toMatchObject([
      [0, { sid: "c-2" }],
      [2, ["success", {}]],
      [2, ["chat", {}]],
    ]);
    await expectNothingLeft(gate);
  });

  test("before its stream has taken it leaves no socket there", async () => {
    const gate = await gateIn("registering");
    gate.send("1");
    const upstream = await gate.join();
    expect([upstream.closes, gate.released]).toEqual([[[1000, undefined]], ["c-1"]]);
    await expectNothingLeft(gate);
  });

  test("is not cut off for what its next member has not read", async () => {
    const { gate, upstream } = await member();
    gate.transport.bufferedAmount = 1000;
    gate.send("1");
    upstream.clientCloses();
    gate.send(CONNECT);
    await gate.admit(RUN);
    (await gate.join()).say(REGISTERED);
    for (let second = 0; second < 40; second += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      gate.transport.receive("3");
    }
    expect(gate.cut).not.toHaveBeenCalled();
  });

  test("five times has had its chances", async () => {
    const gate = new SocketIoGate();
    for (let count = 0; count < 5; count += 1) {
      gate.send(CONNECT);
      await gate.admit();
      gate.send("1");
    }
    expect(gate.closes).toEqual([]);
    gate.send(CONNECT);
    expect(gate.closes).toEqual([[1008, "AUTH_REQUIRED"]]);
    expect(gate.released).toEqual(["c-1", "c-2", "c-3", "c-4", "c-5"]);
    await expectNothingLeft(gate);
  });
});

describe("events", () => {
  test("before CONNECT are broken", async () => {
    const gate = await gateIn("waiting");
    gate.send('2["chat"]');
    expect(gate.closes).toEqual(CLOSED_AS_BROKEN);
  });

  test("while it is not decided who it is wait, and follow in order", async () => {
    const gate = await gateIn("verifying");
    gate.send('2["chat",{"n":1}]', `51-["chat",${PLACEHOLDER}]`, Uint8Array.of(1).buffer, '25["chat",{"n":3}]');
    await gate.admit(RUN);
    gate.send('2["chat",{"n":4}]');
    const { heard } = await gate.join();
    expect(heard).toEqual([
      { ...RUN, type: "register", ref: "connect" },
      { type: "chat", n: 1 },
      expect.any(ArrayBuffer),
      { type: "chat", n: 3, ref: "ack!5" },
      { type: "ping", ref: "ack?5" },
      { type: "chat", n: 4 },
    ]);
    expect(gate.memory.bytes).toBe(0);
  });

  test("that are none and came while it was not decided who it is are told so once somebody is let in", async () => {
    for (const register of [undefined, RUN]) {
      const gate = await gateIn("verifying");
      gate.send('2["chat",1,2]', '23["ping",{}]', '27["chat",1,2]', "2[7]");
      expect([gate.read(), gate.memory.bytes > 0]).toEqual([[], true]);
      await gate.admit(register);
      const bad = { type: "error", code: "BAD_MESSAGE", message: "An event has one argument" };
      expect(gate.read().filter(([type]) => type !== 0)).toMatchObject([
        [2, ["error", { code: "BAD_MESSAGE" }]],
        [3, [bad], 7],
        [2, ["error", { code: "UNKNOWN_TYPE" }]],
        ...(register === undefined ? [[3, [{ type: "pong" }], 3]] : []),
      ]);
      await expectNothingLeft(gate);
    }
  });

  test("that are none and came before somebody was refused are nobody's", async () => {
    const gate = await gateIn("verifying");
    gate.send('27["chat",1,2]');
    await gate.refuse({ code: "AUTH_FAILED" });
    gate.send(CONNECT);
    await gate.admit();
    expect(gate.read()).toMatchObject([
      [4, {}],
      [0, {}],
    ]);
  });

  test("that are none end the connection at once where ten of them wait", async () => {
    const flood = await gateIn("verifying");
    for (let count = 0; count < 10; count += 1) flood.send("2[7]");
    expect(flood.closes).toEqual([[1008, "UNKNOWN_TYPE"]]);
    await flood.admit();
    await expectNothingLeft(flood);
  });

  test("that wait are bounded in number and in bytes, and all of them together", async () => {
    const many = await gateIn("verifying");
    for (let count = 0; count < 64; count += 1) many.send('2["chat"]');
    expect(many.closes).toEqual([]);
    many.send('2["chat"]');
    expect(many.closes).toEqual([[1009, "TOO_LARGE"]]);
    const large = await gateIn("verifying");
    large.send(`2["chat","${"x".repeat(60_000)}"]`);
    expect([large.closes, large.memory.bytes > 60_000]).toEqual([[], true]);
    large.send(`2["chat","${"x".repeat(6000)}"]`);
    expect([large.closes, large.memory.bytes]).toEqual([[[1009, "TOO_LARGE"]], 0]);
    const crowded = await gateIn("verifying", { variables: { EDGE_BUFFER_BYTES: "1048576" } });
    crowded.memory.report({}, 1_048_576);
    crowded.send('2["chat"]');
    expect(crowded.closes).toEqual([[1013, "OVERLOADED"]]);
  });

  test("that waited for who is refused are nobody's", async () => {
    const gate = await gateIn("verifying");
    gate.send('2["chat",{"n":1}]');
    await gate.refuse({ code: "AUTH_FAILED" });
    expect(gate.memory.bytes).toBe(0);
    gate.send(CONNECT);
    await gate.admit(RUN);
    const { heard } = await gate.join();
    expect(heard).toHaveLength(1);
  });

  test("that are none are told to be, with their acknowledgement where one was wanted", async () => {
    const { gate, upstream } = await member();
    gate.send('2["chat",1,2]', '27["chat",1,2]', "2[7]", '28["chat",{"ref":[]}]');
    const bad = { type: "error", code: "BAD_MESSAGE", message: "An event has one argument" };
    expect(gate.read()).toMatchObject([
      [2, ["error", { code: "BAD_MESSAGE" }]],
      [3, [bad], 7],
      [2, ["error", { code: "UNKNOWN_TYPE" }]],
      [3, [{ code: "BAD_MESSAGE", message: "`ref` is a number or a string" }], 8],
    ]);
    expect(upstream.heard).toEqual([]);
  });

  test("with a ref that is nested 100,000 deep are told so as well", async () => {
    const { gate, upstream } = await member();
    gate.send(`27["chat",{"ref":${"[".repeat(100_000)}${"]".repeat(100_000)}}]`);
    expect([gate.read(), upstream.heard]).toMatchObject([[[3, [{ code: "BAD_MESSAGE" }], 7]], []]);
  });

  test("of which ten are none within ten seconds end the connection for good", async () => {
    const { gate } = await member();
    for (let count = 0; count < 10; count += 1) gate.send("2[7]");
    expect(gate.read().at(-1)).toEqual([1]);
    expect(gate.closes).toEqual([[4400, "UNKNOWN_TYPE"]]);
    await expectNothingLeft(gate);
  });

  test("that come too fast are told when they may, each with its acknowledgement, and nothing stays of those", async () => {
    const { gate, upstream } = await member({ variables: { MAX_MESSAGES_PER_S: "5" } });
    // Each with what is asked after it, in a burst of ten, of which the registration was one.
    for (let count = 0; count < 4; count += 1) gate.send(`2${count}["chat"]`);
    expect(upstream.heard).toHaveLength(8);
    gate.send('27["chat"]', '2["chat"]');
    expect(gate.read()).toMatchObject([
      [3, [{ code: "RATE_LIMITED", retryAfterMs: expect.any(Number) }], 7],
      [2, ["error", { code: "RATE_LIMITED" }]],
    ]);
    // Nothing was asked after it, so nothing is to be passed over.
    upstream.say({ type: "pong", ref: "ack?7" });
    expect(gate.read()).toMatchObject([[3, [{ type: "success" }], 7]]);
  });

  test("with an acknowledgement, 100,000 of them, leave nothing behind, answered or not", async () => {
    const { gate, upstream } = await member({
      variables: { MAX_MESSAGES_PER_S: "100000", MAX_BYTES_PER_S: "1000000000" },
    });
    for (let id = 0; id < 100_000; id += 1) {
      gate.send(`2${id}["chat"]`);
      upstream.sent.length = 0;
      // Each is two messages, with what is asked after it.
      if (id % 1000 === 0) vi.advanceTimersByTime(20);
    }
    expect([gate.memory.bytes, gate.closes, gate.read()]).toEqual([0, [], []]);
    upstream.say({ type: "pong", ref: "ack?99999" });
    expect(gate.read()).toMatchObject([[3, [{ type: "success" }], 99_999]]);
  });

  test("without an acknowledgement are answered with events, also where their ref is the one of CONNECT", async () => {
    const { gate, upstream } = await member();
    gate.send('2["ping",{"ref":"connect"}]');
    expect(upstream.heard).toEqual([{ type: "ping", ref: "connect" }]);
    upstream.say({ type: "pong", ref: "connect" });
    expect(gate.read()).toEqual([[2, ["pong", { ref: "connect" }]]]);
  });

  test("whose acknowledgement an earlier member waited for are not mixed up with those of the next", async () => {
    const { gate, upstream } = await member();
    gate.send('27["chat"]');
    upstream.say({ type: "error", code: "NOT_A_PRODUCER", ref: "ack!7" });
    gate.send("1", CONNECT);
    await gate.admit(RUN);
    const next = await gate.join();
    next.say(REGISTERED);
    gate.read();
    gate.send('27["chat"]');
    next.say({ type: "pong", ref: "ack?7" });
    expect(gate.read()).toMatchObject([[3, [{ type: "success" }], 7]]);
  });
});

describe("what the stream ends", () => {
  test.each([
    [4401, "TOKEN_EXPIRED"],
    [1012, "DRAINING"],
    [4508, "SLOW_CONSUMER"],
    [1000, ""],
  ])("with %i %s is only the transport, so that its client comes back", async (code, reason) => {
    const { gate, upstream } = await member();
    upstream.say({ type: "error", code: reason });
    upstream.clientCloses(code, reason);
    expect([gate.read().at(-1), gate.closes]).toEqual([[2, ["error", { code: reason }]], [[code, reason]]]);
    await expectNothingLeft(gate);
  });

  test.each([
    [4410, "SESSION_REVOKED"],
    [4409, "REPLACED"],
    [1009, "TOO_LARGE"],
    [4400, "BAD_MESSAGE"],
  ])("with %i %s is told, so that its client stays away", async (code, reason) => {
    const { gate, upstream } = await member();
    upstream.clientCloses(code, reason);
    expect([gate.read(), gate.closes]).toEqual([[[1]], [[code, reason]]]);
    await expectNothingLeft(gate);
  });

  test("with SESSION_REVOKED before CONNECT was answered is a CONNECT that is refused", async () => {
    const gate = await gateIn("registering");
    const upstream = await gate.join();
    upstream.clientCloses(4410, "SESSION_REVOKED");
    expect([gate.read(), gate.closes]).toMatchObject([
      [[4, { data: { code: "SESSION_REVOKED" } }]],
      [[4410, "SESSION_REVOKED"]],
    ]);
    await expectNothingLeft(gate);
  });

  test("without a close is as if the stream had moved", async () => {
    const { gate, upstream } = await member();
    upstream.fail();
    expect([gate.read(), gate.closes]).toMatchObject([[[2, ["error", { code: "DRAINING" }]]], [[1012, "DRAINING"]]]);
    await expectNothingLeft(gate);
  });
});

describe("a client that does not read", () => {
  test("is closed by the stream's bound, then cut off with all that waits", async () => {
    const { gate, upstream } = await member();
    gate.transport.bufferedAmount = 50_000_000;
    upstream.say({ type: "chat" });
    expect(gate.closes).toEqual([[4508, "SLOW_CONSUMER"]]);
    expect(gate.memory.bytes).toBe(50_000_000);
    await vi.advanceTimersByTimeAsync(120_000);
    expect([gate.cut.mock.calls.length, gate.memory.bytes]).toEqual([1, 0]);
  });

  test("is watched as well where it said CLOSE and stays", async () => {
    const { gate, upstream } = await member();
    gate.transport.bufferedAmount = 500_000;
    gate.transport.receive("1");
    upstream.clientCloses();
    expect([gate.closes, gate.memory.bytes]).toEqual([[[1000, ""]], 500_000]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect([gate.cut.mock.calls.length, gate.memory.bytes]).toEqual([1, 0]);
  });

  test("is told of what it does wrong within the bound of any other answer", async () => {
    const { gate } = await member();
    gate.transport.bufferedAmount = 50_000_000;
    gate.send("2[7]");
    expect(gate.closes).toEqual([[4508, "SLOW_CONSUMER"]]);
  });
});
