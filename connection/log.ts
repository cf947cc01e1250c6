// What is logged of a bug: its kind and where it was met, never its text, which may hold input.

export function logBug(where: string, bug: unknown): void {
  console.error(JSON.stringify({ event: "internal-error", where, name: bug instanceof Error ? bug.name : typeof bug }));
}
