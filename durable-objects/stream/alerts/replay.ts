// What a client that comes back is given of the log, if it can be given all that it missed.
import type { ResumePoint } from "../../../protocol/messages.ts";
import { bytesOf } from "../../../protocol/size.ts";
import type { Member } from "../members/member.ts";
import type { StreamParts } from "../parts.ts";
import { durableText } from "./durable-text.ts";

/** Of the types that it consumes; undefined where the log cannot give it back in full. */
export function replayFor(
  member: Member,
  { epoch, offset }: ResumePoint,
  { access, config, log }: StreamParts,
): readonly string[] | undefined {
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
