// Whether a message may join what already waits for a consumer: the rule of each lane, and the bounds.
import type { Lane } from "../protocol/lanes.ts";
import type { Sized } from "./sized.ts";

export interface Bounds {
  /** Bytes that may wait for one consumer; messages of the lane `latest` may fill half. */
  readonly consumerBufferBytes: number;
  /** Bytes that may wait for all consumers of an object together. */
  readonly objectBufferBytes: number;
}

/** `skip`: there is no room now for what may be missed. `close`: there is none for what may not. */
export type Admission = "send" | "skip" | "close";

/** The part of its own buffer up to which a consumer is hardly behind: 16 KiB of the default, a frame on its way. */
const HARDLY_BEHIND = 1 / 64;

/** What waits for one consumer, in bytes. */
export interface Waiting {
  readonly bytes: number;
  /**
   * Of these, what was sent while others waited. The first is nobody's fault: where nothing waits any message is sent, however
   * large, and the runtime writes it a moment later.
   */
  readonly behindBytes: number;
}

/** @param total what waits for all consumers together */
export function admit(lane: Lane, waiting: Waiting, message: Sized, total: Sized, bounds: Bounds): Admission {
  // A message larger than the bound could otherwise never be sent. It also keeps a slow consumer from costing the
  // others anything once the sum is reached.
  if (waiting.bytes === 0) return "send";
  const { bytes } = message;
  const fitsSum = (): boolean => total.bytes + bytes <= bounds.objectBufferBytes;
  if (lane === "latest") return waiting.bytes + bytes <= bounds.consumerBufferBytes / 2 && fitsSum() ? "send" : "skip";
  if (waiting.bytes + bytes > bounds.consumerBufferBytes) return "close";
  // Who is hardly behind is not the one who filled the sum, and would be closed for somebody else's.
  return waiting.behindBytes <= bounds.consumerBufferBytes * HARDLY_BEHIND || fitsSum() ? "send" : "close";
}
