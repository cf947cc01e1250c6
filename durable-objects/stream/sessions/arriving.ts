// Connections on their way in: a user's are asked for at his object, which counts them and knows what is revoked.
import { type Subject, subjectOf } from "../../../auth/revocation.ts";
import type { Session } from "../../../connection/attachment.ts";
import type { Handoff } from "../../../connection/handoff.ts";
import type { Code } from "../../../protocol/codes.ts";
import { type Admittance, refusalOf } from "../../user/admitting.ts";
import type { Place } from "../../user/connections.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";
import type { Revoking } from "./revoking.ts";

/** The user's object, asked by a stream and by the Worker. */
export interface UserAdmission {
  /** Never rejects. */
  readonly admit: (subject: Subject, connectionId: string, place: Place) => Promise<Admittance>;
}

interface Parts {
  readonly revoking: Pick<Revoking, "hasRevoked">;
  readonly roster: Roster;
  readonly leaving: Leaving;
  readonly users: UserAdmission;
  /** How long a socket outlives its session, in milliseconds. */
  readonly authGraceMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** One that waits for its answer. */
interface Arrival {
  readonly sinceMs: number;
  /** It must make room for a newer one before it is even there. */
  isOff: boolean;
}

/** Twice the time that an answer may take: whoever is still listed then was dropped by the platform. */
const ARRIVES_WITHIN_MS = 10_000;

export class Arriving {
  readonly #parts: Parts;
  readonly #arrivals = new Map<string, Arrival>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Why a connection may not open; undefined where its user's object lets it, or nobody need be asked. */
  async ask({ streamId, connectionId, ...session }: Handoff): Promise<Code | undefined> {
    const subject = subjectOf(session);
    if (subject === undefined) return undefined;
    // Noted before the question: from then on it may be asked for.
    this.#arrivals.set(connectionId, { sinceMs: this.#parts.now(), isOff: false });
    const refusal = refusalOf(await this.#parts.users.admit(subject, connectionId, this.#placeOf(session, streamId)));
    if (refusal !== undefined) this.#arrivals.delete(connectionId);
    return refusal;
  }

  /** Why a member may not go on with another session; undefined where it may. */
  async vouch(
    session: Pick<Session, "principal" | "issuedAtS">,
    { connectionId, streamId }: Pick<Member, "connectionId" | "streamId">,
  ): Promise<Code | undefined> {
    const subject = subjectOf(session);
    if (subject === undefined) return undefined;
    const { now, revoking, users } = this.#parts;
    const refusal = refusalOf(await users.admit(subject, connectionId, { kind: "stream", streamId }));
    // The word may have overtaken the answer.
    return refusal ?? (revoking.hasRevoked(subject, now()) ? "SESSION_REVOKED" : undefined);
  }

  /** Whether it had to give way while it waited. */
  isOff(connectionId: string): boolean {
    return this.#arrivals.get(connectionId)?.isOff === true;
  }

  /** It is a member now, or was refused after all. */
  ended(connectionId: string): void {
    this.#arrivals.delete(connectionId);
  }

  /** Which of these are here, or on their way in. */
  whichLive(connectionIds: readonly string[]): readonly string[] {
    const { now, roster } = this.#parts;
    const nowMs = now();
    for (const [connectionId, { sinceMs }] of this.#arrivals) {
      if (nowMs - sinceMs >= ARRIVES_WITHIN_MS) this.#arrivals.delete(connectionId);
    }
    const members = new Set(roster.members.map(({ connectionId }) => connectionId));
    return connectionIds.filter((id) => members.has(id) || this.#arrivals.has(id));
  }

  /** The user has a newer connection and too many: this one ends, wherever it is on its way. */
  giveWay(connectionId: string): void {
    const { leaving, roster } = this.#parts;
    const arrival = this.#arrivals.get(connectionId);
    if (arrival !== undefined) arrival.isOff = true;
    const member = roster.members.find((one) => one.connectionId === connectionId);
    if (member !== undefined) leaving.expel(member, "CONNECTION_LIMIT");
  }

  /** Sockets of a ticket count against the stream's members, and not against its maker's connections. */
  #placeOf({ principal, endsAtMs = 0 }: Pick<Session, "principal" | "endsAtMs">, streamId: string): Place {
    return principal.kind === "ticket"
      ? { kind: "ticket", streamId, untilMs: endsAtMs + this.#parts.authGraceMs }
      : { kind: "stream", streamId };
  }
}
