// What a member's payload message does: who may send it and whether it is well; the rest is its delivery.
import { successText } from "../../../protocol/answers.ts";
import { type Fault, fault } from "../../../protocol/fault.ts";
import { laneOf } from "../../../protocol/lanes.ts";
import { STATUS_TYPE } from "../../../protocol/message-type.ts";
import type { PayloadMessage } from "../../../protocol/messages.ts";
import { bytesOf } from "../../../protocol/size.ts";
import { type Delivering, isDurableId } from "../delivery/delivering.ts";
import { fieldsToText } from "../delivery/relayed.ts";
import type { Member } from "../members/member.ts";
import type { StreamParts } from "../parts.ts";
import type { Claim } from "../rights/access.ts";

interface Parts extends Pick<StreamParts, "access" | "config" | "fanOut" | "randomId"> {
  readonly delivering: Delivering;
}

export class Publishing {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  publish(member: Member, message: PayloadMessage, nowMs: number): Fault | undefined {
    const { type, ref } = message;
    if (member.registration === undefined) return fault("NOT_REGISTERED", "Register before sending", ref);
    if (!member.produces(type)) {
      return this.#isKnown(type)
        ? fault("NOT_A_PRODUCER", "This connection did not register to produce that type", ref)
        : fault("UNKNOWN_TYPE", "Unknown message type", ref);
    }
    const { claim } = this.#parts.access;
    if (claim === undefined) throw new Error("who registered to produce has claimed the stream");
    const fieldsText = fieldsToText(message.fields);
    if (fieldsText === undefined) return fault("BAD_MESSAGE", "The message is nested too deeply", ref);
    if (laneOf(type, this.#parts.config.lanes) === "durable") {
      return this.#publishDurable(member, message, fieldsText, claim, nowMs);
    }
    const sent = this.#parts.delivering.relay(member.principal, member, message, fieldsText, claim, nowMs);
    return sent === undefined ? fault("BAD_MESSAGE", "The header leaves no room for the stamps", ref) : undefined;
  }

  #publishDurable(
    member: Member,
    { type, id, payload, ref }: PayloadMessage,
    fieldsText: string,
    claim: Claim,
    nowMs: number,
  ): Fault | undefined {
    if (payload !== undefined) return fault("BAD_MESSAGE", "Durable types are JSON text", ref);
    // Numbers may grow as they are written: 1e20 is 21 digits.
    if (bytesOf(fieldsText) > this.#parts.config.maxMessageBytes) return fault("TOO_LARGE", "Too large to store", ref);
    if (id !== undefined && !isDurableId(id)) {
      return fault("BAD_MESSAGE", "`id` is a string of 1 to 128 characters", ref);
    }
    const durableId = id ?? this.#parts.randomId();
    const message = { publisher: member.principal, type, id: durableId, fieldsText };
    const stored = this.#parts.delivering.storeAndSend(message, claim, nowMs);
    if (stored.kind === "conflict") return fault("CONFLICT", "Another message has this id", ref);
    if (ref !== undefined) {
      const duplicate = stored.kind === "duplicate" ? true : undefined;
      const detail = { id: durableId, offset: stored.offset, epoch: claim.epoch, duplicate };
      this.#parts.fanOut.tell(member, successText("Stored", ref, detail));
    }
    return undefined;
  }

  /** Known are the types that the deployment's lanes name, and `status`. */
  #isKnown(type: string): boolean {
    const { latest, durable } = this.#parts.config.lanes;
    return latest.has(type) || durable.has(type) || type === STATUS_TYPE;
  }
}
