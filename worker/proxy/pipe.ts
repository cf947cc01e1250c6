// Two sockets joined: what one end says the other hears, in order and as it was, until one of them closes or it is over.
import { ABNORMAL_CLOSURE } from "../../connection/close.ts";
import type { OutboxBounds } from "../../connection/outbox.ts";
import { type Code, CODES } from "../../protocol/codes.ts";
import type { EdgeMemory } from "../edge/edge-memory.ts";
import type { RelayedSocket } from "../edge/relayed-socket.ts";
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
  readonly over: () => void;
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
  | { readonly kind: "half-closed"; readonly code: number }
  | { readonly kind: "over" };

export class Pipe {
  readonly #parts: PipeParts;
  readonly #ends: Readonly<Record<Side, PipeEnd>>;
  readonly #forgetEnd: () => void;
  #phase: Phase = { kind: "open" };

  constructor(parts: PipeParts) {
    this.#parts = parts;
    const { bounds, client, endsAtMs, memory, upstream } = parts;
    const fellBehind = (): void => this.end("OVERLOADED");
    this.#ends = {
      client: new PipeEnd({ ...client, bounds, memory, fellBehind, dropped: () => this.#lost("client") }),
      upstream: new PipeEnd({ ...upstream, bounds, memory, fellBehind, dropped: () => this.#lost("upstream") }),
    };
    this.#listen(client.socket, "client", this.#ends.upstream);
    this.#listen(upstream.socket, "upstream", this.#ends.client);
    this.#forgetEnd = endsAtMs === undefined ? () => undefined : ringAt(endsAtMs, () => this.end("TOKEN_EXPIRED"));
  }

  /** Ends it from here. The client is told why by a close code alone, since the messages are not the gate's own. */
  end(code: Code): void {
    if (!this.#finish()) return;
    const { client, upstream } = this.#ends;
    client.close(CODES[code].closeCode, code);
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
    const { kind } = this.#phase;
    const [near, far] = this.#from(side);
    near.hasClosed();
    if (kind === "open") this.#phase = { kind: "half-closed", code };
    else this.#finish();
    // Where it is over it was told before.
    far.relayClose(code, reason);
  }

  /** The connection ended without a close, or was dropped for want of one. */
  #lost(side: Side): void {
    const phase = this.#phase;
    const [near, far] = this.#from(side);
    this.#finish();
    near.ended();
    // Told already, or answered in the stead of who did not come to it.
    if (phase.kind === "half-closed") far.relayClose(phase.code, "");
    else if (side === "client") far.close(GOING_AWAY, "");
    else far.close(CODES.UPSTREAM_UNAVAILABLE.closeCode, "UPSTREAM_UNAVAILABLE");
  }

  #from(side: Side): readonly [near: PipeEnd, far: PipeEnd] {
    const { client, upstream } = this.#ends;
    return side === "client" ? [client, upstream] : [upstream, client];
  }

  /** False where it was over before. */
  #finish(): boolean {
    if (this.#phase.kind === "over") return false;
    this.#phase = { kind: "over" };
    this.#forgetEnd();
    this.#parts.over();
    return true;
  }
}
