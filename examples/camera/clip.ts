// The frames of a clip of concatenated JPEGs, and which of them show motion.
import { readFileSync } from "node:fs";

export const FRAMES_PER_SECOND = 10;

/** From this frame on people walk through the picture; before it nothing moves. */
export const FIRST_MOVING_FRAME = 40;

export function readClip(path: string | URL = new URL("lawn.mjpeg", import.meta.url)): readonly Uint8Array[] {
  return splitJpegs(readFileSync(path));
}

/** Splits where an end-of-image marker is followed by a start-of-image marker; neither can occur in coded data. */
export function splitJpegs(bytes: Buffer): readonly Uint8Array[] {
  const boundary = Buffer.from([0xff, 0xd9, 0xff, 0xd8]);
  const frames: Uint8Array[] = [];
  let start = 0;
  for (let at = bytes.indexOf(boundary); at >= 0; at = bytes.indexOf(boundary, at + boundary.length)) {
    frames.push(bytes.subarray(start, at + 2));
    start = at + 2;
  }
  if (start < bytes.length) frames.push(bytes.subarray(start));
  return frames;
}
