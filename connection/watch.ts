// What a Worker and the object of a user say to each other about a socket that the Worker pipes.
import { isPlainId, isUserId } from "../auth/principal.ts";
import type { Subject } from "../auth/revocation.ts";
import { isJsonObject, parseJson } from "../protocol/json.ts";
import { readInternalUpgrade, writeInternalUpgrade } from "./internal-upgrade.ts";

/** A socket outside of all streams, and on whose account it is. Holds no token. */
export interface Watched {
  readonly connectionId: string;
  readonly subject: Subject;
}

export function writeWatch(watched: Watched): Request {
  return writeInternalUpgrade("user", watched);
}

/** Undefined where the request did not come from `writeWatch`. */
export function readWatch(request: Request): Watched | undefined {
  return toWatched(readInternalUpgrade(request));
}

/** What came out of a header, or out of what a socket carried through sleep, perhaps written by an older release. */
export function toWatched(value: unknown): Watched | undefined {
  if (!isJsonObject(value)) return undefined;
  const { connectionId, subject } = value;
  if (typeof connectionId !== "string" || !isJsonObject(subject)) return undefined;
  const { userId, sessionId, issuedAtS } = subject;
  if (!isUserId(userId) || !isPlainId(sessionId) || typeof issuedAtS !== "number") return undefined;
  return { connectionId, subject: { userId, sessionId, issuedAtS } };
}

/** The one word of the object: the session is revoked. @param graceMs how long the socket may stay */
export function writeRevoked(graceMs: number): string {
  return JSON.stringify({ graceMs });
}

/** How long the socket may stay, in milliseconds; what cannot be read is a revocation all the same. */
export function readRevoked(message: unknown): number {
  const body = typeof message === "string" ? parseJson(message)?.value : undefined;
  const graceMs = isJsonObject(body) ? body["graceMs"] : undefined;
  return typeof graceMs === "number" ? graceMs : 0;
}
