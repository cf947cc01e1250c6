// The place that a socket held by the Worker takes among its user's connections, until it comes to a stream.
import type { Authenticated } from "../../auth/authenticator.ts";
import { subjectOf } from "../../auth/revocation.ts";
import { ANSWER_TIMEOUT_MS } from "../../durable-objects/answer-in-time.ts";
import type { UserAdmission } from "../../durable-objects/stream/sessions/arriving.ts";
import { refusalOf } from "../../durable-objects/user/admitting.ts";
import type { Code } from "../../protocol/codes.ts";

export interface LeaseOptions {
  readonly connectionId: string;
  /** How long the socket may take to come to a stream, in milliseconds. */
  readonly registerTimeoutMs: number;
  readonly admit: UserAdmission["admit"];
  /** Says that the place is free again; need not arrive. */
  readonly release: (userId: string) => void;
}

export class Lease {
  readonly #options: LeaseOptions;
  /** Whose place it is; undefined while there is none, and for a program, which needs none. */
  #userId: string | undefined;
  #isOver = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  get connectionId(): string {
    return this.#options.connectionId;
  }

  /** Why the user may have no socket more, or none at all; undefined where he may. Never rejects. */
  async take(who: Authenticated): Promise<Code | undefined> {
    const { admit, connectionId, registerTimeoutMs } = this.#options;
    const subject = subjectOf(who);
    // A ticket takes no place, and its stream asks about it.
    if (subject === undefined || who.principal.kind === "ticket") return undefined;
    // Longer than it may take to come to a stream, so that it never counts for nothing on the way.
    const place = { kind: "edge", forMs: registerTimeoutMs + ANSWER_TIMEOUT_MS } as const;
    const refusal = refusalOf(await admit(subject, connectionId, place));
    if (refusal === undefined) this.#userId = subject.userId;
    if (this.#isOver) this.giveBack();
    return refusal;
  }

  /** The socket is gone and was never a member of a stream. */
  giveBack(): void {
    const userId = this.#userId;
    this.#isOver = true;
    this.#userId = undefined;
    if (userId !== undefined) this.#options.release(userId);
  }
}
