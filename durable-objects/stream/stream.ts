// The life of one stream: who comes in, what is said, what an alarm does. No platform in here but its shapes.
import type { Revocation } from "../../auth/revocation.ts";
import { type Attachment, readAttachment, writeAttachment } from "../../connection/attachment.ts";
import type { Handoff } from "../../connection/handoff.ts";
import type { StreamConfig } from "../config.ts";
import { compose, type Composed } from "./compose.ts";
import { closeSaying, OPEN } from "./members/leaving.ts";
import { Member, type MemberSocket } from "./members/member.ts";
import type { StreamPorts } from "./ports.ts";
import type { Explaining } from "./requests/explaining.ts";
import type { Managing } from "./requests/managing.ts";
import type { Operating } from "./requests/operating.ts";
import type { Requesting } from "./requests/requesting.ts";
import type { TicketLedger } from "./rights/ticket-ledger.ts";
import { drain } from "./sessions/draining.ts";
import type { Entering } from "./sessions/entering.ts";
import { HEARD_GRAIN } from "./sessions/liveness.ts";

export class Stream {
  readonly #config: StreamConfig;
  readonly #ports: StreamPorts;
  readonly #parts: Composed;
  /** Who may come in. */
  readonly entering: Entering;
  /** What is asked without a socket. */
  readonly requesting: Requesting;
  /** What the owner does with the stream over HTTP. */
  readonly managing: Managing;
  /** Who comes with a ticket, and how often. */
  readonly tickets: TicketLedger;
  /** What an operator does. */
  readonly operating: Operating;
  /** What an operator asks. */
  readonly explaining: Explaining;

  constructor(config: StreamConfig, ports: StreamPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#parts = compose(config, ports);
    const { entering, requesting, managing, tickets, operating, explaining } = this.#parts;
    this.entering = entering;
    this.requesting = requesting;
    this.managing = managing;
    this.tickets = tickets;
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
      this.#parts.latestFrames.look(nowMs);
      this.#parts.alertSinks.look();
      this.#parts.lapsing.look(nowMs);
      this.#parts.liveness.look(nowMs);
    });
  }
}
