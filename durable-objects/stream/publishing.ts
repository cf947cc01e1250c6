// What a payload message does: checks, stamps, stores where it is durable, and sends.
import { decide, DENIED } from "../../auth/policy.ts";
import { NO_GRANTS, type Principal, senderKindOf } from "../../auth/principal.ts";
import { successText } from "../../protocol/answers.ts";
import { type Fault, fault } from "../../protocol/fault.ts";
import { isJsonObject, type JsonObject } from "../../protocol/json.ts";
import { laneOf } from "../../protocol/lanes.ts";
import { DURABLE_ID_MAX_CHARS } from "../../protocol/limits.ts";
import { isPayloadType, STATUS_TYPE } from "../../protocol/message-type.ts";
import type { PayloadMessage, Stamps } from "../../protocol/messages.ts";
import { removeStamps } from "../../protocol/stamp.ts";
import { bytesOf } from "../../protocol/size.ts";
import type { Claim } from "./access.ts";
import type { Appended } from "./alert-log.ts";
import { durableStamps } from "./durable-text.ts";
import type { FrameSinks } from "./frame-sinks.ts";
import type { LatestFrames } from "./latest-frames.ts";
import type { Member } from "./member.ts";
import type { StreamParts } from "./parts.ts";
import { fieldsToText, Relayed } from "./relayed.ts";
import type { Sequence } from "./sequence.ts";
import { TakenFrame } from "./taken-frame.ts";

interface Parts extends StreamParts {
  readonly sinks: FrameSinks;
  readonly sequence: Sequence;
  readonly latestFrames: LatestFrames;
  /** Told of each entry that was stored. */
  readonly stored: (offset: number) => void;
}

/** A durable message before it has an offset. */
interface Durable {
  readonly publisher: Principal;
  readonly type: string;
  readonly id: string;
  readonly fieldsText: string;
}

interface PostedMessage {
  readonly type: string;
  readonly fieldsText: string;
  readonly payload: Uint8Array<ArrayBuffer> | undefined;
}

/** What a model returned, or a program posted, that did not say. */
const DEFAULT_DURABLE_TYPE = "alert";

/** What came of a message that a program published without a socket. */
export type Posted =
  | {
      readonly kind: "stored";
      readonly offset: number;
      readonly epoch: string;
      readonly id: string;
      /** To how many members it was sent at once; none of a duplicate. */
      readonly delivered: number;
      readonly duplicate?: true;
    }
  | { readonly kind: "relayed"; readonly seq: number; readonly delivered: number };

/** The word of the log, and to how many members the message was sent. */
type Sent = Appended & { readonly delivered: number };

