// Reads JSON that a stranger wrote, without throwing.

/** A JSON object as it came out of the parser: own properties only, values of any JSON kind. */
export type JsonObject = Record<string, unknown>;

/** Undefined where the text is not JSON; wrapped, since JSON may say null. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Undefined where it is nested deeper than the stack allows (V8 throws a RangeError), which a parser need not mind. */
export function writeJson(value: JsonObject): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** Whether objects or lists stand in each other more than so deep. Without recursion, which is what it protects from. */
export function isDeeperThan(value: unknown, depth: number): boolean {
  let level: readonly unknown[] = [value];
  for (let reached = 0; level.length > 0; reached += 1) {
    if (reached > depth) return true;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return false;
}
