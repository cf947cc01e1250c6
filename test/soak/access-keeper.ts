// The owner of a soak's stream: changes its access list in each round, and looks at it after each restart.
import { isDeepStrictEqual } from "node:util";
import { ask } from "./doors.ts";
import type { Stage } from "./stage.ts";

/** Who is let in in every round. */
interface Regulars {
  readonly readers: readonly string[];
  readonly writers: Record<string, readonly string[]>;
}

export class AccessKeeper {
  readonly #owner: string;
  readonly #regulars: Regulars;
  #acknowledged: Record<string, unknown> | undefined;
  #attempted: Record<string, unknown> | undefined;

  constructor(owner: string, regulars: Regulars) {
    this.#owner = owner;
    this.#regulars = regulars;
  }

  /** Claims the stream, the first time, and lets a new guest in. */
  async change(stage: Stage, guest: string): Promise<void> {
    const { streamId, complain } = stage;
    const version = Number(this.#acknowledged?.["version"] ?? 1) + 1;
    const list = { public: false, writers: this.#regulars.writers, readers: [...this.#regulars.readers, guest] };
    this.#attempted = { owner: this.#owner, ...list, version };
    const { status, body } = await ask(stage, this.#owner, "PUT", `/streams/${streamId}/access`, list);
    if (status !== 200 || !isDeepStrictEqual(body, this.#attempted)) complain(`the list is ${JSON.stringify(body)}`);
    this.#acknowledged = body;
  }

  /** After a restart: the list is the one that was acknowledged, or the whole of the one that was under way. */
  async check(stage: Stage): Promise<void> {
    const { streamId, complain } = stage;
    const { body } = await ask(stage, this.#owner, "GET", `/streams/${streamId}/access`);
    const known = [this.#acknowledged, this.#attempted].some((list) => isDeepStrictEqual(list, body));
    if (!known) complain(`the list is ${JSON.stringify(body)} and was ${JSON.stringify(this.#acknowledged)}`);
    this.#acknowledged = body;
  }
}
