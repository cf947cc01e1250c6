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

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
