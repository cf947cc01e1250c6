// One whole stream without the platform: real parts on a database in memory, with a clock, ids and sinks that a test holds.
import type { Principal } from "../../auth/principal.ts";
import { VariableReader, type Variables } from "../../auth/variables.ts";
import type { AuditEvent } from "../../connection/audit.ts";
import type { Handoff } from "../../connection/handoff.ts";
import type { Hop } from "../../connection/hop.ts";
import { readStreamConfig } from "../../durable-objects/config.ts";
import { Deadlines } from "../../durable-objects/stream/deadlines.ts";
import type { Authorize } from "../../durable-objects/stream/rights/delegated-answers.ts";
import { Stream } from "../../durable-objects/stream/stream.ts";
import { writeEnvelope } from "../../protocol/envelope.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { FakeAuthorities } from "./fake-authorities.ts";
import { FakeSinks } from "./fake-sinks.ts";
import { FakeSocket, type Message } from "./fake-socket.ts";
import { FakeTimers } from "./fake-timers.ts";
import { FakeUsers } from "./fake-users.ts";
import { user } from "./members.ts";
import { MemoryStorage } from "./memory-storage.ts";
import { GATEWAY_ORIGIN } from "./occasion.ts";

export const STREAM_ID = "cam-1";
const START_MS = 1_800_000_000_000;
const SESSION_MS = 3_600_000;

/** One connection, seen from its client. */
export class Seat {
  readonly socket = new FakeSocket();
  readonly #fake: FakeStream;

  constructor(fake: FakeStream) {
    this.#fake = fake;
  }

  /** Sends a text as it is, or a message as JSON. */
  send(message: unknown): void {
    this.#fake.stream.receive(this.socket, typeof message === "string" ? message : JSON.stringify(message));
  }

  sendFrame(header: Record<string, unknown>, payload: readonly number[] = [1, 2, 3]): void {
    const message = writeEnvelope(JSON.stringify(header), Uint8Array.from(payload));
    if (message === undefined) throw new Error("the header is too long");
    this.sendBytes(message);
  }

  sendBytes(message: ArrayBuffer): void {
    this.#fake.stream.receive(this.socket, message);
  }

  /** Sends a `register` and hands out the answer, whatever it is. */
  register(message: Record<string, unknown> = {}): Message {
    const before = this.socket.messages.length;
    this.send({ type: "register", ...message });
    const answer = this.socket.messages[before];
    if (answer === undefined) throw new Error("register was not answered");
    return answer;
  }

  /** The connection is gone, as the platform tells it. */
  leave(closeCode = 1001): void {
    this.#fake.gone(this, closeCode);
  }
}

export interface JoinOptions {
  readonly endsInMs?: number | "never";
  readonly hop?: Hop;
  readonly principal?: Principal;
  readonly isOneOfSeveral?: true;
}

export class FakeStream {
  nowMs = START_MS;
  /** Every alarm that was written. */
  readonly alarms: number[] = [];
  readonly storage: MemoryStorage;
  readonly sinks = new FakeSinks();
  /** There is room for every stream, at once, unless a test says otherwise. */
  readonly users = new FakeUsers();
  /** Who says what of the tokens that are shown on live connections. */
  readonly authorities = new FakeAuthorities();
  /** What a bound Worker does with an alert; a test says what. */
  callAlertSink: (binding: string, alert: Record<string, unknown>) => Promise<unknown> = () => Promise.resolve();
  /** What the Worker that decides answers, under the policy `delegate`; a test says what. */
  authorize: Authorize = () => Promise.reject(new Error("nobody is asked"));
  random = (): number => 0.5;
  readonly timers = new FakeTimers();
  /** What the operator can look up. */
  readonly noted: AuditEvent[] = [];
  /** When the runtime answered a keepalive of a socket, which the stream does not notice. */
  readonly keepalives = new Map<unknown, number>();
  /** Work that keeps the object awake. */
  readonly background: Promise<unknown>[] = [];
  stream: Stream;
  readonly #variables: Variables;
  readonly #seats = new Set<Seat>();
  #ids = 0;
  #connections = 0;

