// How a client is told no: by an HTTP status where it can read one, inside the socket where it cannot.
import { foreignSubprotocols, offersSubprotocol, SUBPROTOCOL } from "../../auth/credential.ts";
import { OWN_HEADERS, problem, type ProblemDetail } from "../../connection/problem.ts";
import { errorText } from "../../protocol/answers.ts";
import { type Code, CODES } from "../../protocol/codes.ts";
import type { StreamAnswer } from "./address-stream.ts";

/** Refuses an upgrade. `?reject=http|close` overrides what the client seems able to read. */
export function refuseUpgrade(request: Request, code: Code, detail: ProblemDetail = {}): Response {
  return readsStatus(request) ? problem(code, detail) : refuseInside(request, code, detail);
}

/** The same on a route, whose clients know no messages but their upstream's: the close code alone says it. */
export function refuseRouteUpgrade(request: Request, code: Code, detail: ProblemDetail = {}): Response {
  if (readsStatus(request)) return problem(code, detail);
  return closedSocket(code, [], strangerUpgradeHeaders(request));
}

/**
 * The headers of a 101 that the Worker answers itself to the client of another server. It chooses the first of what was
 * offered, as most servers do: a browser fails a connection that names none, and its page learns nothing.
 */
export function strangerUpgradeHeaders({ headers }: Request): HeadersInit {
  const [named] = offersSubprotocol(headers) ? [SUBPROTOCOL] : foreignSubprotocols(headers);
  return { ...OWN_HEADERS, ...subprotocolHeader(named) };
}

/** @param name of what was chosen; undefined where nothing was */
export function subprotocolHeader(name: string | undefined): Record<string, string> {
  return name === undefined ? {} : { "Sec-WebSocket-Protocol": name };
}

/** Passes on what an object answered to an upgrade that it refused: untouched, or inside the socket. */
export function passRefusalOn(request: Request, answer: Exclude<StreamAnswer, { kind: "joined" }>): Response {
  if (answer.kind === "refused" && readsStatus(request)) return answer.response;
  return refuseUpgrade(request, answer.code);
}

/** The headers of a 101 that the Worker answers itself. */
export function heldUpgradeHeaders(request: Request): HeadersInit {
  return { ...OWN_HEADERS, ...subprotocolHeader(offersSubprotocol(request.headers) ? SUBPROTOCOL : undefined) };
}

/** A browser shows its page nothing of a failed upgrade but close code 1006; it is known by the `Origin` it sends. */
function readsStatus(request: Request): boolean {
  const wish = new URL(request.url).searchParams.get("reject");
  return wish === "http" || (wish !== "close" && !request.headers.has("Origin"));
}

function refuseInside(request: Request, code: Code, { detail, reason, retryAfterMs }: ProblemDetail): Response {
  const text = errorText(code, { message: detail, reason, retryAfterMs });
  return closedSocket(code, [text], heldUpgradeHeaders(request));
}

/** A socket that is told so and closed at once. */
function closedSocket(code: Code, told: readonly string[], headers: HeadersInit): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  for (const text of told) server.send(text);
  server.close(CODES[code].closeCode, code);
  return new Response(null, { status: 101, webSocket: client, headers });
}
