// The life of one stream: its parts put together, who comes in, what an alarm does. No platform in here but its shapes.
import { decide } from "../../auth/policy.ts";
import type { Principal } from "../../auth/principal.ts";
import type { Handoff } from "../../connection/handoff.ts";
import { type Attachment, readAttachment, writeAttachment } from "../../connection/attachment.ts";
import type { Code } from "../../protocol/codes.ts";
import type { Fault } from "../../protocol/fault.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { StreamConfig } from "../config.ts";
import { Access } from "./access.ts";
import { AlertSinks } from "./alert-sinks.ts";
import { AlertLog } from "./alert-log.ts";
import { Claiming, type UserStreams } from "./claiming.ts";
import { Counters } from "./counters.ts";
import type { Deadlines } from "./deadlines.ts";
import { drain } from "./draining.ts";
import { FanOut } from "./fan-out.ts";
import { Flow } from "./flow.ts";
import { FrameSinks, type SinkPorts } from "./frame-sinks.ts";
import { FrameStore } from "./frame-store.ts";
import { History } from "./history.ts";
import { Intake } from "./intake.ts";
import { Lagging, type Timer } from "./lagging.ts";
import { Lapsing } from "./lapsing.ts";
import { LatestFrames } from "./latest-frames.ts";
import { closeSaying, Leaving, OPEN } from "./leaving.ts";
import { HEARD_GRAIN, Liveness } from "./liveness.ts";
import { Managing } from "./managing.ts";
import { Member, type MemberSocket } from "./member.ts";
import { Presence } from "./presence.ts";
import { type Posted, Publishing } from "./publishing.ts";
import { Registering } from "./registering.ts";
import { Roster } from "./roster.ts";
import { Sequence } from "./sequence.ts";
import { Status } from "./status.ts";
import type { Storage } from "../storage.ts";
import { TotalWaiting } from "./total-waiting.ts";

/** All that a stream needs from outside. */
export interface StreamPorts {
  readonly storage: Storage;
  readonly deadlines: Deadlines;
  readonly sinks: Pick<SinkPorts, "call" | "delay">;
  /** Hands an alert to the bound Worker; rejects where it throws, cannot be reached or takes too long. */
  readonly callAlertSink: (binding: string, alert: JsonObject) => Promise<unknown>;
  /** The objects of users, which know how many streams each owns. */
  readonly users: UserStreams;
  /** Keeps the object from falling asleep in the middle of some work; a rejection is a bug and is logged. */
  readonly keepAlive: (work: Promise<unknown>) => void;
  readonly timer: Timer;
  /** When the runtime last answered a keepalive of this socket; undefined where it never did. */
  readonly keepaliveAtMs: (socket: MemberSocket) => number | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A text that no other call returned, at most 36 characters. */
  readonly randomId: () => string;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/**
 * Alerts between two looks at the retention; so many more than allowed may be kept for a while. Few, because ids are in
 * no order: each forgotten alert writes a page of the index of its own, and one publish waits for all of them.
 */
const TRIM_EVERY = 8;

export class Stream {
  readonly #config: StreamConfig;
  readonly #ports: StreamPorts;
  readonly #roster = new Roster();
  readonly #access: Access;
  readonly #log: AlertLog;
  readonly #counters: Counters;
  readonly #leaving: Leaving;
  readonly #fanOut: FanOut;
  readonly #publishing: Publishing;
  readonly #presence: Presence;
  readonly #intake: Intake;
  readonly #alertSinks: AlertSinks;
  readonly #lapsing: Lapsing;
  readonly #liveness: Liveness;
  readonly latestFrames: LatestFrames;
  readonly status: Status;
  /** What was stored, by pages. */
  readonly history: History;
  /** What the owner does with the stream over HTTP. */
  readonly managing: Managing;

