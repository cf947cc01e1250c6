// The newest frame of each `latest` type: for who comes late, for who asks over HTTP, and on disk once it is quiet.
import type { Principal } from "../../../auth/principal.ts";
import { type Fault, fault, isFault } from "../../../protocol/fault.ts";
import { isJsonObject, parseJson } from "../../../protocol/json.ts";
import type { Lanes } from "../../../protocol/lanes.ts";
import type { Deadlines } from "../deadlines.ts";
import type { FanOut } from "../delivery/fan-out.ts";
import { Relayed } from "../delivery/relayed.ts";
import { TakenFrame } from "../delivery/taken-frame.ts";
import type { Member } from "../members/member.ts";
import type { Access } from "../rights/access.ts";
import { readableClaim } from "../rights/readable.ts";
import type { Flow } from "./flow.ts";
import type { FrameStore } from "./frame-store.ts";

/** As it leaves over HTTP and RPC. */
export interface FrameView {
  readonly kind: "frame";
  readonly type: string;
  readonly seq: number;
  /** The producer's own time, or the gateway's where it sent none; milliseconds since 1970. */
  readonly timestamp: number;
  /** As the producer named it: not to be served unchecked. */
  readonly contentType: string;
  readonly bytes: ArrayBuffer;
}

/**
 * `fresh`: came since the last look. `seen`: a look found it; the next one stores it unless another came. So nothing is
 * written while frames flow.
 */
interface Newest {
  readonly frame: TakenFrame | undefined;
  readonly state: "fresh" | "seen" | "stored";
}

interface Parts {
  readonly access: Access;
  readonly fanOut: FanOut;
  readonly store: FrameStore;
  readonly deadlines: Deadlines;
  readonly config: { readonly lanes: Lanes };
  readonly flow: Flow;
}

/** The type that `/frame` shows where it is not told which. */
const USUAL_TYPE = "video-frame";
/**
 * With the next alarm, five seconds later at most: an object that hears nothing for ten falls asleep, and what it has not
 * stored by then is gone.
 */
const NEXT_LOOK_MS = 1;

export class LatestFrames {
  readonly #parts: Parts;
  readonly #newest = new Map<string, Newest>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A frame that was relayed. */
  keep(frame: TakenFrame, nowMs: number): void {
    const { type } = frame.relayed;
    frame.relayed.forgetForms();
    this.#parts.flow.frame(nowMs);
    this.#newest.set(type, { frame, state: "fresh" });
    // Mostly a look is due already, and this writes nothing; but not by a clock that stepped back.
    this.#parts.deadlines.add(nowMs + NEXT_LOOK_MS);
  }

  /** What a member that has just registered sees at once. */
  sendTo(member: Member): void {
    const { fanOut, config } = this.#parts;
    for (const type of config.lanes.latest) {
      const relayed = member.consumes(type) ? this.#of(type)?.relayed : undefined;
      if (relayed !== undefined) fanOut.relayTo(member, relayed);
    }
  }

  /** What a member missed that acknowledges a frame from before a sleep, in which the one that waited for it was lost. */
  sendNewer(member: Member, seq: number): void {
    for (const type of this.#parts.config.lanes.latest) {
      const relayed = member.consumes(type) && member.outbox.knowsNothingOf(type) ? this.#of(type)?.relayed : undefined;
      if (relayed !== undefined && relayed.seq > seq) this.#parts.fanOut.relayTo(member, relayed);
    }
  }

  /** The newest frame that has bytes. @param type undefined for what the deployment calls a video frame */
  view(principal: Principal, streamId: string, type: string | undefined): FrameView | Fault {
    const claim = readableClaim(this.#parts.access, principal, streamId);
    if (isFault(claim)) return claim;
    const wanted = type ?? this.#usualType;
    const frame = wanted === undefined ? undefined : this.#of(wanted);
    const bytes = frame?.bytes();
    if (wanted === undefined || frame === undefined || bytes === undefined) {
      return fault("NOT_FOUND", "No frame yet", undefined);
    }
    const { seq, timestamp, contentType } = frame.meta;
    return { kind: "frame", type: wanted, seq, timestamp, contentType, bytes };
  }

  /** The alarm rang: stores what nothing followed, and looks again where something did. */
  look(nowMs: number): void {
    const { access, deadlines, flow, store } = this.#parts;
    for (const [type, { frame, state }] of this.#newest) {
      if (state === "stored" || frame === undefined || access.claim === undefined) continue;
      if (state === "fresh") deadlines.add(nowMs + NEXT_LOOK_MS);
      else store.write(type, access.claim.epoch, frame.relayed);
      this.#newest.set(type, { frame, state: state === "fresh" ? "seen" : "stored" });
    }
    if ([...this.#newest.values()].every(({ state }) => state === "stored")) flow.quiet(nowMs);
  }

  /** Whether there is one of any type, in memory or on disk. */
  get isThere(): boolean {
    return [...this.#parts.config.lanes.latest].some((type) => this.#of(type) !== undefined);
  }

  /** The stream was deleted. */
  forget(): void {
    this.#newest.clear();
  }

  get #usualType(): string | undefined {
    const { latest } = this.#parts.config.lanes;
    return latest.has(USUAL_TYPE) ? USUAL_TYPE : [...latest][0];
  }

  #of(type: string): TakenFrame | undefined {
    const known = this.#newest.get(type);
    if (known !== undefined || !this.#parts.config.lanes.latest.has(type)) return known?.frame;
    // Read once after a wake; that there is none is remembered too.
    const frame = this.#read(type);
    this.#newest.set(type, { frame, state: "stored" });
    return frame;
  }

  #read(type: string): TakenFrame | undefined {
    const { access, store } = this.#parts;
    if (access.claim === undefined) return undefined;
    const { streamId, epoch } = access.claim;
    const stored = store.read(type, epoch);
    if (stored === undefined) return undefined;
    const fields = parseJson(stored.text)?.value;
    if (!isJsonObject(fields)) return undefined;
    const { seq, receivedAt } = fields;
    if (typeof seq !== "number" || typeof receivedAt !== "number") return undefined;
    const { text, payload } = stored;
    const facts = { streamId, ownerId: access.ownerId, epoch, receivedAtMs: receivedAt };
    return new TakenFrame(Relayed.again(type, seq, text, payload), { fields, payload }, facts);
  }
}
