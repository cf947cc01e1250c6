// The bindings that only the Worker calls; variables are read in config.ts, where anything may be missing.
import type { ObjectEnv } from "../durable-objects/object-env.ts";

export interface Env extends ObjectEnv {
  /** The files of the page at `/`, where they are deployed with it. */
  readonly CONSOLE?: Fetcher;
  /** Count upgrades and failed credentials, by the client's address; off where they are not bound. */
  readonly CONNECT_LIMIT?: RateLimit;
  readonly FAILURE_LIMIT?: RateLimit;
}
