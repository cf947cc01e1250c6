// A message on its way to consumers, as each one's outbox sees it: what it is, and what to send of it.
import type { Lane } from "../protocol/lanes.ts";
import type { Sized } from "./sized.ts";

export interface Outgoing extends Sized {
  readonly type: string;
  readonly lane: Lane;
  /** Rises over the messages of a stream; what a consumer with credits acknowledges. */
  readonly seq: number;
  /** How many of its type it says were missed on the way here; they count as missed with it where it gives way. */
  readonly dropped: number;
  /** What to send to a consumer that missed so many of this type since its last one; undefined says nothing of it. */
  formFor(missed: number | undefined): string | ArrayBuffer;
}
