// Sends every member away to come back: each at a moment of its own, so that not all of them come at once.
import { RECONNECT_MAX_MS, RECONNECT_MIN_MS } from "../../../protocol/limits.ts";
import type { FanOut } from "../delivery/fan-out.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Roster } from "../members/roster.ts";

interface Parts {
  readonly roster: Roster;
  readonly fanOut: FanOut;
  readonly leaving: Leaving;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Returns how many there were. */
export function drain({ roster, fanOut, leaving, random }: Parts): number {
  const { members } = roster;
  // Who watches goes first: nobody is left to be told of thousands who leave in one moment.
  for (const member of new Set([...roster.watchers, ...members])) {
    const afterMs = Math.round(RECONNECT_MIN_MS + random() * (RECONNECT_MAX_MS - RECONNECT_MIN_MS));
    fanOut.suggest(member, JSON.stringify({ type: "reconnect", afterMs }));
    leaving.expel(member, "DRAINING");
  }
  return members.length;
}