  /** @param storage of another one, as after a deploy with other variables */
  constructor(variables: Variables = {}, storage = new MemoryStorage()) {
    this.storage = storage;
    this.#variables = variables;
    this.stream = this.#start();
  }

  /** A verified connection of a user; it has not registered. */
  join(userId: string, options: JoinOptions = {}): Seat {
    const seat = new Seat(this);
    this.#seats.add(seat);
    this.stream.join(seat.socket, this.handoff(userId, options));
    return seat;
  }

  handoff(
    userId: string,
    { endsInMs = SESSION_MS, hop = "direct", principal = user(userId), isOneOfSeveral }: JoinOptions = {},
  ): Handoff {
    const connectionId = `connection-${(this.#connections += 1)}`;
    const endsAtMs = endsInMs === "never" ? undefined : this.nowMs + endsInMs;
    const issuedAtS = endsAtMs === undefined ? undefined : Math.floor(this.nowMs / 1000);
    const session = { principal, issuedAtS, endsAtMs };
    const beside = isOneOfSeveral === undefined ? {} : { isOneOfSeveral };
    const connection = { streamId: STREAM_ID, connectionId, hop, ...beside, origin: GATEWAY_ORIGIN };
    return { ...connection, ...session, offeredSubprotocol: false };
  }

  /** A connection that has claimed the stream, with its answer already read. */
  owner(register: Record<string, unknown> = { produces: ["*"], consumes: [] }, userId = "anna"): Seat {
    return this.member(userId, register);
  }

  /** A connection that has registered, with its answer already read. */
  member(userId: string, register: Record<string, unknown>, options: JoinOptions = {}): Seat {
    const seat = this.join(userId, options);
    const { type } = seat.register(register);
    if (type !== "success") throw new Error("the registration was refused");
    seat.socket.forgetSent();
    return seat;
  }

  /** The owner changes whom he lets in. Done at once, as long as the objects of users answer at once. */
  allow(list: JsonObject, ownerId = "anna"): void {
    void this.stream.managing.changeAccess(user(ownerId), STREAM_ID, list, () => this.nowMs);
  }

  /** A program posts a message, and has its answer at once, as under every policy that asks nobody. */
  post(principal: Principal, body: JsonObject): unknown {
    return this.stream.requesting.publish(principal, STREAM_ID, body, undefined);
  }

  /** The owner deletes the stream; at once, like `allow`. */
  erase(ownerId = "anna"): void {
    void this.stream.managing.erase(user(ownerId), STREAM_ID);
  }

  gone(seat: Seat, closeCode: number): void {
    this.#seats.delete(seat);
    this.stream.leave(seat.socket, closeCode);
  }

  /** Out of memory and back, on the same storage, with the sockets that the platform still lists. */
  sleepAndWake(): void {
    this.stream = this.#start();
    this.stream.wake([...this.#seats].map(({ socket }) => socket));
  }

  /** When the alarm rings that is set; undefined while none is. */
  get alarmAtMs(): number | undefined {
    return this.alarms.at(-1);
  }

  /** The time goes on until the alarm rings that is set, and it rings. */
  ring(): void {
    this.nowMs = Math.max(this.nowMs, this.alarmAtMs ?? this.nowMs);
    this.stream.sweep();
  }

  #start(): Stream {
    const deadlines = new Deadlines({
      setAlarm: (atMs) => {
        this.alarms.push(atMs);
        return Promise.resolve();
      },
    });
    deadlines.restore(this.alarms.at(-1) ?? null);
    const variables = new VariableReader(this.#variables);
    const config = readStreamConfig(variables);
    if (variables.problems.length > 0) throw new Error(JSON.stringify(variables.problems));
    return new Stream(config, {
      storage: this.storage,
      deadlines,
      sinks: this.sinks,
      users: this.users,
      verifyToken: this.authorities.verify,
      note: (event) => this.noted.push(event),
      admission: this.users,
      callAlertSink: (binding, alert) => this.callAlertSink(binding, alert),
      authorize: (question) => this.authorize(question),
      timer: this.timers.set,
      keepaliveAtMs: (socket) => this.keepalives.get(socket),
      random: () => this.random(),
      keepAlive: (work) => this.background.push(work),
      now: () => this.nowMs,
      randomId: () => `id-${(this.#ids += 1)}`,
    });
  }
}
