// The lease of a socket that the Worker holds: asked for at its user's object, and given back there.
import type { Occasion } from "../../auth/verifier.ts";
import { makeUserAdmission, release } from "../../durable-objects/user-admission.ts";
import { Lease } from "../edge/lease.ts";
import type { Env } from "../env.ts";
import type { OpenGate } from "../gate.ts";

export function makeLease(connectionId: string, env: Env, { config }: OpenGate, { keepAlive }: Occasion): Lease {
  const { registerTimeoutMs } = config.edge;
  const { admit } = makeUserAdmission(env);
  return new Lease({
    connectionId,
    registerTimeoutMs,
    admit,
    release: (userId) => keepAlive(release(env, userId, connectionId)),
  });
}
