// What `register` does: checks rights, claims an unclaimed stream for its first producer, answers, replays.
import { decide, DENIED, NOBODY } from "../../../auth/policy.ts";
import type { Operation } from "../../../auth/principal.ts";
import type { Registration } from "../../../connection/attachment.ts";
import { errorText, successText } from "../../../protocol/answers.ts";
import { type Fault, fault } from "../../../protocol/fault.ts";
import { KEEPALIVE_MS } from "../../../protocol/limits.ts";
import { ANY_TYPE, PRESENCE_TYPE } from "../../../protocol/message-type.ts";
import type { RegisterMessage } from "../../../protocol/messages.ts";
import { replayFor } from "../alerts/replay.ts";
import type { LatestFrames } from "../frames/latest-frames.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { StreamParts } from "../parts.ts";
import { type Claiming, NEEDS_ROOM, noRoom, type Room } from "../rights/claiming.ts";
import { type DelegatedAnswers, unknownRight, wishesOf } from "../rights/delegated-answers.ts";
import type { Ending } from "./ending.ts";
import type { Presence } from "./presence.ts";

interface Parts extends StreamParts {
  readonly claiming: Claiming;
  readonly ending: Ending;
  readonly latestFrames: LatestFrames;
  readonly leaving: Leaving;
  readonly presence: Presence;
  readonly answers: DelegatedAnswers;
  /** Told of each member that has registered. */
  readonly registered: (member: Member) => void;
  /** Told when the stream has been made. */
  readonly claimed: (streamId: string, ownerId: string) => void;
}

export class Registering {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * A promise where the user's object, or the Worker that decides, must be asked first; nothing has changed until it settles. It
   * rejects only for a bug.
   */
  register(
    member: Member,
    message: RegisterMessage,
    now: () => number,
  ): Fault | undefined | Promise<Fault | undefined> {
    const { answers, claiming, config } = this.#parts;
    const ownerId = config.policy === "open" ? NOBODY : member.principal.userId;
    const attempt = (): Fault | undefined | Promise<Fault | undefined> =>
      claiming.attempt(ownerId, member.streamId, (room) => this.#register(member, message, ownerId, room, now()));
    const wishes = wishesOf(message);
    const asked = answers.ask(member.principal, member.streamId, wishes);
    if (asked === undefined) return attempt();
    return asked.then((isKnown) => {
      if (!isKnown) return unknownRight(message.ref);
      // Another session may have renewed the connection meanwhile, of which nobody was asked.
      return answers.knows(member.principal, wishes) ? attempt() : this.register(member, message, now);
    });
  }

  #register(
    member: Member,
    message: RegisterMessage,
    ownerId: string,
    room: Room | undefined,
    nowMs: number,
  ): Fault | undefined | typeof NEEDS_ROOM {
    const { access, ending, latestFrames, leaving, presence, roster } = this.#parts;
    const { streamId, clientType, produces, consumes, window, batch, ref } = message;
    if (!roster.has(member)) return undefined; // gone while the user's object was asked
    if (leaving.isOver(member, nowMs)) {
      leaving.expire(member);
      return undefined;
    }
    if (member.registration !== undefined)
      return fault("ALREADY_REGISTERED", "This connection is registered already", ref);
    if (streamId !== undefined && streamId !== member.streamId) {
      return fault("INVALID_STREAM_ID", "The stream id is not the one of this connection", ref);
    }
    const registration = { clientType, produces, consumes, window, batch };
    const denied = this.#deniedOperation(member, registration);
    if (denied !== undefined) return fault("UNAUTHORIZED", DENIED[denied], ref);
    const claims = this.#claims(member, registration);
    // Who claims it comes before all who have waited.
    if (consumes.includes(PRESENCE_TYPE) && !claims && presence.isFullFor(member)) {
      return fault("STREAM_FULL", "Too many connections watch who comes and goes", ref);
    }
    if (claims) {
      if (room === undefined) return NEEDS_ROOM;
      if (room !== "room") return noRoom(room, ref);
      this.claim(member.streamId, ownerId, nowMs);
      this.decideAnew(nowMs);
    }
    access.noteUse(nowMs);
    member.register(registration);
    // Behind it, so that the last camera has not left in between.
    this.#replaceOlder(member, registration);
    // Before it is told anything: should that fail, its going comes behind its coming.
    presence.joined(member, nowMs);
    roster.registrationChanged(member);
    this.#answer(member, message);
    presence.welcome(member, nowMs);
    this.#parts.registered(member);
    if (message.latest) latestFrames.sendTo(member);
    // Whose session is about to end learns so now: the alarm may be late.
    ending.noticeIfDue(member, nowMs);
    return undefined;
  }

