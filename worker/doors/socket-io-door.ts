// The door for Socket.IO at the streams: who may connect, and to which of them.
import type { Authenticated } from "../../auth/authenticator.ts";
import type { Occasion } from "../../auth/verifier.ts";
import { identityOf } from "../../connection/audit.ts";
import type { Code } from "../../protocol/codes.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { ANY_TYPE } from "../../protocol/message-type.ts";
import { isStreamId } from "../../protocol/stream-id.ts";
import { SocketIo } from "../edge/socket-io.ts";
import { defaultStreamOf, type SocketIoPath } from "../edge/socket-io/config.ts";
import { checkConnect } from "../edge/socket-io/connect-check.ts";
import type { Admitted } from "../edge/socket-io/member.ts";
import type { Env } from "../env.ts";
import type { OpenGate } from "../gate.ts";
import type { Refusal } from "../guard.ts";
import { type Visitor, visitorOf } from "../guard/visitor.ts";
import { openEngineDoor } from "./engine-door.ts";
import { makeLease } from "./make-lease.ts";

export function openSocketIoDoor(
  request: Request,
  path: SocketIoPath,
  env: Env,
  occasion: Occasion,
  cut: () => void,
): Promise<Response> {
  return openEngineDoor(request, env, occasion, (server, gate) => {
    const visitor = visitorOf(request);
    const admit = (auth: JsonObject | undefined): Promise<Admitted | Refusal> =>
      admitClient({ request, env, gate, visitor, occasion: { ...occasion, nowMs: Date.now() }, auth });
    new SocketIo(server, { request, env, gate, occasion, cut, path, admit, ...RANDOMNESS }).start();
  });
}

const RANDOMNESS = { randomId: (): string => crypto.randomUUID(), random: (): number => Math.random() };

interface Attempt {
  readonly request: Request;
  readonly env: Env;
  readonly gate: OpenGate;
  readonly visitor: Visitor;
  readonly occasion: Occasion;
  /** The payload of the CONNECT packet. */
  readonly auth: JsonObject | undefined;
}

async function admitClient({ request, env, gate, visitor, occasion, auth }: Attempt): Promise<Admitted | Refusal> {
  const named = namedStreamOf(new URL(request.url));
  const streamId = isStreamId(named) ? named : undefined;
  const who = await checkConnect({ request, gate, occasion, auth, streamId });
  if ("code" in who) return who;
  const refuse = (code: Code): Refusal => {
    const known = { ...visitor, ...identityOf(who.principal) };
    gate.note({ event: "connection-refused", ...known, place: "message", streamId, code });
    return { code };
  };
  if (named !== undefined && streamId === undefined) return refuse("INVALID_STREAM_ID");
  // As at the other doors: uses of a ticket are counted by its stream, and here none is named.
  if (streamId === undefined && who.principal.kind === "ticket") return refuse("AUTH_FAILED");
  const place = streamId === undefined ? ownPlaceOf(gate, who) : { register: readingOf(streamId) };
  const { register } = place;
  if (register !== undefined && !isStreamId(register["streamId"])) return refuse("INVALID_STREAM_ID");
  const lease = makeLease(crypto.randomUUID(), env, gate, occasion);
  const refusal = await lease.take(who);
  return refusal === undefined ? { who, lease, ...place } : refuse(refusal);
}

/** As far as a client named one: by one name, or by two that agree. Anything that is no stream id stands for no stream. */
function namedStreamOf({ searchParams }: URL): string | undefined {
  const names = new Set([...searchParams.getAll("runId"), ...searchParams.getAll("streamId")]);
  const [first] = names;
  return names.size > 1 ? "" : first;
}

/** Of who names none: what is his he fills and reads, beside all others of his: they may be tabs and devices of one session. */
function ownPlaceOf({ config }: OpenGate, { principal }: Authenticated): Pick<Admitted, "register" | "isOneOfSeveral"> {
  const streamId = defaultStreamOf(config.socketIo, principal);
  if (streamId === undefined) return { register: undefined };
  return { register: { streamId, consumes: [ANY_TYPE], produces: [ANY_TYPE] }, isOneOfSeveral: true };
}

function readingOf(streamId: string): JsonObject {
  return { streamId, consumes: [ANY_TYPE], produces: [] };
}
