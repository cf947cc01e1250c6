// What `register` does: checks rights, claims an unclaimed stream for its first producer, answers, replays.
import { decide } from "../../auth/policy.ts";
import type { Operation } from "../../auth/principal.ts";
import type { Registration } from "../../connection/attachment.ts";
import { errorText, successText } from "../../protocol/answers.ts";
import { KEEPALIVE_MS } from "../../protocol/limits.ts";
import { type Fault, fault } from "../../protocol/fault.ts";
import type { RegisterMessage, ResumePoint } from "../../protocol/messages.ts";
import { bytesOf } from "../../protocol/size.ts";
import { durableText } from "./durable-text.ts";
import type { Member } from "./member.ts";
import type { StreamParts } from "./parts.ts";

const DENIED: Record<Operation, string> = {
  write: "No permission to publish to this stream",
  read: "No permission to read this stream",
};

export class Registering {
  readonly #parts: StreamParts;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  register(member: Member, message: RegisterMessage, nowMs: number): Fault | undefined {
    const { streamId, clientType, produces, consumes, ref } = message;
    if (member.registration !== undefined)
      return fault("ALREADY_REGISTERED", "This connection is registered already", ref);
    if (streamId !== undefined && streamId !== member.streamId) {
      return fault("INVALID_STREAM_ID", "The stream id is not the one of this connection", ref);
    }
    const registration = { clientType, produces, consumes };
    const denied = this.#deniedOperation(member, registration);
    if (denied !== undefined) return fault("UNAUTHORIZED", DENIED[denied], ref);
    this.#claimIfFirst(member, registration, nowMs);
    member.register(registration);
    this.#parts.roster.registrationChanged();
    this.#answer(member, message);
    return undefined;
  }

  #deniedOperation(member: Member, { produces, consumes }: Registration): Operation | undefined {
    const facts = this.#parts.access.factsOf(member.streamId);
    const denies = (operation: Operation): boolean => decide(member.principal, operation, facts, produces) === "deny";
    if (produces.length > 0 && denies("write")) return "write";
    if (consumes.length > 0 && denies("read")) return "read";
    // Who declares nothing still learns of the stream, so some right is needed for that too.
    return produces.length + consumes.length === 0 && denies("read") && denies("write") ? "read" : undefined;
  }

  /** Decided and done in one synchronous step, so that two who register at once cannot both own the stream. */
  #claimIfFirst(member: Member, { produces }: Registration, nowMs: number): void {
    const { access, randomId } = this.#parts;
    const { principal, streamId } = member;
    if (produces.length === 0 || decide(principal, "write", access.factsOf(streamId)) !== "allow-and-claim") return;
    access.takeOwnership({ streamId, ownerId: principal.userId, epoch: newEpoch(randomId) }, nowMs);
    this.decideAnew();
  }

  /** After a claim, or a change of the access list: who has no right any more is told so, and receives nothing. */
  decideAnew(): void {
    const { roster, fanOut } = this.#parts;
    for (const member of roster.members) {
      const { registration } = member;
      if (registration === undefined) continue;
      const denied = this.#deniedOperation(member, registration);
      if (denied === undefined) continue;
      member.register(undefined);
      fanOut.tell(member, errorText("UNAUTHORIZED", { message: DENIED[denied] }));
    }
    roster.registrationChanged();
  }

  #answer(member: Member, { resume, ref }: RegisterMessage): void {
    const { access, config, fanOut, log } = this.#parts;
    const replay = resume === undefined ? undefined : this.#replay(member, resume);
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

  /** What the client missed of the types that it consumes; undefined where the log cannot give it back in full. */
  #replay(member: Member, { epoch, offset }: ResumePoint): readonly string[] | undefined {
    const { access, config, log } = this.#parts;
    const sawNothing = epoch === "" && offset === 0; // of a stream that nobody owned then
    if (access.claim === undefined) return sawNothing ? [] : undefined;
    if (epoch !== access.claim.epoch && !sawNothing) return undefined;
    const missed = log.head - offset;
    if (missed < 0 || missed > config.replayMax) return undefined;
    if (missed > 0 && offset + 1 < log.first) return undefined; // forgotten in between
    if (![...config.lanes.durable].some((type) => member.consumes(type))) return [];
    const texts: string[] = [];
    // More than a consumer's buffer holds would close the very client that came back for it, each time anew.
    let room = config.outbox.consumerBufferBytes / 2;
    for (const entry of log.after(offset)) {
      if (!member.consumes(entry.type)) continue;
      const text = durableText(entry, access.claim);
      room -= bytesOf(text);
      if (room < 0) return undefined;
      texts.push(text);
    }
    return texts;
  }
}

/** Of at most 32 characters, as clients send it back. */
export function newEpoch(randomId: () => string): string {
  return randomId().replaceAll("-", "");
}
