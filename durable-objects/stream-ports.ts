// What a stream's object gives to its stream: the platform, the objects of users, bound Workers, the clock and chance.
import { logBug } from "../connection/log.ts";
import { auditOf } from "./audit.ts";
import { makeBoundWorkers } from "./bound-workers.ts";
import type { ObjectEnv } from "./object-env.ts";
import type { Deadlines } from "./stream/deadlines.ts";
import type { MemberSocket } from "./stream/members/member.ts";
import type { StreamPorts } from "./stream/ports.ts";
import { makeTokenVerifier } from "./token-verifier.ts";
import { makeUserAdmission } from "./user-admission.ts";
import { makeUserStreams } from "./user-streams.ts";

export function makeStreamPorts(ctx: DurableObjectState, env: ObjectEnv, deadlines: Deadlines): StreamPorts {
  const keepAlive = (work: Promise<unknown>): void => {
    ctx.waitUntil(work.catch((bug: unknown) => logBug("in the background", bug)));
  };
  return {
    storage: ctx.storage,
    deadlines,
    ...makeBoundWorkers(env, keepAlive),
    users: makeUserStreams(env, keepAlive),
    verifyToken: makeTokenVerifier(env, auditOf(env), keepAlive),
    note: auditOf(env),
    admission: makeUserAdmission(env),
    keepAlive,
    keepaliveAtMs: (socket) => keepaliveAtMs(ctx, socket),
    timer: (ms, ring) => {
      const timer = setTimeout(ring, ms);
      return () => clearTimeout(timer);
    },
    now: () => Date.now(),
    randomId: () => crypto.randomUUID(),
    random: () => Math.random(),
  };
}

function keepaliveAtMs(ctx: DurableObjectState, socket: MemberSocket): number | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every socket of a stream came from the platform
  return ctx.getWebSocketAutoResponseTimestamp(socket as WebSocket)?.getTime();
}
