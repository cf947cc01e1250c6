// What the doctor says: one thing that was looked at, what was seen, and what to change.

/** `wrong`: somebody who should get in does not, or somebody may who should not. `advice`: it works, and could be better. */
export type Level = "ok" | "advice" | "wrong";

export interface Finding {
  readonly level: Level;
  /** A variable, or what was asked. */
  readonly about: string;
  /** Never a value of a secret, nor any part of a token. */
  readonly seen: string;
  /** Where something should be done. */
  readonly change?: string;
}

export function ok(about: string, seen: string): Finding {
  return { level: "ok", about, seen };
}

export function advice(about: string, seen: string, change: string): Finding {
  return { level: "advice", about, seen, change };
}

export function wrong(about: string, seen: string, change: string): Finding {
  return { level: "wrong", about, seen, change };
}

/** One line, whatever a server put into what was seen. */
export function toLine({ level, about, seen, change }: Finding): string {
  const text = `${level.padEnd(6)}  ${about}: ${seen}${change === undefined ? "" : ` → ${change}`}`;
  // oxlint-disable-next-line no-control-regex -- control characters are what this takes out
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}

/** Seconds in the unit that a person would say. */
export function duration(seconds: number): string {
  const units = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
  ] as const;
  for (const [size, name] of units) {
    if (seconds >= 2 * size) return `${Math.round(seconds / size)} ${name}`;
  }
  return `${Math.round(seconds)} s`;
}
