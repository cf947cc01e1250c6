// Whether a socket of an object is the client itself or a bridge of the Worker, which then owns the last hop.

/**
 * `direct`: what waits for the client waits at this socket. `bridged`: it waits at the Worker, out of the object's
 * sight; the bridge applies the bound, counts what was dropped, and watches for silence.
 */
export type Hop = "direct" | "bridged";

export function isHop(value: unknown): value is Hop {
  return value === "direct" || value === "bridged";
}