  constructor(config: StreamConfig, ports: StreamPorts) {
    this.#config = config;
    this.#ports = ports;
    const { storage, deadlines, keepAlive, now, randomId } = ports;
    const roster = this.#roster;
    const access = new Access(storage, config.policy, now());
    const log = new AlertLog(storage);
    const counters = new Counters(now());
    const leaving = new Leaving({
      roster,
      authGraceMs: config.authGraceMs,
      left: (member) => {
        this.#intake.left(member);
        if (this.#isLastOfItsKind(member)) flow.quiet(now());
        presence.left(member, now());
        access.noteUse(now());
      },
    });
    const lagging = new Lagging({
      roster,
      leaving,
      now,
      timer: ports.timer,
      batchDelayMs: config.batchDelayMs,
      total: () => new TotalWaiting(roster),
    });
    const fanOut = new FanOut({ roster, leaving, lagging, counters, now });
    const parts = { config, roster, access, log, fanOut, counters, randomId };
    const presence = new Presence(parts);
    const flow = new Flow({
      notice: (status, nowMs) => this.#publishing.notice(status, {}, nowMs),
      hadFrames: () => latestFrames.isThere,
    });
    const latestFrames = new LatestFrames({ ...parts, flow, store: new FrameStore(storage), deadlines });
    const claiming = new Claiming(ports.users, () => access.claim?.ownerId);
    const registering = new Registering({
      ...parts,
      claiming,
      presence,
      latestFrames,
      leaving,
      claimed: () => this.#lapsing.schedule(),
    });
    const sinks = new FrameSinks(config.frameSinks, config.frameSinkTimeoutMs, {
      ...ports.sinks,
      now,
      publish: (binding, alert, epoch) => this.#publishing.publishFromSink(binding, alert, epoch, now()),
      failed: () => counters.add("sinkErrors"),
      trouble: (binding, trouble) => this.#publishing.notice("sink-error", { sink: binding, reason: trouble }, now()),
    });
    const sequence = new Sequence(storage.sql);
    this.#publishing = new Publishing({
      ...parts,
      sinks,
      sequence,
      latestFrames,
      stored: (offset) => {
        // The first sets the alarm for its own end, and a busy stream is trimmed while it is busy.
        if (offset % TRIM_EVERY === 1) this.#trim(now());
        this.#alertSinks.stored(offset);
      },
    });
    this.#alertSinks = new AlertSinks({
      bindings: config.alertSinks,
      storage,
      access,
      log,
      deadlines,
      call: ports.callAlertSink,
      failed: () => counters.add("sinkErrors"),
      trouble: (binding) => this.#publishing.notice("sink-error", { sink: binding, reason: "failed" }, now()),
      keepAlive,
      now,
    });
    this.#intake = new Intake({
      ...parts,
      leaving,
      lagging,
      latestFrames,
      registering,
      publishing: this.#publishing,
      keepAlive,
      now,
    });
    this.managing = new Managing({
      access,
      claiming,
      registering,
      sequence,
      forget: () => {
        sinks.forgetWaiting();
        latestFrames.forget();
        flow.forget();
        // Nobody comes back by himself, since a camera that did would own the stream anew.
        for (const member of roster.members) leaving.expel(member, "NOT_FOUND");
      },
    });
    const { claimTtlMs, idleTimeoutMs } = config;
    this.#liveness = new Liveness({ roster, leaving, deadlines, idleTimeoutMs, keepaliveAtMs: ports.keepaliveAtMs });
    this.#lapsing = new Lapsing({ ...parts, deadlines, managing: this.managing, keepAlive, now, claimTtlMs });
    this.history = new History(access, log);
    this.status = new Status(parts);
    this.latestFrames = latestFrames;
    this.#access = access;
    this.#log = log;
    this.#counters = counters;
    this.#leaving = leaving;
    this.#presence = presence;
    this.#fanOut = fanOut;
  }

  /** Takes over the sockets that slept through; one that cannot be read any more is let go, and its client comes back. */
  wake(sockets: readonly MemberSocket[]): void {
    const nowMs = this.#ports.now();
    for (const socket of sockets) {
      const attachment = socket.readyState === OPEN ? readAttachment(socket.deserializeAttachment()) : undefined;
      if (attachment !== undefined) this.#roster.add(this.#newMember(socket, attachment, nowMs));
      else this.#letGo(socket);
    }
    this.#presence.woke();
  }

  /** The alarm that is set is known: from here on deadlines may be added. */
  awake(): void {
    this.#lapsing.schedule();
    this.#alertSinks.look();
    const { claim, isFromEarlierRelease } = this.#access;
    // A stream that was made before there were lists is on none.
    if (claim !== undefined && isFromEarlierRelease) this.#ports.users.settle(claim.ownerId, claim.streamId, true);
  }

  /** Closed already, and listed by the platform until it is gone; or unreadable. Either way it is nobody's. */
  #letGo(socket: MemberSocket): void {
    closeSaying(socket, "DRAINING");
    this.#roster.addDeparting(socket);
  }

  /** Whether a verified principal may come in at all; a code refuses the upgrade. */
  admission({ streamId, principal }: Handoff): Code | undefined {
    if (!this.#hasAnyRight(streamId, principal)) return "UNAUTHORIZED";
    if (this.#roster.places < this.#config.maxMembers) return undefined;
    // Who waited for a stream that somebody else then claimed is still connected, and gives way to who may be here.
    const stranger = this.#roster.members.find((member) => !this.#hasAnyRight(member.streamId, member.principal));
    if (stranger === undefined) return "STREAM_FULL";
    this.#leaving.expel(stranger, "UNAUTHORIZED");
    return undefined;
  }

  #hasAnyRight(streamId: string, principal: Principal): boolean {
    const facts = this.#access.factsOf(streamId);
    return decide(principal, "read", facts) !== "deny" || decide(principal, "write", facts) !== "deny";
  }

  /** Adds a socket that was admitted and accepted. */
  join(socket: MemberSocket, { streamId, connectionId, hop, principal, endsAtMs }: Handoff): void {
    const heardAtMs = this.#ports.now();
    const attachment = { streamId, connectionId, hop, principal, endsAtMs, registration: undefined, heardAtMs };
    socket.serializeAttachment(writeAttachment(attachment));
    const member = this.#newMember(socket, attachment, heardAtMs);
    this.#roster.add(member);
    this.#counters.add("connections");
    this.#wakeForEndOf(member);
    if (hop === "direct") this.#liveness.schedule(heardAtMs);
  }

  #newMember(socket: MemberSocket, attachment: Attachment, nowMs: number): Member {
    const { rate, outbox } = this.#config;
    const heardGrainMs = this.#config.idleTimeoutMs * HEARD_GRAIN;
    const dropped = (): void => this.#counters.add("framesDropped");
    return new Member(socket, attachment, { rate, outbox, heardGrainMs, dropped }, nowMs);
  }

  /** Whether nobody is left who would send a frame, and this member did. */
  #isLastOfItsKind(member: Member): boolean {
    const sendsFrames = (one: Member): boolean => [...this.#config.lanes.latest].some((type) => one.produces(type));
    return sendsFrames(member) && !this.#roster.members.some(sendsFrames);
  }

  /** A message of a socket. */
  receive(socket: MemberSocket, data: string | ArrayBuffer): void {
    const member = this.#roster.find(socket);
    if (member !== undefined) this.#intake.receive(member, data); // else closed by us, and this was on its way
  }

  /** A message that came over HTTP or RPC. */
  post(
    principal: Principal,
    streamId: string,
    body: JsonObject,
    payload: Uint8Array<ArrayBuffer> | undefined,
  ): Posted | Fault {
    return this.#publishing.publishPosted(principal, streamId, body, payload, this.#ports.now());
  }

  isOnAccountOf(userId: string): boolean {
    return this.#access.claim?.ownerId === userId;
  }

  /** Sends every member away to come back; how many there were. */
  drain(): number {
    return drain({ roster: this.#roster, fanOut: this.#fanOut, leaving: this.#leaving, random: this.#ports.random });
  }

  /** A bug met a message of this socket: no details outside, and the stream goes on without it. */
  fail(socket: MemberSocket): void {
    const member = this.#roster.find(socket);
    if (member !== undefined) this.#leaving.expel(member, "INTERNAL");
  }

  /** A socket is gone, whoever closed it. */
  leave(socket: MemberSocket): void {
    this.#leaving.gone(socket);
  }

  /** The alarm rang: does what is due, and asks to be woken for what is next. */
  sweep(): void {
    const nowMs = this.#ports.now();
    this.#ports.deadlines.rang();
    this.#counters.add("alarms");
    this.#ports.deadlines.together(() => {
      for (const member of this.#roster.members) {
        if (this.#leaving.isOver(member, nowMs)) this.#leaving.expel(member, "TOKEN_EXPIRED");
        else this.#wakeForEndOf(member);
      }
      this.#trim(nowMs);
      this.latestFrames.look(nowMs);
      this.#alertSinks.look();
      this.#lapsing.look(nowMs);
      this.#liveness.look(nowMs);
    });
  }

  /** Forgets alerts that are too old or too many, and asks to be woken for the next one. */
  #trim(nowMs: number): void {
    if (this.#access.claim === undefined) return;
    const nextMs = this.#log.trim(this.#config.retention, nowMs);
    if (nextMs !== undefined) this.#ports.deadlines.add(nextMs);
  }

  #wakeForEndOf(member: Member): void {
    const endMs = this.#leaving.endOf(member);
    if (endMs !== undefined) this.#ports.deadlines.add(endMs);
  }
}
