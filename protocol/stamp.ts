// The stamps that only the gateway may set: a client's own values are removed, then ours are written once.
import type { JsonObject } from "./json.ts";
import type { DurableStamps, Stamps } from "./messages.ts";

const STAMP_NAMES = [
  "streamId",
  "userId",
  "senderKind",
  "seq",
  "receivedAt",
  "dropped",
  "id",
  "offset",
  "epoch",
  "origin",
] as const;

/** Deletes, in place, what a producer has no say in. `ref` belongs to the answer, not to the relayed message. */
export function removeStamps(fields: JsonObject): void {
  for (const name of STAMP_NAMES) {
    if (Object.hasOwn(fields, name)) delete fields[name];
  }
  if (Object.hasOwn(fields, "ref")) delete fields["ref"];
}

/**
 * Writes stamps behind the fields of a JSON object, and leaves it open: `closeStamped` ends it.
 * @param fieldsText JSON of an object with at least one field (a message always has `type`) and without stamps: a
 *   second copy of a name would let a first-wins parser read the client's value.
 */
export function openStamped(fieldsText: string, stamps: Stamps | (Stamps & DurableStamps)): string {
  // Put together by hand, since this is done for each frame. A stream id has no character that JSON would escape.
  const { streamId, userId, senderKind, seq, receivedAt } = stamps;
  const durable = "offset" in stamps ? durableStamps(stamps) : "";
  return `${fieldsText.slice(0, -1)},"streamId":"${streamId}","userId":${JSON.stringify(userId)},"senderKind":"${senderKind}","seq":${seq},"receivedAt":${receivedAt}${durable}`;
}

/** @param dropped how many of its type a consumer missed; the last stamp, where it is said */
export function closeStamped(open: string, dropped?: number): string {
  return dropped === undefined ? `${open}}` : `${open},"dropped":${dropped}}`;
}

function durableStamps({ id, offset, epoch }: DurableStamps): string {
  return `,"id":${JSON.stringify(id)},"offset":${offset},"epoch":${JSON.stringify(epoch)}`;
}
