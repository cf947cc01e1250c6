// What everybody needs who takes part in a round.
import type { AlertBook } from "./alert-book.ts";
import type { RoundEvents } from "./round-events.ts";

export interface Stage {
  readonly gateway: URL;
  /** Aborted where the network goes together with the runtime: what was answered and not yet read is lost as well. */
  readonly network: AbortSignal;
  readonly streamId: string;
  readonly book: AlertBook;
  readonly events: RoundEvents;
  /** Says what was promised and is not so. */
  readonly complain: (sentence: string) => void;
}
