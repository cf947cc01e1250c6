// A model on a service binding: gets frames from the gateway, finds motion, returns alerts.
import { WorkerEntrypoint } from "cloudflare:workers";
import { decode } from "./decode.ts";
import { lumaGrid } from "./luma-grid.ts";
import { type MotionAlert, Watcher } from "./watcher.ts";

/** What the gateway knows of a frame; see docs/PROTOCOL.md, "Models". */
interface FrameMeta {
  readonly streamId: string;
  readonly seq: number;
  readonly timestamp: number;
  readonly contentType: string;
  readonly ownerId: string;
  readonly epoch: string;
}

const watcher = new Watcher();

/** The entrypoint that the gateway calls, one frame of a stream at a time. */
export class FrameSink extends WorkerEntrypoint {
  async onFrame({ streamId, timestamp, epoch }: FrameMeta, bytes: ArrayBuffer): Promise<MotionAlert[]> {
    const picture = await decode(bytes);
    if (picture === undefined) return []; // whatever a camera sends, the next frame may be good
    const grid = lumaGrid(picture.data, picture.width, picture.height);
    // The epoch keeps a deleted stream's last picture away from the next owner's first.
    const alert = watcher.look(`${streamId} ${epoch}`, grid, timestamp);
    return alert === undefined ? [] : [alert];
  }
}

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler;
