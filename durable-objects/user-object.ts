// One user's Durable Object: which streams are his. Asked at a claim and a deletion, never per message.
import { DurableObject } from "cloudflare:workers";
import { VariableReader } from "../auth/variables.ts";
import { streamAt } from "./addresses.ts";
import { readMaxStreamsPerUser } from "./config.ts";
import type { ObjectEnv } from "./object-env.ts";
import { type OwnedStream, OwnedStreams } from "./user/owned-streams.ts";

/** A claim or a deletion is over long before. */
const UNSURE_FOR_MS = 60_000;
/** How many streams are asked at once about themselves. */
const ASKED_MAX = 32;

export class UserObject extends DurableObject<ObjectEnv> {
  readonly #streams: OwnedStreams;

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    this.#streams = new OwnedStreams(ctx.storage, readMaxStreamsPerUser(new VariableReader(env)));
  }

  /** RPC of stream objects: a stream may become this user's, or cease to be. False where there is no room for it. */
  async expectStream(userId: string, streamId: string): Promise<boolean> {
    if (this.#streams.expect(streamId, Date.now())) return true;
    await this.#askUnsure(userId);
    return this.#streams.expect(streamId, Date.now());
  }

  /** RPC of stream objects: what came of it. */
  settleStream(streamId: string, isOwned: boolean): void {
    this.#streams.settle(streamId, isOwned, Date.now());
  }

  /** RPC of the Worker. */
  async listStreams(userId: string): Promise<readonly OwnedStream[]> {
    await this.#askUnsure(userId);
    return this.#streams.list();
  }

  /** Asks the streams whose word never came. One that cannot be asked stays unsure. */
  async #askUnsure(userId: string): Promise<void> {
    const unsure = this.#streams.unsure(Date.now() - UNSURE_FOR_MS, ASKED_MAX);
    await Promise.allSettled(
      unsure.map(async (stream) => {
        const isOwned = await streamAt(this.env, stream.streamId).isOnAccountOf(userId);
        this.#streams.settleAsked(stream, isOwned, Date.now());
      }),
    );
  }
}
