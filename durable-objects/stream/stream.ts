// The life of one stream: who comes in, what is said, what an alarm does. No platform in here but its shapes.
import { decide } from "../../auth/policy.ts";
import type { Principal } from "../../auth/principal.ts";
import { type Revocation, subjectOf } from "../../auth/revocation.ts";
import { type Attachment, readAttachment, writeAttachment } from "../../connection/attachment.ts";
import type { Handoff } from "../../connection/handoff.ts";
import type { Code } from "../../protocol/codes.ts";
import type { Fault } from "../../protocol/fault.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { StreamConfig } from "../config.ts";
import { compose, type Composed } from "./compose.ts";
import { ANY_RIGHT, type DelegatedAnswers } from "./delegated-answers.ts";
import { drain } from "./draining.ts";
import type { Explaining } from "./explaining.ts";
import type { History } from "./history.ts";
import type { LatestFrames } from "./latest-frames.ts";
import { closeSaying, OPEN } from "./leaving.ts";
import { HEARD_GRAIN } from "./liveness.ts";
import type { Managing } from "./managing.ts";
import { Member, type MemberSocket } from "./member.ts";
import type { Operating } from "./operating.ts";
import type { StreamPorts } from "./ports.ts";
import type { Posted } from "./posting.ts";
import type { Status } from "./status.ts";
import type { TicketLedger } from "./ticket-ledger.ts";

export class Stream {
  readonly #config: StreamConfig;
  readonly #ports: StreamPorts;
  readonly #parts: Composed;
  readonly latestFrames: LatestFrames;
  readonly status: Status;
  /** What was stored, by pages. */
  readonly history: History;
  /** What the owner does with the stream over HTTP. */
  readonly managing: Managing;
  /** Who comes with a ticket, and how often. */
  readonly tickets: TicketLedger;
  /** What must be asked elsewhere before anything is decided. */
  readonly answers: DelegatedAnswers;
  /** What an operator does. */
  readonly operating: Operating;
  /** What an operator asks. */
  readonly explaining: Explaining;

  constructor(config: StreamConfig, ports: StreamPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#parts = compose(config, ports);
    const { latestFrames, status, history, managing, operating, explaining, tickets, answers } = this.#parts;
    this.latestFrames = latestFrames;
    this.status = status;
    this.history = history;
    this.managing = managing;
    this.tickets = tickets;
    this.answers = answers;
    this.operating = operating;
    this.explaining = explaining;
  }

  /** Takes over the sockets that slept through; one that cannot be read any more is let go, and its client comes back. */
  wake(sockets: readonly MemberSocket[]): void {
    const nowMs = this.#ports.now();
    for (const socket of sockets) {
      const attachment = socket.readyState === OPEN ? readAttachment(socket.deserializeAttachment()) : undefined;
      if (attachment !== undefined) this.#parts.roster.add(this.#newMember(socket, attachment, nowMs));
      else this.#letGo(socket);
    }
    this.#parts.presence.woke();
  }

  /** The alarm that is set is known: from here on deadlines may be added. */
  awake(): void {
    this.#parts.lapsing.schedule();
    this.#parts.delegating.woke();
    this.#parts.alertSinks.look();
    const { claim, isFromEarlierRelease } = this.#parts.access;
    // A stream that was made before there were lists is on none.
    if (claim !== undefined && isFromEarlierRelease) this.#ports.users.settle(claim.ownerId, claim.streamId, true);
  }

