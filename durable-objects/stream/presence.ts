// Who comes and goes, told to members that ask for it and may know: the owner and the writers.
import { maySeeMembers } from "../../auth/policy.ts";
import { senderKindOf } from "../../auth/principal.ts";
import type { OutboxBounds } from "../../connection/outbox.ts";
import { PRESENCE_TYPE } from "../../protocol/message-type.ts";
import { MEMBER_LIST_MAX_BYTES } from "../../protocol/limits.ts";
import type { SenderKind } from "../../protocol/messages.ts";
import { bytesOf } from "../../protocol/size.ts";
import type { Access } from "./access.ts";
import type { FanOut } from "./fan-out.ts";
import type { Member } from "./member.ts";
import type { Roster } from "./roster.ts";

/** A member as others see it. */
export interface MemberView {
  readonly connectionId: string;
  readonly userId: string;
  readonly senderKind: SenderKind;
  readonly clientType: string | undefined;
  readonly produces: readonly string[];
  readonly consumes: readonly string[];
}

interface Parts {
  readonly config: { readonly outbox: OutboxBounds };
  readonly access: Access;
  readonly roster: Roster;
  readonly fanOut: FanOut;
}

export class Presence {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A member registers: the others learn of it. */
  joined(member: Member, nowMs: number): void {
    this.#tellOthers("join", member, nowMs);
  }

  /** A member learns who is there, if it asked for it and may know. */
  welcome(member: Member, nowMs: number): void {
    const { config, fanOut, roster } = this.#parts;
    if (!this.#isWatcher(member)) return;
    // Beside a replay that fills half of its buffer.
    const snapshot = listMembers(roster.members, config.outbox.consumerBufferBytes / 4);
    fanOut.notify(member, this.#text(member.streamId, { event: "snapshot", ...snapshot, at: nowMs }), nowMs);
  }

  /** A member that was registered is none any more. */
  left(member: Member, nowMs: number): void {
    this.#tellOthers("leave", member, nowMs);
  }

  #tellOthers(event: "join" | "leave", member: Member, nowMs: number): void {
    const { fanOut, roster } = this.#parts;
    const view = viewOf(member);
    if (view === undefined) return;
    let text: string | undefined;
    for (const watcher of roster.watchers) {
      if (watcher === member || !this.#isWatcher(watcher)) continue;
      text ??= this.#text(member.streamId, { event, member: view, at: nowMs });
      fanOut.notify(watcher, text, nowMs);
    }
  }

  #isWatcher(member: Member): boolean {
    return (
      member.consumes(PRESENCE_TYPE) && maySeeMembers(member.principal, this.#parts.access.factsOf(member.streamId))
    );
  }

  #text(streamId: string, detail: Record<string, unknown>): string {
    return JSON.stringify({ type: PRESENCE_TYPE, streamId, ...detail });
  }
}

/** The registered ones, as many as fit; `total` says how many there are. */
export function listMembers(
  all: readonly Member[],
  maxBytes = MEMBER_LIST_MAX_BYTES,
): { members: readonly MemberView[]; total: number } {
  const members: MemberView[] = [];
  let room = Math.min(maxBytes, MEMBER_LIST_MAX_BYTES);
  let total = 0;
  for (const member of all) {
    const view = viewOf(member);
    if (view === undefined) continue;
    total += 1;
    room -= bytesOf(JSON.stringify(view));
    if (room >= 0) members.push(view);
  }
  return { members, total };
}

/** Undefined for a connection that has not registered. */
function viewOf({ connectionId, principal, registration }: Member): MemberView | undefined {
  if (registration === undefined) return undefined;
  const { clientType, produces, consumes } = registration;
  return {
    connectionId,
    userId: principal.userId,
    senderKind: senderKindOf(principal),
    clientType,
    produces,
    consumes,
  };
}
