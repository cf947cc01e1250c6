// Revokes: notes it first, so that nothing new comes in, then tells each stream that may hold a connection, until it has heard.
import type { Revocation } from "../../auth/revocation.ts";
import type { Storage } from "../storage.ts";
import type { Connections } from "./connections.ts";
import { Deliveries, type Delivery } from "./deliveries.ts";
import { Revocations } from "./revocations.ts";
import type { TicketStreams } from "./ticket-streams.ts";

interface Parts {
  readonly storage: Storage;
  readonly connections: Connections;
  readonly tickets: TicketStreams;
  /** How long a credential may be taken after the auth server made it, in milliseconds. */
  readonly keptForMs: number;
  /** Tells a stream; rejects where it cannot be reached, or does not answer in a few seconds. */
  readonly tell: (streamId: string, revocation: Revocation, graceMs: number) => Promise<void>;
  /** Has `rang` called at a time, in milliseconds since 1970, instead of whatever was asked for before. */
  readonly wakeAt: (atMs: number) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How many streams are told at once. */
const TOLD_MAX = 64;

export class Revoking {
  readonly revocations: Revocations;
  readonly #deliveries: Deliveries;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.revocations = new Revocations(parts.storage, parts.keptForMs);
    this.#deliveries = new Deliveries(parts.storage);
  }

  /**
   * Resolves once each stream was tried. A connection that was admitted before has a row, so its stream is told, and knows
   * of it though it may still wait for its answer; one that asks later is refused.
   */
  revoke(revocation: Revocation, graceMs: number): Promise<void> {
    const { connections, now, storage, tickets } = this.#parts;
    const nowMs = now();
    storage.transactionSync(() => {
      this.revocations.add(revocation, nowMs);
      const holding = [...connections.placed.map((one) => one.streamId), ...tickets.streamIds];
      for (const streamId of new Set(holding)) {
        this.#deliveries.add(revocation, streamId, nowMs + graceMs);
      }
    });
    return this.#deliver();
  }

  /** The alarm rang. */
  rang(): Promise<void> {
    this.revocations.forgetOver(this.#parts.now());
    return this.#deliver();
  }

  async #deliver(): Promise<void> {
    for (let due = this.#begin(); due.length > 0; due = this.#begin()) {
      // oxlint-disable-next-line no-await-in-loop -- so many at once and no more
      await Promise.all(due.map((delivery) => this.#tell(delivery)));
    }
    this.#wakeForNext();
  }

  /** Should the object end before it hears of them, its alarm tells them again. */
  #begin(): readonly Delivery[] {
    const due = this.#deliveries.begin(this.#parts.now(), TOLD_MAX);
    if (due.length > 0) this.#wakeForNext();
    return due;
  }

  async #tell(delivery: Delivery): Promise<void> {
    const { now, tell } = this.#parts;
    try {
      await tell(delivery.streamId, delivery.revocation, Math.max(0, delivery.graceEndsAtMs - now()));
      this.#deliveries.done(delivery);
    } catch {
      this.#deliveries.failed(delivery, now());
    }
  }

  #wakeForNext(): void {
    const times = [this.#deliveries.nextDueMs, this.revocations.nextEndMs].filter((time) => time !== undefined);
    if (times.length > 0) this.#parts.wakeAt(Math.min(...times));
  }
}
