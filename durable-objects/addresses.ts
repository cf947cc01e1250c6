// How objects are found: by name, in the jurisdiction that the deployment names, if it names one.
import { VariableReader } from "../auth/variables.ts";
import { readJurisdiction } from "./config.ts";
import type { ObjectEnv } from "./object-env.ts";
import type { StreamObject } from "./stream-object.ts";
import type { UserObject } from "./user-object.ts";

/** @param locationHint where the object should live, if this call makes it */
export function streamAt(
  env: ObjectEnv,
  streamId: string,
  locationHint?: DurableObjectLocationHint,
): DurableObjectStub<StreamObject> {
  return within(env.STREAMS, env).getByName(streamId, locationHint === undefined ? {} : { locationHint });
}

export function userAt(env: ObjectEnv, userId: string): DurableObjectStub<UserObject> {
  return within(env.USERS, env).getByName(userId);
}

function within<Kind extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<Kind>,
  env: ObjectEnv,
): DurableObjectNamespace<Kind> {
  const jurisdiction = readJurisdiction(new VariableReader(env));
  return jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
}
