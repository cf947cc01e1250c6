// What the objects bind: each other, and the auth server. Variables are read in config.ts.
import type { Variables } from "../auth/variables.ts";
import type { StreamObject } from "./stream-object.ts";
import type { UserObject } from "./user-object.ts";

export interface ObjectEnv extends Variables {
  readonly STREAMS: DurableObjectNamespace<StreamObject>;
  readonly USERS: DurableObjectNamespace<UserObject>;
  /** The auth server, where one is bound. */
  readonly AUTH?: Fetcher;
}