  /** Closed already, and listed by the platform until it is gone; or unreadable. Either way it is nobody's. */
  #letGo(socket: MemberSocket): void {
    closeSaying(socket, "DRAINING");
    this.#parts.roster.addDeparting(socket);
  }

  /**
   * Asks others about a connection that might come in, the user's object last; a code refuses the upgrade. Whatever this finds may have
   * changed by the time it answers, but for the user's object: `admission` decides, in one step with `join`.
   */
  async arrive(handoff: Handoff): Promise<Code | undefined> {
    const asked = this.answers.ask(handoff.principal, handoff.streamId, ANY_RIGHT);
    if (asked !== undefined && !(await asked)) return "OVERLOADED";
    return this.#refusal(handoff) ?? (await this.#parts.arriving.ask(handoff));
  }

  /** Whether a verified principal may come in at all; a code refuses the upgrade. */
  admission(handoff: Handoff): Code | undefined {
    const { arriving, leaving } = this.#parts;
    const refusal = this.#refusal(handoff) ?? (arriving.isOff(handoff.connectionId) ? "CONNECTION_LIMIT" : undefined);
    if (refusal !== undefined) arriving.ended(handoff.connectionId);
    else if (this.#isFull && this.#stranger !== undefined) leaving.expel(this.#stranger, "UNAUTHORIZED");
    return refusal;
  }

  #refusal({ streamId, principal, issuedAtS }: Handoff): Code | undefined {
    const wrongTicket = this.tickets.faultOf(principal, streamId);
    if (wrongTicket !== undefined) return wrongTicket.code;
    const subject = subjectOf({ principal, issuedAtS });
    if (subject !== undefined && this.#parts.revoking.hasRevoked(subject, this.#ports.now())) return "SESSION_REVOKED";
    if (!this.#hasAnyRight(streamId, principal)) return "UNAUTHORIZED";
    return this.#isFull && this.#stranger === undefined ? "STREAM_FULL" : undefined;
  }

  get #isFull(): boolean {
    return this.#parts.roster.places >= this.#config.maxMembers;
  }

  /** Who waited for a stream that somebody else then claimed is still connected, and gives way to who may be here. */
  get #stranger(): Member | undefined {
    return this.#parts.roster.members.find((member) => this.#isStranger(member));
  }

  #isStranger({ principal, streamId }: Member): boolean {
    return this.answers.knows(principal, ANY_RIGHT) && !this.#hasAnyRight(streamId, principal);
  }

  #hasAnyRight(streamId: string, principal: Principal): boolean {
    const facts = this.#parts.access.factsOf(streamId);
    return decide(principal, "read", facts) !== "deny" || decide(principal, "write", facts) !== "deny";
  }

  /** Adds a socket that was admitted and accepted. */
  join(socket: MemberSocket, handoff: Handoff): void {
    const { streamId, connectionId, hop, isOneOfSeveral, origin, principal, issuedAtS, endsAtMs } = handoff;
    const heardAtMs = this.#ports.now();
    const noticeAtMs = this.#parts.ending.noticeAtMs({ principal, endsAtMs });
    const session = { principal, issuedAtS, endsAtMs, noticeAtMs, revoked: undefined };
    const times = { joinedAtMs: heardAtMs, heardAtMs };
    const beside = isOneOfSeveral === undefined ? {} : { isOneOfSeveral };
    const attachment = {
      streamId,
      connectionId,
      hop,
      ...beside,
      origin,
      ...session,
      registration: undefined,
      ...times,
    };
    socket.serializeAttachment(writeAttachment(attachment));
    const member = this.#newMember(socket, attachment, heardAtMs);
    this.#parts.roster.add(member);
    this.#parts.arriving.ended(connectionId);
    this.#parts.counters.add("connections");
    this.tickets.use(principal);
    this.#parts.ending.schedule(member, heardAtMs);
    if (hop === "direct") this.#parts.liveness.schedule(heardAtMs);
  }

  #newMember(socket: MemberSocket, attachment: Attachment, nowMs: number): Member {
    const { rate, outbox } = this.#config;
    const heardGrainMs = this.#config.idleTimeoutMs * HEARD_GRAIN;
    const dropped = (): void => this.#parts.counters.add("framesDropped");
    return new Member(socket, attachment, { rate, outbox, heardGrainMs, dropped }, nowMs);
  }

  /** A message of a socket. */
  receive(socket: MemberSocket, data: string | ArrayBuffer): void {
    const member = this.#parts.roster.find(socket);
    if (member !== undefined) this.#parts.intake.receive(member, data); // else closed by us, and this was on its way
  }

  /** A message that came over HTTP or RPC. */
  post(
    principal: Principal,
    streamId: string,
    body: JsonObject,
    payload: Uint8Array<ArrayBuffer> | undefined,
  ): Posted | Fault {
    return this.#parts.posting.post(principal, streamId, body, payload, this.#ports.now());
  }

  /** @param graceMs how long members may stay */
  endSessions(revocation: Revocation, graceMs: number): void {
    this.#parts.revoking.endSessions(revocation, graceMs, this.#ports.now());
  }

  /** Which of a user's connections are here, or on their way in. */
  whichLive(connectionIds: readonly string[]): readonly string[] {
    return this.#parts.arriving.whichLive(connectionIds);
  }

  /** A connection ends for a newer one of its session. */
  giveWay(connectionId: string): void {
    this.#parts.arriving.giveWay(connectionId);
  }

  isOnAccountOf(userId: string): boolean {
    return this.#parts.access.claim?.ownerId === userId;
  }

  /** Sends every member away to come back; how many there were. */
  drain(): number {
    return drain({
      roster: this.#parts.roster,
      fanOut: this.#parts.fanOut,
      leaving: this.#parts.leaving,
      random: this.#ports.random,
    });
  }

  /** A bug met a message of this socket: no details outside, and the stream goes on without it. */
  fail(socket: MemberSocket): void {
    const member = this.#parts.roster.find(socket);
    if (member !== undefined) this.#parts.leaving.expel(member, "INTERNAL");
  }

  /** A socket is gone, whoever closed it. */
  leave(socket: MemberSocket, closeCode?: number): void {
    this.#parts.leaving.gone(socket, closeCode);
  }

  /** The alarm rang: does what is due, and asks to be woken for what is next. */
  sweep(): void {
    const nowMs = this.#ports.now();
    this.#ports.deadlines.rang();
    this.#parts.counters.add("alarms");
    this.#ports.deadlines.together(() => {
      this.#parts.ending.look(nowMs);
      this.#parts.delegating.look(nowMs);
      this.#parts.trimming.look(nowMs);
      this.tickets.look(nowMs);
      this.latestFrames.look(nowMs);
      this.#parts.alertSinks.look();
      this.#parts.lapsing.look(nowMs);
      this.#parts.liveness.look(nowMs);
    });
  }
}
