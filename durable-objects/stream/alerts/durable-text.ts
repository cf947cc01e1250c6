// The text of a stored message as consumers see it: the same when it is live and when it is replayed.
import type { DurableStamps, Stamps } from "../../../protocol/messages.ts";
import { closeStamped, openStamped } from "../../../protocol/stamp.ts";
import type { Claim } from "../rights/access.ts";
import type { StoredEntry } from "./alert-log.ts";

export function durableStamps(entry: StoredEntry, claim: Claim): Stamps & DurableStamps {
  return {
    streamId: claim.streamId,
    userId: entry.publisher,
    senderKind: entry.senderKind,
    seq: entry.seq,
    receivedAt: entry.receivedAt,
    id: entry.id,
    offset: entry.offset,
    epoch: claim.epoch,
  };
}

export function durableText(entry: StoredEntry, claim: Claim): string {
  return closeStamped(openStamped(entry.fieldsText, durableStamps(entry, claim)));
}
