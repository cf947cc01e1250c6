// What the owner of a stream does with it over HTTP: sees and changes its access list, deletes it. And its lapse.
import { type AccessList, changeAccess, NO_ACCESS, readAccessChange } from "../../../auth/access-list.ts";
import { NOBODY } from "../../../auth/policy.ts";
import type { Principal } from "../../../auth/principal.ts";
import { mayClaimByAccess, mayManage } from "../../../auth/privileges.ts";
import { identityOf, type Note } from "../../../connection/audit.ts";
import { type Fault, fault, isFault } from "../../../protocol/fault.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { Sequence } from "../delivery/sequence.ts";
import type { Access, Claim } from "../rights/access.ts";
import { type Claiming, NEEDS_ROOM, noRoom, type Room } from "../rights/claiming.ts";
import type { Registering } from "../sessions/registering.ts";

interface Parts {
  readonly access: Access;
  readonly claiming: Claiming;
  readonly registering: Registering;
  readonly sequence: Sequence;
  readonly note: Note;
  /** Forgets what is in memory of the stream, takes every member out and closes its socket: what it came for is gone. */
  readonly forget: () => void;
}

/** As it leaves over HTTP. */
export interface AccessView extends AccessList {
  /** Null where nobody owns: under the policy `open`. */
  readonly owner: string | null;
  readonly version: number;
}

export class Managing {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  readAccess(principal: Principal, streamId: string): AccessView | Fault {
    const claim = this.#managedBy(principal, streamId);
    return isFault(claim) ? claim : this.#view();
  }

  /**
   * Replaces the keys that the body names. A user may do it on a stream that nobody owns, and owns it then. A `version`
   * that is not the current one is a conflict: somebody else changed the list meanwhile.
   */
  changeAccess(
    principal: Principal,
    streamId: string,
    body: JsonObject,
    now: () => number,
  ): AccessView | Fault | Promise<AccessView | Fault> {
    return this.#parts.claiming.attempt(principal.userId, streamId, (room) =>
      this.#changeAccess(principal, streamId, body, room, now()),
    );
  }

  /** Undefined where it is done. */
  erase(principal: Principal, streamId: string): Fault | undefined | Promise<Fault | undefined> {
    const claim = this.#managedBy(principal, streamId);
    if (isFault(claim)) return claim;
    return this.#forget(claim, principal, () => isFault(this.#managedBy(principal, streamId)));
  }

  /** Deletes a stream that nobody used for long, unless it is needed again meanwhile. */
  async lapse(claim: Claim, isDue: () => boolean): Promise<void> {
    await this.#forget(claim, undefined, () => !isDue());
  }

  /** @param by undefined where nobody asked for it */
  #forget(
    { ownerId, streamId, epoch }: Claim,
    by: Principal | undefined,
    isOff: () => boolean,
  ): Fault | undefined | Promise<Fault | undefined> {
    const { access, claiming, forget, note, sequence } = this.#parts;
    return claiming.attempt(ownerId, streamId, (room) => {
      if (room === undefined) return NEEDS_ROOM;
      if (room === "unreachable") return noRoom(room, undefined);
      if (access.claim?.epoch !== epoch || isOff()) return fault("NOT_FOUND", "No such stream", undefined);
      access.erase();
      sequence.restart();
      const who = by === undefined ? {} : identityOf(by);
      note({ event: "stream-deleted", streamId, reason: by === undefined ? "lapsed" : "asked", ...who });
      forget();
      return undefined;
    });
  }

  #changeAccess(
    principal: Principal,
    streamId: string,
    body: JsonObject,
    room: Room | undefined,
    nowMs: number,
  ): AccessView | Fault | typeof NEEDS_ROOM {
    const { access, note, registering } = this.#parts;
    const change = readAccessChange(body);
    if (change === undefined) return fault("BAD_REQUEST", "Not a change of an access list", undefined);
    const claims = access.claim === undefined && mayClaimByAccess(principal, access.factsOf(streamId));
    const claim = claims ? undefined : this.#managedBy(principal, streamId);
    if (isFault(claim)) return claim;
    // All of it is decided before any of it is done: a refusal leaves the stream as it was, claimed or not.
    const owner = claims ? principal.userId : this.#view().owner;
    if (!agrees(body["owner"], owner)) return fault("CONFLICT", "The owner cannot be changed", undefined);
    if (!agrees(body["version"], access.version)) return fault("CONFLICT", "The access list has changed", undefined);
    const changed = changeAccess(access.list ?? NO_ACCESS, change);
    if (changed === undefined) return fault("BAD_REQUEST", "At most 256 ids", undefined);
    if (claims) {
      if (room === undefined) return NEEDS_ROOM;
      if (room !== "room") return noRoom(room, undefined);
      registering.claim(streamId, principal.userId, nowMs);
    }
    access.replaceList(changed);
    note({ event: "access-changed", streamId, ...identityOf(principal) });
    access.noteUse(nowMs);
    registering.decideAnew(nowMs);
    return this.#view();
  }

  #managedBy(principal: Principal, streamId: string): Claim | Fault {
    const { access } = this.#parts;
    if (access.claim === undefined) return fault("NOT_FOUND", "No such stream", undefined);
    if (!mayManage(principal, access.factsOf(streamId))) {
      return fault("UNAUTHORIZED", "Only the owner may do this", undefined);
    }
    return access.claim;
  }

  #view(): AccessView {
    const { access } = this.#parts;
    if (access.list === undefined) throw new Error("a claimed stream has a list");
    const { ownerId } = access;
    return { owner: ownerId === NOBODY ? null : ownerId, ...access.list, version: access.version };
  }
}

/** Whether a key that a client sent back, or left out, says what is so. */
function agrees(said: unknown, is: unknown): boolean {
  return said === undefined || said === is;
}
