// The upgrade by which the Worker comes to an object: all that the object is to know stands in its one header.
import { parseJson } from "../protocol/json.ts";

const HEADER = "X-Sluice-Handoff";

/**
 * It is built from nothing instead of copied and stripped, so neither a credential nor a client's own copy of the header
 * can be on it. The value is percent-encoded, since header values are ASCII.
 */
export function writeInternalUpgrade(object: "stream" | "user", context: object): Request {
  return new Request(`https://${object}.internal/`, {
    headers: { Upgrade: "websocket", [HEADER]: encodeURIComponent(JSON.stringify(context)) },
  });
}

/** Undefined where there is nothing to be read. */
export function readInternalUpgrade(request: Request): unknown {
  const text = request.headers.get(HEADER);
  if (text === null) return undefined;
  try {
    return parseJson(decodeURIComponent(text))?.value;
  } catch {
    return undefined; // a stray percent sign
  }
}
