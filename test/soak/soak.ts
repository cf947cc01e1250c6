// What a soak gets and what it says: figures of a line each, and sentences where a promise was broken.
import type { GatewayOnDisk } from "../support/gateway-on-disk.ts";

export interface SoakRun {
  readonly onDisk: GatewayOnDisk;
  /** How often the runtime is killed in the soak of that name, and what decides when. */
  readonly kills: number;
  readonly seed: number;
  /** Prints a line. */
  readonly say: (line: string) => void;
  /** Says what was promised and is not so. */
  readonly complain: (sentence: string) => void;
}
