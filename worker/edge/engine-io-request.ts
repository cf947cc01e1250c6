// Which requests open an Engine.IO connection, and how the others are told no: in the words of the official server.
import { OWN_HEADERS } from "../../connection/problem.ts";
import { isUpgrade } from "../upgrade.ts";

/** The numbers and sentences of engine.io's lib/server.ts, which its clients print. */
const REFUSALS = {
  transport: { code: 0, message: "Transport unknown" },
  session: { code: 1, message: "Session ID unknown" },
  request: { code: 3, message: "Bad request" },
  version: { code: 5, message: "Unsupported protocol version" },
} as const;

const PROTOCOL_VERSION = "4";

/**
 * Undefined where the connection may be opened. Polling is declined on purpose: each poll would be a request that is paid
 * for, and a hanging one would keep an object awake.
 */
export function refuseEngineRequest(request: Request): Response | undefined {
  const { searchParams } = new URL(request.url);
  const [version, ...otherVersions] = searchParams.getAll("EIO");
  const [transport, ...otherTransports] = searchParams.getAll("transport");
  if (transport !== "websocket") return refuse("transport");
  if (version !== PROTOCOL_VERSION) return refuse("version");
  // An upstream that reads another of two values than the gateway would speak another protocol than was checked.
  if (otherVersions.length > 0 || otherTransports.length > 0) return refuse("request");
  // A session that began with polling is none of ours.
  if (searchParams.has("sid")) return refuse("session");
  return isUpgrade(request) ? undefined : refuse("request");
}

function refuse(why: keyof typeof REFUSALS): Response {
  return Response.json(REFUSALS[why], { status: 400, headers: OWN_HEADERS });
}
