// Whether one more connection of a user may open: not revoked, and counted exactly.
import type { Subject } from "../../auth/revocation.ts";
import type { Code } from "../../protocol/codes.ts";
import type { Connections, Place } from "./connections.ts";
import type { Revocations } from "./revocations.ts";
import type { TicketStreams } from "./ticket-streams.ts";

/** `unreachable`: nobody can say now, so nobody new comes in. */
export type Admittance = "admitted" | "revoked" | "full" | "unreachable";

/** What a client is told; undefined where it may come in. */
export function refusalOf(admittance: Admittance): Code | undefined {
  switch (admittance) {
    case "admitted":
      return undefined;
    case "revoked":
      return "SESSION_REVOKED";
    case "full":
      return "CONNECTION_LIMIT";
    case "unreachable":
      return "OVERLOADED";
  }
}

/** The streams of one user's connections. All reject where the stream cannot be asked. */
export interface HoldingStreams {
  /** Which of these connections it holds, or is about to. */
  readonly whichLive: (streamId: string, connectionIds: readonly string[]) => Promise<readonly string[]>;
  /** Closes a connection for a newer one; resolves once it is a member no more, or never was. */
  readonly giveWay: (streamId: string, connectionId: string) => Promise<void>;
}

interface Parts {
  readonly connections: Connections;
  readonly revocations: Revocations;
  readonly tickets: TicketStreams;
  readonly streams: HoldingStreams;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Who waited longer for his turn is not waited for any more, and nobody gives way for him. */
const TURN_MAX_MS = 1000;

export class Admitting {
  readonly #parts: Parts;
  /** Who finds the list full makes room one after the other, so that no two count on the same place. */
  #turn: Promise<unknown> = Promise.resolve();
  /** How often the streams have been asked: who came before the last time needs no other. */
  #rounds = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Also for a connection that is known: it has come to a stream, or shows a newer token. */
  admit(subject: Subject, connectionId: string, place: Place): Admittance | Promise<Admittance> {
    const decide = (): Admittance => this.#decide(subject, connectionId, place);
    const first = decide();
    if (first !== "full") return first;
    const [rounds, askedAtMs] = [this.#rounds, this.#parts.now()];
    const turn = this.#turn.then(() =>
      this.#parts.now() - askedAtMs > TURN_MAX_MS ? "unreachable" : this.#makeRoom(subject.sessionId, decide, rounds),
    );
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** In one step: whoever waited for somebody's answer calls it anew behind that. */
  #decide(subject: Subject, connectionId: string, place: Place): Admittance {
    const { connections, revocations, tickets, now } = this.#parts;
    if (revocations.hasRevoked(subject)) return "revoked";
    if (place.kind === "ticket") {
      tickets.note(place, now());
      return "admitted";
    }
    return connections.note(connectionId, subject.sessionId, place, now()) ? "admitted" : "full";
  }

  async #makeRoom(sessionId: string, decide: () => Admittance, rounds: number): Promise<Admittance> {
    const { connections, streams } = this.#parts;
    const before = decide();
    if (before !== "full") return before;
    if (this.#rounds === rounds) {
      await this.#reconcile();
      const reconciled = decide();
      if (reconciled !== "full") return reconciled;
    }
    const oldest = connections.oldestOf(sessionId);
    if (oldest === undefined) return "full";
    try {
      await streams.giveWay(oldest.streamId, oldest.connectionId);
    } catch {
      return "unreachable"; // it may be live, and then there is no room
    }
    connections.forget(oldest);
    return decide();
  }

  /** Asks the streams which connections they still hold. Those of one that cannot be asked count as live. */
  async #reconcile(): Promise<void> {
    const { connections, streams } = this.#parts;
    this.#rounds += 1;
    const byStream = Map.groupBy(connections.placed, ({ streamId }) => streamId);
    await Promise.allSettled(
      Array.from(byStream, async ([streamId, placed]) => {
        const live = new Set(
          await streams.whichLive(
            streamId,
            placed.map(({ connectionId }) => connectionId),
          ),
        );
        for (const one of placed) if (!live.has(one.connectionId)) connections.forget(one);
      }),
    );
  }
}
