// Two sockets joined: what one end says the other hears, in order and as it was, until one of them closes or it is over.
import { ABNORMAL_CLOSURE } from "../../../connection/close.ts";
import type { OutboxBounds } from "../../../connection/outbox.ts";
import { type Code, CODES } from "../../../protocol/codes.ts";
import type { EdgeMemory } from "../../edge/edge-memory.ts";
import type { RelayedSocket } from "../../edge/relayed-socket.ts";
import { PipeEnd } from "./pipe-end.ts";
import { ringAt } from "./ring-at.ts";

export interface PipeParts {
  /** A client's socket, or what speaks for a client of another dialect. */
  readonly client: PipedSide;
  readonly upstream: PipedSide;
  /** Of what waits for each side, and of all that the isolate holds together. */
  readonly bounds: OutboxBounds;
  readonly memory: EdgeMemory;
  /** When the client's session ends, in milliseconds since 1970; undefined where it has no end. */
  readonly endsAtMs: number | undefined;
  /** Told once, when nothing passes any more. */
  readonly over: (over: PipeOver) => void;
}

/** How it ended. */
export interface PipeOver {
  /** Who ended it, and how; `behind` is who did not keep up. `gateway` for whatever else the code says. */
  readonly reason: `${Side}-${"closed" | "lost" | "behind"}` | "gateway";
  /** Of the client's connection, as it was said by whoever said it; 1006 where the client was lost. */
  readonly closeCode: number;
  /** What the client was told; undefined where that is not the gate's word. */
  readonly code: Code | undefined;
}

export interface PipedSide {
  readonly socket: RelayedSocket;
  /** Drops its connection at once, with all that waits for it. */
  readonly cut: () => void;
}

type Side = "client" | "upstream";

/** RFC 6455 §7.4.1: what a client says that leaves, and to an upstream the gate is a client. */
const GOING_AWAY = 1001;

/**
 * `half-closed`: one side has said its last word, and what the other one still says must reach it before its close is
 * answered. @property code that it closed with
 */
type Phase =
  | { readonly kind: "open" }
  | { readonly kind: "half-closed"; readonly side: Side; readonly code: number }
  | { readonly kind: "over" };

const LOST = {
  client: { reason: "client-lost", closeCode: ABNORMAL_CLOSURE, code: undefined },
  upstream: {
    reason: "upstream-lost",
    closeCode: CODES.UPSTREAM_UNAVAILABLE.closeCode,
    code: "UPSTREAM_UNAVAILABLE",
  },
} as const satisfies Record<Side, PipeOver>;

export class Pipe {
  readonly #parts: PipeParts;
  readonly #ends: Readonly<Record<Side, PipeEnd>>;
  readonly #forgetEnd: () => void;
  #phase: Phase = { kind: "open" };

  constructor(parts: PipeParts) {
    this.#parts = parts;
    const { bounds, client, endsAtMs, memory, upstream } = parts;
    const endOf = (side: Side, piped: PipedSide): PipeEnd => {
      const fellBehind = (): void => this.#end("OVERLOADED", `${side}-behind`);
      return new PipeEnd({ ...piped, bounds, memory, fellBehind, dropped: () => this.#lost(side) });
    };
    this.#ends = { client: endOf("client", client), upstream: endOf("upstream", upstream) };
    this.#listen(client.socket, "client", this.#ends.upstream);
    this.#listen(upstream.socket, "upstream", this.#ends.client);
    this.#forgetEnd = endsAtMs === undefined ? () => undefined : ringAt(endsAtMs, () => this.end("TOKEN_EXPIRED"));
  }

  /** Ends it from here. The client is told why by a close code alone, since the messages are not the gate's own. */
  end(code: Code): void {
    this.#end(code, "gateway");
  }

  #end(code: Code, reason: PipeOver["reason"]): void {
    const { closeCode } = CODES[code];
    if (!this.#finish({ reason, closeCode, code })) return;
    const { client, upstream } = this.#ends;
    client.close(closeCode, code);
    upstream.close(GOING_AWAY, code);
  }

  #listen(socket: RelayedSocket, side: Side, far: PipeEnd): void {
    socket.addEventListener("message", ({ data }) => far.send(data));
    socket.addEventListener("close", ({ code, reason }) => {
      if (code === ABNORMAL_CLOSURE) this.#lost(side);
      else this.#closed(side, code, reason);
    });
    socket.addEventListener("error", () => this.#lost(side));
  }

  #closed(side: Side, code: number, reason: string): void {
    const phase = this.#phase;
    const [near, far] = this.#from(side);
    near.hasClosed();
    if (phase.kind === "open") this.#phase = { kind: "half-closed", side, code };
    else if (phase.kind === "half-closed") this.#finish(closedBy(phase));
    // Where it is over it was told before.
    far.relayClose(code, reason);
  }

  /** The connection ended without a close, or was dropped for want of one. */
  #lost(side: Side): void {
    const phase = this.#phase;
    const [near, far] = this.#from(side);
    this.#finish(phase.kind === "half-closed" ? closedBy(phase) : LOST[side]);
    near.ended();
    // Told already, or answered in the stead of who did not come to it.
    if (phase.kind === "half-closed") far.relayClose(phase.code, "");
    else if (side === "client") far.close(GOING_AWAY, "");
    else far.close(LOST.upstream.closeCode, LOST.upstream.code);
  }

  #from(side: Side): readonly [near: PipeEnd, far: PipeEnd] {
    const { client, upstream } = this.#ends;
    return side === "client" ? [client, upstream] : [upstream, client];
  }

  /** False where it was over before. */
  #finish(over: PipeOver): boolean {
    if (this.#phase.kind === "over") return false;
    this.#phase = { kind: "over" };
    this.#forgetEnd();
    this.#parts.over(over);
    return true;
  }
}

/** By who said its last word first, whatever the other one made of it. */
function closedBy({ side, code }: Phase & { kind: "half-closed" }): PipeOver {
  return { reason: `${side}-closed`, closeCode: code, code: undefined };
}
