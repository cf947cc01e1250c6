// How a stream is at this moment: who is there, what happened since it woke, what an hour of it costs.
import { DENIED, NOBODY } from "../../../auth/policy.ts";
import type { Principal } from "../../../auth/principal.ts";
import { maySeeMembers, maySeeStatus } from "../../../auth/privileges.ts";
import { type Fault, fault } from "../../../protocol/fault.ts";
import type { AlertLog } from "../alerts/alert-log.ts";
import type { Counters, Counts } from "../delivery/counters.ts";
import type { Roster } from "../members/roster.ts";
import type { Access } from "../rights/access.ts";
import { listMembers, type MemberView } from "../sessions/presence.ts";
import { type CostPerHour, costPerHour } from "./cost.ts";

/** As it leaves over HTTP and RPC. Times are milliseconds since 1970. */
export interface StatusView {
  readonly streamId: string;
  readonly createdAt: number;
  readonly epoch: string;
  /** Of the newest durable message; 0 where there was none. */
  readonly offset: number;
  readonly counts: { readonly members: number; readonly producers: number; readonly consumers: number };
  /** Only for the owner, writers and admins; cut off where it would be too long, so `counts` may say more. */
  readonly members?: readonly MemberView[];
  /** Only for the owner, writers and admins. */
  readonly owner?: string;
  /** Since when `counters` count: the object woke then. */
  readonly since: number;
  readonly counters: Counts;
  readonly estimatedCostPerHour: CostPerHour;
}

interface Parts {
  readonly access: Access;
  readonly log: AlertLog;
  readonly roster: Roster;
  readonly counters: Counters;
}

export class Status {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  view(principal: Principal, streamId: string, nowMs: number): StatusView | Fault {
    const { access, counters, log, roster } = this.#parts;
    const facts = access.factsOf(streamId);
    const { claim } = access;
    if (claim === undefined) return fault("NOT_FOUND", "No such stream", undefined);
    if (!maySeeStatus(principal, facts)) {
      return fault("UNAUTHORIZED", DENIED.read, undefined);
    }
    const seesMembers = maySeeMembers(principal, facts);
    const registrations = roster.members.flatMap(({ registration }) => registration ?? []);
    const owner = access.ownerId;
    return {
      streamId,
      createdAt: claim.createdAtMs,
      epoch: claim.epoch,
      offset: log.head,
      counts: {
        members: registrations.length,
        producers: registrations.filter(({ produces }) => produces.length > 0).length,
        consumers: registrations.filter(({ consumes }) => consumes.length > 0).length,
      },
      ...(seesMembers ? { members: listMembers(roster.members).members } : {}),
      ...(seesMembers && owner !== NOBODY ? { owner } : {}),
      since: counters.sinceMs,
      counters: counters.counts,
      estimatedCostPerHour: costPerHour(counters.counts, counters.activeMs, nowMs - counters.sinceMs),
    };
  }
}
