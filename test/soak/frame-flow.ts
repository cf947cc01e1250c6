// Frames from one camera to readers that keep up: sent no faster than the slowest of them reads, and counted at each.
import type { Client } from "../support/client.ts";

export interface FlowOptions {
  readonly frames: number;
  readonly frameBytes: number;
  /** Sent before the first of them must have arrived; together they fit into half of a reader's buffer. */
  readonly atOnce: number;
}

export interface Flow {
  readonly sent: number;
  /** Frames that came to each reader in their order and with nothing missed before them. */
  readonly received: readonly number[];
  readonly seconds: number;
}

/** Ends early for nobody: a reader that misses one is counted as it is, and one that gets none rejects. */
export async function film(camera: Client, readers: readonly Client[], options: FlowOptions): Promise<Flow> {
  const { frames, frameBytes, atOnce } = options;
  const payload = new Uint8Array(frameBytes).fill(7);
  const received = readers.map(() => 0);
  const startedMs = performance.now();
  for (let first = 0; first < frames; first += atOnce) {
    const indexes = Array.from({ length: Math.min(atOnce, frames - first) }, (_, offset) => first + offset);
    for (const index of indexes) camera.sendFrame({ type: "video-frame", index }, payload);
    const readAll = readers.map(async (reader, at) => {
      for (const index of indexes) {
        const { header, payload: arrived } = await reader.nextFrame();
        const isWhole = header["index"] === index && header["dropped"] === 0 && arrived.length === frameBytes;
        if (isWhole) received[at] = (received[at] ?? 0) + 1;
      }
    });
    await Promise.all(readAll);
  }
  return { sent: frames, received, seconds: (performance.now() - startedMs) / 1000 };
}
