// What an operator sees of a stream, and whom he takes out: every connection, also one that has not registered.
import type { AccessList } from "../../../auth/access-list.ts";
import { NOBODY } from "../../../auth/policy.ts";
import { senderKindOf } from "../../../auth/principal.ts";
import type { Registration } from "../../../connection/attachment.ts";
import { waitingBytes } from "../../../connection/backlog.ts";
import type { Hop } from "../../../connection/hop.ts";
import { MEMBER_LIST_MAX_BYTES } from "../../../protocol/limits.ts";
import type { SenderKind } from "../../../protocol/messages.ts";
import { bytesOf } from "../../../protocol/size.ts";
import type { AlertLog } from "../alerts/alert-log.ts";
import type { Counters, Counts } from "../delivery/counters.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";
import type { Access } from "../rights/access.ts";

/** A connection as an operator sees it. Times are milliseconds since 1970. */
export interface ConnectionView {
  readonly connectionId: string;
  readonly userId: string;
  readonly senderKind: SenderKind;
  /** Absent for a program. */
  readonly sessionId?: string | undefined;
  readonly since: number;
  /** When it ends unless renewed; absent for a program. */
  readonly endsAt?: number | undefined;
  readonly hop: Hop;
  /** Absent until it registers. */
  readonly registration?: Registration | undefined;
  /** What it has not read, as far as this side of its last hop knows. */
  readonly waitingBytes: number;
}

/** As it leaves over HTTP. */
export interface OperatorView {
  readonly streamId: string;
  /** Null where nobody has made the stream. */
  readonly access: (AccessList & { readonly owner: string | null; readonly version: number }) | null;
  readonly createdAt: number | null;
  readonly epoch: string;
  readonly offset: number;
  /** Cut off where it would be too long; `total` says how many there are. */
  readonly members: readonly ConnectionView[];
  readonly total: number;
  /** Since when `counters` count. */
  readonly since: number;
  readonly counters: Counts;
}

/** Whom an operator takes out: one connection, or all of a user or a program. */
export type Target = { readonly connectionId: string } | { readonly userId: string };

interface Parts {
  readonly access: Access;
  readonly counters: Counters;
  readonly leaving: Leaving;
  readonly log: AlertLog;
  readonly roster: Roster;
}

export class Operating {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whatever the stream is, also one that nobody owns: somebody may wait there. */
  view(streamId: string): OperatorView {
    const { access, counters, log, roster } = this.#parts;
    const { claim, list, ownerId, version } = access;
    return {
      streamId,
      access: list === undefined ? null : { owner: ownerId === NOBODY ? null : ownerId, ...list, version },
      createdAt: claim?.createdAtMs ?? null,
      epoch: claim?.epoch ?? "",
      offset: claim === undefined ? 0 : log.head,
      members: viewsOf(roster.members),
      total: roster.size,
      since: counters.sinceMs,
      counters: counters.counts,
    };
  }

  /**
   * Returns how many there were. `UNAUTHORIZED` is what tells a client neither to come back by itself nor to fetch another
   * token: who may come back says so by the access list, or by a revocation.
   */
  disconnect(target: Target): number {
    const { leaving, roster } = this.#parts;
    const meant = roster.members.filter(({ connectionId, principal }) =>
      "connectionId" in target ? connectionId === target.connectionId : principal.userId === target.userId,
    );
    for (const member of meant) leaving.expel(member, "UNAUTHORIZED");
    return meant.length;
  }
}

function viewsOf(members: readonly Member[]): readonly ConnectionView[] {
  const views: ConnectionView[] = [];
  let room = MEMBER_LIST_MAX_BYTES;
  for (const member of members) {
    const view = viewOf(member);
    room -= bytesOf(JSON.stringify(view));
    if (room < 0) break;
    views.push(view);
  }
  return views;
}

function viewOf(member: Member): ConnectionView {
  const { connectionId, principal, joinedAtMs, endsAtMs, hop, registration, socket, outbox, subject } = member;
  return {
    connectionId,
    userId: principal.userId,
    senderKind: senderKindOf(principal),
    sessionId: subject?.sessionId,
    since: joinedAtMs,
    endsAt: endsAtMs,
    hop,
    registration,
    waitingBytes: waitingBytes(socket) + outbox.waitingBytes,
  };
}
