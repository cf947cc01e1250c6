// What the owner of a stream does with it over HTTP: sees and changes its access list, deletes it.
import { type AccessList, changeAccess, NO_ACCESS, readAccessChange } from "../../auth/access-list.ts";
import { isOwner } from "../../auth/policy.ts";
import type { Principal } from "../../auth/principal.ts";
import { type Fault, fault } from "../../protocol/fault.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Access, Claim } from "./access.ts";
import { newEpoch, type Registering } from "./registering.ts";
import type { Sequence } from "./sequence.ts";

interface Parts {
  readonly access: Access;
  readonly registering: Registering;
  readonly sequence: Sequence;
  readonly randomId: () => string;
  /** Takes every member out and closes its socket: the stream that it came for is gone. */
  readonly expelAll: () => void;
}

/** As it leaves over HTTP. */
export interface AccessView extends AccessList {
  readonly owner: string;
  readonly version: number;
}

export class Managing {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  readAccess(principal: Principal): AccessView | Fault {
    const claim = this.#ownedBy(principal);
    return "kind" in claim ? claim : this.#view(claim);
  }

  /**
   * Replaces the keys that the body names. A user may do it on a stream that nobody owns, and owns it then. A `version`
   * that is not the current one is a conflict: somebody else changed the list meanwhile.
   */
  changeAccess(principal: Principal, streamId: string, body: JsonObject, nowMs: number): AccessView | Fault {
    const { access, registering, randomId } = this.#parts;
    const change = readAccessChange(body);
    if (change === undefined) return fault("BAD_REQUEST", "Not a change of an access list", undefined);
    const claim = this.#ownedBy(principal);
    const claims = "kind" in claim && access.claim === undefined && principal.kind === "user";
    if ("kind" in claim && !claims) return claim;
    // All of it is decided before any of it is done: a refusal leaves the stream as it was, claimed or not.
    if (!agrees(body["owner"], principal.userId)) return fault("CONFLICT", "The owner cannot be changed", undefined);
    if (!agrees(body["version"], access.version)) return fault("CONFLICT", "The access list has changed", undefined);
    const changed = changeAccess(access.list ?? NO_ACCESS, change);
    if (changed === undefined) return fault("BAD_REQUEST", "At most 256 ids", undefined);
    if (claims) access.takeOwnership({ streamId, ownerId: principal.userId, epoch: newEpoch(randomId) }, nowMs);
    access.replaceList(changed);
    registering.decideAnew();
    return this.readAccess(principal);
  }

  /** Undefined where it is done. */
  erase(principal: Principal): Fault | undefined {
    const { access, expelAll, sequence } = this.#parts;
    const claim = this.#ownedBy(principal);
    if ("kind" in claim) return claim;
    access.erase();
    sequence.restart();
    expelAll();
    return undefined;
  }

  #ownedBy(principal: Principal): Claim | Fault {
    const { claim } = this.#parts.access;
    if (claim === undefined) return fault("NOT_FOUND", "No such stream", undefined);
    if (!isOwner(principal, claim.ownerId)) return fault("UNAUTHORIZED", "Only the owner may do this", undefined);
    return claim;
  }

  #view(claim: Claim): AccessView {
    const { list, version } = this.#parts.access;
    if (list === undefined) throw new Error("a claimed stream has a list");
    return { owner: claim.ownerId, ...list, version };
  }
}

/** Whether a key that a client sent back, or left out, says what is so. */
function agrees(said: unknown, is: unknown): boolean {
  return said === undefined || said === is;
}
