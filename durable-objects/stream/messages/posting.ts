// Messages that come without a socket: what a program posts over HTTP or RPC, and what a model returns.
import { decide, DENIED } from "../../../auth/policy.ts";
import { NO_GRANTS, type Principal } from "../../../auth/principal.ts";
import { type Fault, fault } from "../../../protocol/fault.ts";
import { isJsonObject, type JsonObject } from "../../../protocol/json.ts";
import { laneOf } from "../../../protocol/lanes.ts";
import { isPayloadType } from "../../../protocol/message-type.ts";
import { bytesOf } from "../../../protocol/size.ts";
import { removeStamps } from "../../../protocol/stamp.ts";
import { type Delivering, isDurableId } from "../delivery/delivering.ts";
import { fieldsToText } from "../delivery/relayed.ts";
import type { StreamParts } from "../parts.ts";
import type { Claim } from "../rights/access.ts";

interface Parts extends Pick<StreamParts, "access" | "config" | "counters" | "randomId"> {
  readonly delivering: Delivering;
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

/** Of a message that came over HTTP or RPC; undefined where it names none that can be. */
export function postedType({ type = DEFAULT_DURABLE_TYPE }: JsonObject): string | undefined {
  return isPayloadType(type) ? type : undefined;
}

export class Posting {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * An alert that a model returned, as the service it is. False where it is not an alert. One about a frame of another
   * epoch is let fall: the stream was deleted meanwhile, and may be somebody else's.
   */
  fromSink(binding: string, alert: unknown, epoch: string, nowMs: number): boolean {
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
    return this.#parts.delivering.storeAndSend({ publisher, type, id, fieldsText }, claim, nowMs).kind !== "conflict";
  }

  /**
   * A message that came over HTTP or RPC, from a principal that the Worker verified; the body is JSON of a stranger.
   * @param payload of a message that is no JSON alone; never of a durable one
   */
  post(
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
    const stored = this.#parts.delivering.storeAndSend({ publisher, type, id, fieldsText }, claim, nowMs);
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
    const sent = this.#parts.delivering.relay(publisher, undefined, message, message.fieldsText, claim, nowMs);
    return sent === undefined
      ? fault("BAD_REQUEST", "The header leaves no room for the stamps", undefined)
      : { kind: "relayed", ...sent };
  }
}
