// The bindings that the Worker itself calls; variables are read in config.ts, where anything may be missing.
import type { Variables } from "../auth/variables.ts";
import type { StreamObject } from "../durable-objects/stream-object.ts";

export interface Env extends Variables {
  readonly STREAMS: DurableObjectNamespace<StreamObject>;
  /** The auth server, where one is bound. */
  readonly AUTH?: Fetcher;
}
