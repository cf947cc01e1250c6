// What becomes of a message that was found well: stamped, stored first where it is durable, and sent to its consumers.
import { type Principal, senderKindOf } from "../../../auth/principal.ts";
import { laneOf } from "../../../protocol/lanes.ts";
import { DURABLE_ID_MAX_CHARS } from "../../../protocol/limits.ts";
import type { PayloadMessage, Stamps } from "../../../protocol/messages.ts";
import type { Appended } from "../alerts/alert-log.ts";
import { durableStamps } from "../alerts/durable-text.ts";
import type { Member } from "../members/member.ts";
import type { StreamParts } from "../parts.ts";
import type { Claim } from "../rights/access.ts";
import type { FrameSinks } from "../sinks/frame-sinks.ts";
import { Relayed } from "./relayed.ts";
import type { Sequence } from "./sequence.ts";
import { TakenFrame } from "./taken-frame.ts";

interface Parts extends Pick<StreamParts, "access" | "config" | "counters" | "fanOut" | "log"> {
  readonly sinks: Pick<FrameSinks, "want" | "offer">;
  readonly sequence: Pick<Sequence, "next">;
  /** Told of each frame that was relayed. */
  readonly latestFrames: { readonly keep: (frame: TakenFrame, nowMs: number) => void };
  /** Told of each entry that was stored. */
  readonly stored: (offset: number) => void;
}

/** A durable message before it has an offset. */
export interface Durable {
  readonly publisher: Principal;
  readonly type: string;
  readonly id: string;
  readonly fieldsText: string;
}

/** The word of the log, and to how many members the message was sent. */
export type Sent = Appended & { readonly delivered: number };

export function isDurableId(id: unknown): id is string {
  return typeof id === "string" && id.length > 0 && id.length <= DURABLE_ID_MAX_CHARS;
}

export class Delivering {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * A message that is not durable.
   * @param sender undefined where it came without a socket
   * @param fieldsText JSON of the message's fields
   * @returns undefined where the stamps do not fit
   */
  relay(
    publisher: Principal,
    sender: Member | undefined,
    message: Pick<PayloadMessage, "type" | "fields" | "payload">,
    fieldsText: string,
    claim: Claim,
    nowMs: number,
  ): { seq: number; delivered: number } | undefined {
    const { access, config, fanOut, latestFrames, sequence, sinks } = this.#parts;
    const { type, payload } = message;
    const lane = laneOf(type, config.lanes);
    const { streamId, epoch } = claim;
    const seq = sequence.next();
    const stamps: Stamps = {
      streamId,
      userId: publisher.userId,
      senderKind: senderKindOf(publisher),
      seq,
      receivedAt: nowMs,
    };
    const relayed = Relayed.of(type, lane, fieldsText, stamps, payload);
    if (relayed === undefined) return undefined;
    const delivered = fanOut.relay(relayed, sender, nowMs);
    // Nobody keeps or watches the others, and their data is not looked at.
    if (lane !== "latest" && !sinks.want(type, streamId)) return { seq, delivered };
    const frame = new TakenFrame(relayed, message, { streamId, ownerId: access.ownerId, epoch, receivedAtMs: nowMs });
    sinks.offer(frame);
    if (lane === "latest") latestFrames.keep(frame, nowMs);
    return { seq, delivered };
  }

  /** Stored first, sent after; a duplicate is not sent again. */
  storeAndSend({ publisher, type, id, fieldsText }: Durable, claim: Claim, nowMs: number): Sent {
    const { counters, fanOut, log, sequence, stored } = this.#parts;
    const entry = {
      publisher: publisher.userId,
      senderKind: senderKindOf(publisher),
      id,
      type,
      seq: sequence.next(),
      receivedAt: nowMs,
      fieldsText,
    };
    const appended = log.append(entry);
    if (appended.kind !== "stored") return { ...appended, delivered: 0 };
    counters.add("stored");
    stored(appended.offset);
    const stamps = durableStamps({ ...entry, offset: appended.offset }, claim);
    const relayed = Relayed.of(type, "durable", fieldsText, stamps);
    return { ...appended, delivered: relayed === undefined ? 0 : fanOut.relay(relayed, undefined, nowMs) };
  }
}
