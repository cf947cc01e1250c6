// The Worker's entry: the gateway, and the classes of the objects it binds.
import { app } from "./app.ts";
import type { Env } from "./env.ts";

export { StreamObject } from "../durable-objects/stream-object.ts";
export { UserObject } from "../durable-objects/user-object.ts";

export { StreamGateway } from "./rpc.ts";

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
