// What is logged: of a bug its kind and where it was met, never its text, which may hold input; and what ends a connection hard.

export function logBug(where: string, bug: unknown): void {
  console.error(JSON.stringify({ event: "internal-error", where, name: bug instanceof Error ? bug.name : typeof bug }));
}

/** A client that was closed and did not read is cut off, and learns no reason. */
export function logCutOff(): void {
  console.warn(JSON.stringify({ event: "client-cut-off" }));
}
