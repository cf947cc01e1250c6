// What `register` does: checks rights, claims an unclaimed stream for its first producer, answers, replays.
import { decide, type Operation } from "../../auth/policy.ts";
import type { Registration } from "../../connection/attachment.ts";
import { errorText, successText } from "../../protocol/answers.ts";
import { KEEPALIVE_MS } from "../../protocol/limits.ts";
import { type Fault, fault } from "../../protocol/fault.ts";
import type { RegisterMessage, ResumePoint } from "../../protocol/messages.ts";
import type { StreamConfig } from "../config.ts";
import type { Access } from "./access.ts";
import type { AlertLog, StoredEntry } from "./alert-log.ts";
import { durableText } from "./durable-text.ts";
import type { FanOut } from "./fan-out.ts";
import type { Member } from "./member.ts";
import type { Roster } from "./roster.ts";

interface Parts {
  readonly config: StreamConfig;
  readonly roster: Roster;
  readonly access: Access;
  readonly log: AlertLog;
  readonly fanOut: FanOut;
  readonly randomId: () => string;
}

const DENIED: Record<Operation, string> = {
  write: "No permission to publish to this stream",
  read: "No permission to read this stream",
};

export class Registering {
  readonly #parts: Parts;

  constructor(parts: Parts) {
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
    const { facts } = this.#parts.access;
    if (produces.length > 0 && decide(member.principal, "write", facts) === "deny") return "write";
    if (consumes.length > 0 && decide(member.principal, "read", facts) === "deny") return "read";
    return undefined;
  }

  /** Decided and done in one synchronous step, so that two who register at once cannot both own the stream. */
  #claimIfFirst(member: Member, { produces }: Registration, nowMs: number): void {
    const { access, randomId } = this.#parts;
    const { principal, streamId } = member;
    if (produces.length === 0 || decide(principal, "write", access.facts) !== "allow-and-claim") return;
    access.takeOwnership({ streamId, ownerId: principal.userId, epoch: randomId().replaceAll("-", "") }, nowMs);
    this.#decideAnew(member);
  }

  /** Who waited on the unclaimed stream and has no right on the owner's is told so, and receives nothing. */
  #decideAnew(claimant: Member): void {
    const { roster, fanOut } = this.#parts;
    for (const member of roster.members) {
      const { registration } = member;
      if (member === claimant || registration === undefined) continue;
      const denied = this.#deniedOperation(member, registration);
      if (denied === undefined) continue;
      member.register(undefined);
      fanOut.tell(member, errorText("UNAUTHORIZED", { message: DENIED[denied] }));
    }
    roster.registrationChanged();
  }

  #answer(member: Member, { resume, ref }: RegisterMessage): void {
    const { access, config, fanOut, log } = this.#parts;
    const replay = resume === undefined ? undefined : this.#replay(resume);
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
    for (const entry of replay ?? []) {
      if (access.claim !== undefined && member.consumes(entry.type))
        fanOut.tell(member, durableText(entry, access.claim));
    }
  }

  /** What the client missed; undefined where the log cannot give it back in full. */
  #replay(point: ResumePoint): readonly StoredEntry[] | undefined {
    const { access, config, log } = this.#parts;
    if (access.claim === undefined) return point.epoch === "" && point.offset === 0 ? [] : undefined;
    if (point.epoch !== access.claim.epoch) return undefined;
    // More than a consumer's buffer holds would close the very client that came back for it.
    return log.after(point, config.replayMax, config.outbox.consumerBufferBytes / 2);
  }
}
