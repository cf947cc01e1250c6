// The sockets of a user that Workers hold outside of streams: each is watched by one of its own, which costs nothing asleep.
import { type Revocation, revokes } from "../../auth/revocation.ts";
import { NORMAL_CLOSURE } from "../../connection/close.ts";
import { toWatched, type Watched, writeRevoked } from "../../connection/watch.ts";

/** The part of a hibernatable WebSocket that is needed here. */
export interface WatchSocket {
  readonly readyState: number;
  send(text: string): void;
  close(code: number, reason: string): void;
  serializeAttachment(attachment: unknown): void;
  deserializeAttachment(): unknown;
}

const OPEN = 1;

/** No rows: what is not there after a reset is watched anew by who holds it, or is gone. */
export class Watches {
  readonly #sockets: () => readonly WatchSocket[];

  /** @param sockets all of the object's */
  constructor(sockets: () => readonly WatchSocket[]) {
    this.#sockets = sockets;
  }

  /** How many sockets are watched. */
  get count(): number {
    return this.#open.length;
  }

  add(socket: WatchSocket, watched: Watched): void {
    socket.serializeAttachment(watched);
  }

  /** Whoever holds this connection lost sight of it, and comes anew. */
  forget(connectionId: string): void {
    for (const socket of this.#open) {
      if (toWatched(socket.deserializeAttachment())?.connectionId === connectionId) socket.close(NORMAL_CLOSURE, "");
    }
  }

  /** @param graceMs how long those that it ends may stay */
  tell(revocation: Revocation, graceMs: number): void {
    for (const socket of this.#open) {
      const watched = toWatched(socket.deserializeAttachment());
      // Whose it is that nobody can say asks anew, and is refused where he is revoked.
      if (watched === undefined) socket.close(NORMAL_CLOSURE, "");
      else if (revokes(revocation, watched.subject)) tellOne(socket, graceMs);
    }
  }

  get #open(): readonly WatchSocket[] {
    return this.#sockets().filter(({ readyState }) => readyState === OPEN);
  }
}

/** A socket whose connection broke a moment ago throws; who held it hears of that, and asks anew. */
function tellOne(socket: WatchSocket, graceMs: number): void {
  try {
    socket.send(writeRevoked(graceMs));
  } catch {
    // its close follows
  }
}
