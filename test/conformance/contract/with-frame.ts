// A stream that has a newest frame.
import type { Contract, Pair } from "./contract.ts";

/** As short as one may be. */
export const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);

/** A pair on whose stream a frame was sent, and seen. */
export async function openWithFrame(
  contract: Contract,
  header: Record<string, unknown> = {},
  payload = JPEG,
): Promise<Pair> {
  const pair = await contract.openPair();
  pair.producer.sendFrame({ type: "video-frame", ...header }, payload);
  await pair.consumer.nextFrame();
  return pair;
}