/** Of a message that came over HTTP or RPC; undefined where it names none that can be. */
export function postedType({ type = DEFAULT_DURABLE_TYPE }: JsonObject): string | undefined {
  return isPayloadType(type) ? type : undefined;
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
    const sent = this.#relay(member.principal, member, message, fieldsText, claim, nowMs);
    return sent === undefined ? fault("BAD_MESSAGE", "The header leaves no room for the stamps", ref) : undefined;
  }

  /**
   * An alert that a model returned, as the service it is. False where it is not an alert. One about a frame of another
   * epoch is let fall: the stream was deleted meanwhile, and may be somebody else's.
   */
  publishFromSink(binding: string, alert: unknown, epoch: string, nowMs: number): boolean {
    const { access, config, randomId } = this.#parts;
    const { claim } = access;
    if (claim === undefined || claim.epoch !== epoch) return true;
    if (!isJsonObject(alert)) return false;
    const fields: JsonObject = { type: DEFAULT_DURABLE_TYPE, ...alert };
    const { type, id = randomId() } = fields;
    if (!isPayloadType(type) || !config.lanes.durable.has(type) || !isDurableId(id)) return false;
    removeStamps(fields);
    const fieldsText = fieldsToText(fields);
    if (fieldsText === undefined || bytesOf(fieldsText) > config.maxMessageBytes) return false;
    const publisher: Principal = { kind: "service", userId: `svc:${binding}`, grants: NO_GRANTS };
    return this.#storeAndSend({ publisher, type, id, fieldsText }, claim, nowMs).kind !== "conflict";
  }

  /**
   * A message that came over HTTP or RPC, from a principal that the Worker verified; the body is JSON of a stranger.
   * @param payload of a message that is no JSON alone; never of a durable one
   */
  publishPosted(
    principal: Principal,
    streamId: string,
    body: JsonObject,
    payload: Uint8Array<ArrayBuffer> | undefined,
    nowMs: number,
  ): Posted | Fault {
    const { access, config, counters } = this.#parts;
    const { claim } = access;
    if (claim === undefined) return fault("NOT_FOUND", "No such stream", undefined);
    const { id } = body;
    const type = postedType(body);
    if (type === undefined) return fault("UNKNOWN_TYPE", "Unknown message type", undefined);
    if (decide(principal, "write", access.factsOf(streamId), [type]) === "deny") {
      return fault("UNAUTHORIZED", DENIED.write, undefined);
    }
    const fields: JsonObject = { type, ...body };
    removeStamps(fields);
    const fieldsText = fieldsToText(fields);
    if (fieldsText === undefined) return fault("BAD_REQUEST", "The message is nested too deeply", undefined);
    const bytes = bytesOf(fieldsText) + (payload?.byteLength ?? 0);
    counters.noteCall(bytes, nowMs);
    if (bytes > config.maxMessageBytes) return fault("TOO_LARGE", "The message is too large", undefined);
    access.noteUse(nowMs);
    return laneOf(type, config.lanes) === "durable"
      ? this.#postDurable(principal, { type, id, fieldsText, payload }, claim, nowMs)
      : this.#postFleeting(principal, { type, fields, fieldsText, payload }, claim, nowMs);
  }

  #postDurable(
    publisher: Principal,
    { type, id = this.#parts.randomId(), fieldsText, payload }: PostedMessage & { readonly id?: unknown },
    claim: Claim,
    nowMs: number,
  ): Posted | Fault {
    if (payload !== undefined) return fault("BAD_REQUEST", "Durable types are JSON", undefined);
    if (!isDurableId(id)) return fault("BAD_REQUEST", "`id` is a string of 1 to 128 characters", undefined);
    const stored = this.#storeAndSend({ publisher, type, id, fieldsText }, claim, nowMs);
    if (stored.kind === "conflict") return fault("CONFLICT", "Another message has this id", undefined);
    const { offset } = stored;
    const duplicate = stored.kind === "duplicate" ? ({ duplicate: true } as const) : {};
    return { kind: "stored", offset, epoch: claim.epoch, id, delivered: stored.delivered, ...duplicate };
  }

  #postFleeting(
    publisher: Principal,
    message: PostedMessage & { readonly fields: JsonObject },
    claim: Claim,
    nowMs: number,
  ): Posted | Fault {
    const sent = this.#relay(publisher, undefined, message, message.fieldsText, claim, nowMs);
    return sent === undefined
      ? fault("BAD_REQUEST", "The header leaves no room for the stamps", undefined)
      : { kind: "relayed", ...sent };
  }

  /** A notice of the gateway to every member, whatever they consume. */
  notice(status: string, detail: JsonObject, nowMs: number): void {
    const { access, fanOut } = this.#parts;
    const streamId = access.claim?.streamId;
    fanOut.tellAll(JSON.stringify({ type: STATUS_TYPE, status, ...detail, origin: "gateway", streamId }), nowMs);
  }

  /** Known are the types that the deployment's lanes name, and `status`. */
  #isKnown(type: string): boolean {
    const { latest, durable } = this.#parts.config.lanes;
    return latest.has(type) || durable.has(type) || type === STATUS_TYPE;
  }

  /** Undefined where the stamps do not fit. */
  #relay(
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
    const stored = this.#storeAndSend({ publisher: member.principal, type, id: durableId, fieldsText }, claim, nowMs);
    if (stored.kind === "conflict") return fault("CONFLICT", "Another message has this id", ref);
    if (ref !== undefined) {
      const duplicate = stored.kind === "duplicate" ? true : undefined;
      const detail = { id: durableId, offset: stored.offset, epoch: claim.epoch, duplicate };
      this.#parts.fanOut.tell(member, successText("Stored", ref, detail));
    }
    return undefined;
  }

  /** Stored first, sent after; a duplicate is not sent again. */
  #storeAndSend({ publisher, type, id, fieldsText }: Durable, claim: Claim, nowMs: number): Sent {
    const { fanOut, log, sequence } = this.#parts;
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
    this.#parts.counters.add("stored");
    this.#parts.stored(appended.offset);
    const stamps = durableStamps({ ...entry, offset: appended.offset }, claim);
    const relayed = Relayed.of(type, "durable", fieldsText, stamps);
    return { ...appended, delivered: relayed === undefined ? 0 : fanOut.relay(relayed, undefined, nowMs) };
  }
}

function isDurableId(id: unknown): id is string {
  return typeof id === "string" && id.length > 0 && id.length <= DURABLE_ID_MAX_CHARS;
}