  /** The caller has decided in the same synchronous step, so that two who register at once cannot both own the stream. */
  claim(streamId: string, ownerId: string, nowMs: number): void {
    const { access, claimed, randomId } = this.#parts;
    // An epoch is of at most 32 characters, as clients send it back.
    access.takeOwnership({ streamId, ownerId, epoch: randomId().replaceAll("-", ""), createdAtMs: nowMs });
    claimed(streamId, ownerId);
  }

  /** After a claim, or a change of the access list: who has no right any more is told so, and receives nothing. */
  decideAnew(nowMs: number): void {
    const { answers, roster, fanOut, presence } = this.#parts;
    for (const member of roster.members) {
      const { registration } = member;
      if (registration === undefined) continue;
      // Decided before a sleep, and asked about anew in its time.
      if (!answers.knows(member.principal, wishesOf(registration))) continue;
      const denied = this.#deniedOperation(member, registration);
      if (denied === undefined) continue;
      presence.left(member, nowMs);
      member.register(undefined);
      roster.registrationChanged(member);
      fanOut.tell(member, errorText("UNAUTHORIZED", { message: DENIED[denied] }));
    }
    presence.rightsChanged(nowMs);
  }

  #deniedOperation(member: Member, { produces, consumes }: Registration): Operation | undefined {
    const facts = this.#parts.access.factsOf(member.streamId);
    const denies = (operation: Operation): boolean => decide(member.principal, operation, facts, produces) === "deny";
    if (produces.length > 0 && denies("write")) return "write";
    // Who comes and goes is the writers' business, whether or not they may read.
    const reads = consumes.filter((type) => type !== PRESENCE_TYPE);
    if (reads.length > 0 && denies("read")) return "read";
    // Who declares nothing still learns of the stream, so some right is needed for that too.
    return produces.length + reads.length === 0 && denies("read") && denies("write") ? "read" : undefined;
  }

  /** A camera that comes back over a network that it lost finds its own former connection, which nobody closed. */
  #replaceOlder(member: Member, { produces }: Registration): void {
    const { config, leaving, roster } = this.#parts;
    const { principal } = member;
    if (principal.kind !== "user" || member.isOneOfSeveral) return;
    const types = [...config.lanes.latest].filter((type) => produces.includes(type) || produces.includes(ANY_TYPE));
    for (const other of types.length === 0 ? [] : roster.members) {
      const { kind, userId } = other.principal;
      // The user too: who shows a token without a session has his own id for one, and session ids are another's to choose.
      const isSameUser = kind === "user" && userId === principal.userId;
      const isSameSession = isSameUser && other.principal.sessionId === principal.sessionId;
      if (other === member || other.isOneOfSeveral || !isSameSession || !types.some((type) => other.produces(type)))
        continue;
      leaving.expel(other, "REPLACED");
    }
  }

  #claims({ principal, streamId }: Member, { produces }: Registration): boolean {
    const facts = this.#parts.access.factsOf(streamId);
    return produces.length > 0 && decide(principal, "write", facts, produces) === "allow-and-claim";
  }

  #answer(member: Member, { resume, ref }: RegisterMessage): void {
    const { access, config, fanOut, log } = this.#parts;
    const replay = resume === undefined ? undefined : replayFor(member, resume, this.#parts);
    const detail = {
      connectionId: member.connectionId,
      userId: member.principal.userId,
      expiresAt: member.endsAtMs,
      streamId: member.streamId,
      epoch: access.claim?.epoch ?? "",
      offset: access.claim === undefined ? 0 : log.head,
      recovered: resume === undefined ? undefined : replay !== undefined,
      keepaliveMs: KEEPALIVE_MS,
      limits: { maxMessageBytes: config.maxMessageBytes, ...config.rate },
    };
    fanOut.tell(member, successText(`Registration successful. Stream ID: ${member.streamId}`, ref, detail));
    // Nothing else can be sent between these: no await until the last one.
    for (const text of replay ?? []) fanOut.tell(member, text);
  }
}
