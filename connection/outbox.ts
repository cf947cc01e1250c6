// The bound before each send: whether a message may join what already waits for a consumer.
//
// `send()` never blocks and never refuses; what a client does not read stays in memory, and `close()` queues behind it.
// So the decision comes before the send. The runtime counts what waits in `bufferedAmount` (workerd from
// 1.20261117.1); where it has no count, nothing is known to wait.
import type { Lane } from "../protocol/lanes.ts";

export interface OutboxBounds {
  /** Bytes that may wait for one consumer; messages of the lane `latest` may fill half. */
  readonly consumerBufferBytes: number;
  /** Bytes that may wait for all consumers of an object together. */
  readonly objectBufferBytes: number;
}

/** `skip`: the consumer misses this one and is told so. `close`: it missed what it must not miss. */
export type Admission = "send" | "skip" | "close";

/** The part of its own buffer up to which a consumer is hardly behind: 16 KiB of the default, a frame on its way. */
const HARDLY_BEHIND = 1 / 64;

/** The part of a WebSocket that knows what waits. */
export interface Link {
  readonly bufferedAmount?: number;
}

export function waitingBytes(link: Link): number {
  return link.bufferedAmount ?? 0;
}

/**
 * @param waiting bytes that wait for this consumer
 * @param messageBytes size of the message; asked for only where something waits
 * @param totalWaiting bytes that wait for all consumers together; asked for only where something waits
 */
export function admit(
  lane: Lane,
  waiting: number,
  messageBytes: () => number,
  totalWaiting: () => number,
  bounds: OutboxBounds,
): Admission {
  // A message larger than the bound could otherwise never be sent. It also keeps a slow consumer from costing the
  // others anything once the sum is reached.
  if (waiting === 0) return "send";
  const bytes = messageBytes();
  const fitsSum = (): boolean => totalWaiting() + bytes <= bounds.objectBufferBytes;
  if (lane === "latest") return waiting + bytes <= bounds.consumerBufferBytes / 2 && fitsSum() ? "send" : "skip";
  if (waiting + bytes > bounds.consumerBufferBytes) return "close";
  // Who is hardly behind is not the one who filled the sum, and would be closed for somebody else's.
  return waiting <= bounds.consumerBufferBytes * HARDLY_BEHIND || fitsSum() ? "send" : "close";
}
