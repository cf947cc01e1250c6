// Hears from the object of a user when a socket that the Worker pipes must end: its session was revoked.
import { readRevoked } from "../../../connection/watch.ts";
import { PING_TEXT, PONG_TEXT } from "../../../protocol/answers.ts";
import type { Code } from "../../../protocol/codes.ts";

/** The part of a WebSocket that is needed here. */
export interface WatchingSocket {
  accept(): void;
  send(text: string): void;
  close(): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close" | "error", listener: () => void): void;
}

export type Answer =
  | { readonly kind: "watched"; readonly socket: WatchingSocket }
  | { readonly kind: "refused"; readonly code: Code };

interface Parts {
  /** Asks the object anew each time; never rejects. */
  readonly ask: () => Promise<Answer>;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** How often the line to the object is tried: one that breaks without a word would keep silent for good. */
const BEAT_MS = 60_000;
/** When the object is asked again: it serves one user, and is back in a moment. */
const ASK_MIN_MS = 500;
const ASK_MAX_MS = 5000;
/** Who cannot learn for so long whether a session was revoked goes on with it no longer. */
const BLIND_MAX_MS = 60_000;

/**
 * `blind`: the object was moved or reset, and is asked again. `grace`: it is revoked, and may stay a while. `over`: it must
 * end, by this code, or nobody wants to know any more.
 */
type State =
  | { readonly kind: "new" }
  | {
      readonly kind: "watching";
      readonly socket: WatchingSocket;
      readonly heartbeat: ReturnType<typeof setInterval>;
    }
  | { readonly kind: "blind"; readonly sinceMs: number; readonly timer: ReturnType<typeof setTimeout> }
  | {
      readonly kind: "grace";
      readonly socket: WatchingSocket;
      readonly untilMs: number;
      readonly timer: ReturnType<typeof setTimeout>;
    }
  | { readonly kind: "over"; readonly code: Code | undefined };

/** The object says it by itself, and sleeps until then: the runtime answers the keepalive without waking it. */
export class Watch {
  readonly #parts: Parts;
  #state: State = { kind: "new" };
  #ended: (code: Code) => void = () => undefined;
  /** Since the last keepalive. */
  #hasHeard = true;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Why the user may have no socket more, or none at all; undefined where he may, and is watched from then on. */
  async begin(): Promise<Code | undefined> {
    const answer = await this.#parts.ask();
    if (answer.kind === "refused") return answer.code;
    this.#watch(answer.socket);
    return undefined;
  }

  /** @param ended told once when the socket must end; at once where that was before */
  tell(ended: (code: Code) => void): void {
    this.#ended = ended;
    if (this.#state.kind === "over" && this.#state.code !== undefined) ended(this.#state.code);
  }

  /** The socket is gone. */
  stop(): void {
    this.#finish(undefined);
  }

  #watch(socket: WatchingSocket): void {
    socket.accept();
    if (this.#state.kind === "over") return socket.close();
    this.#hasHeard = true;
    this.#state = { kind: "watching", socket, heartbeat: setInterval(() => this.#beat(socket), BEAT_MS) };
    socket.addEventListener("message", ({ data }) => {
      this.#hasHeard = true;
      if (data !== PONG_TEXT) this.#revoked(socket, readRevoked(data));
    });
    for (const type of ["close", "error"] as const) socket.addEventListener(type, () => this.#lost(socket));
  }

  #beat(socket: WatchingSocket): void {
    if (!this.#hasHeard) return this.#lost(socket);
    this.#hasHeard = false;
    try {
      socket.send(PING_TEXT);
    } catch {
      this.#lost(socket);
    }
  }

  #revoked(socket: WatchingSocket, graceMs: number): void {
    const state = this.#state;
    if (graceMs <= 0) return this.#finish("SESSION_REVOKED");
    if (state.kind !== "watching" && state.kind !== "grace") return;
    const untilMs = Date.now() + graceMs;
    if (state.kind === "grace") {
      // Two revocations: the one that leaves less time counts.
      if (state.untilMs <= untilMs) return;
      clearTimeout(state.timer);
    } else clearInterval(state.heartbeat);
    this.#state = { kind: "grace", socket, untilMs, timer: setTimeout(() => this.#finish("SESSION_REVOKED"), graceMs) };
  }

  #lost(socket: WatchingSocket): void {
    const state = this.#state;
    if (state.kind !== "watching" || state.socket !== socket) return;
    clearInterval(state.heartbeat);
    socket.close();
    this.#askLater(Date.now());
  }

  /** Not all at once: a deploy makes everybody blind in one moment. */
  #askLater(sinceMs: number): void {
    const afterMs = ASK_MIN_MS + this.#parts.random() * (ASK_MAX_MS - ASK_MIN_MS);
    this.#state = { kind: "blind", sinceMs, timer: setTimeout(() => void this.#askAgain(sinceMs), afterMs) };
  }

  async #askAgain(sinceMs: number): Promise<void> {
    const answer = await this.#parts.ask();
    if (answer.kind === "watched") return this.#watch(answer.socket);
    if (this.#state.kind !== "blind") return;
    if (answer.code !== "OVERLOADED" || Date.now() - sinceMs >= BLIND_MAX_MS) return this.#finish(answer.code);
    this.#askLater(sinceMs);
  }

  #finish(code: Code | undefined): void {
    const state = this.#state;
    if (state.kind === "over") return;
    if (state.kind === "blind" || state.kind === "grace") clearTimeout(state.timer);
    if (state.kind === "watching") clearInterval(state.heartbeat);
    if (state.kind === "watching" || state.kind === "grace") state.socket.close();
    this.#state = { kind: "over", code };
    if (code !== undefined) this.#ended(code);
  }
}
