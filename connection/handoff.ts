// What the Worker tells the stream object about a connection that it verified: the one header on that hop.
import { SUBPROTOCOL } from "../auth/credential.ts";
import { isPrincipal, isSessionTime } from "../auth/principal.ts";
import { isJsonObject } from "../protocol/json.ts";
import { isStreamId } from "../protocol/stream-id.ts";
import type { Session } from "./attachment.ts";
import { type Hop, isHop } from "./hop.ts";
import { readInternalUpgrade, writeInternalUpgrade } from "./internal-upgrade.ts";

/** All that the object knows of a connection. Holds no token. */
export interface Handoff extends Session {
  readonly streamId: string;
  /** Made by the Worker, since a client that authenticates by message is told before the object knows of it. */
  readonly connectionId: string;
  readonly hop: Hop;
  /** Whether other connections of its session may produce the same beside it; otherwise the newest takes the others' place. */
  readonly isOneOfSeveral?: true;
  /** The gateway's own, as the client named it; empty where nobody knows. */
  readonly origin: string;
  /** Whether the client offered the subprotocol, so that the 101 may name it. */
  readonly offeredSubprotocol: boolean;
}

/** Longer than a host's name with scheme and port can be; it must fit into what a socket carries through sleep. */
const ORIGIN_MAX_CHARS = 300;

export function writeHandoff(handoff: Handoff): Request {
  return writeInternalUpgrade("stream", handoff);
}

/** Undefined where the request did not come from `writeHandoff`. */
export function readHandoff(request: Request): Handoff | undefined {
  return toHandoff(readInternalUpgrade(request));
}

/** Headers of the object's 101, which the Worker passes on untouched. */
export function upgradeHeaders(handoff: Handoff): HeadersInit {
  return {
    "Referrer-Policy": "no-referrer",
    ...(handoff.offeredSubprotocol ? { "Sec-WebSocket-Protocol": SUBPROTOCOL } : {}),
  };
}

function toHandoff(value: unknown): Handoff | undefined {
  if (!isJsonObject(value)) return undefined;
  const { streamId, connectionId, hop, principal, issuedAtS, endsAtMs, offeredSubprotocol, origin } = value;
  if (!isStreamId(streamId) || typeof connectionId !== "string" || !isHop(hop) || !isPrincipal(principal)) {
    return undefined;
  }
  if (!isSessionTime(principal, endsAtMs) || !isSessionTime(principal, issuedAtS)) return undefined;
  if (typeof offeredSubprotocol !== "boolean") return undefined;
  if (typeof origin !== "string") return undefined;
  const session = { principal, issuedAtS, endsAtMs };
  const known = origin.length <= ORIGIN_MAX_CHARS ? origin : "";
  const beside = value["isOneOfSeveral"] === true ? ({ isOneOfSeveral: true } as const) : {};
  return { streamId, connectionId, hop, ...beside, origin: known, ...session, offeredSubprotocol };
}
