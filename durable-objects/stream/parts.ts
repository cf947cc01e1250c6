// What the rules of a stream work on together, made once for each object.
import type { StreamConfig } from "../config.ts";
import type { AlertLog } from "./alerts/alert-log.ts";
import type { Counters } from "./delivery/counters.ts";
import type { FanOut } from "./delivery/fan-out.ts";
import type { Roster } from "./members/roster.ts";
import type { Access } from "./rights/access.ts";

export interface StreamParts {
  readonly config: StreamConfig;
  readonly roster: Roster;
  readonly access: Access;
  readonly log: AlertLog;
  readonly fanOut: FanOut;
  readonly counters: Counters;
  /** A text that no other call returned, at most 36 characters. */
  readonly randomId: () => string;
}
