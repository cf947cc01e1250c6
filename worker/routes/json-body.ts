// The body of a request, where it must be a JSON object of a modest size.
import { problem } from "../../connection/problem.ts";
import { isDeeperThan, isJsonObject, type JsonObject, parseJson } from "../../protocol/json.ts";
import { BODY_MAX_DEPTH } from "../../protocol/limits.ts";

/** The object, or the answer that refuses the request. Never reads more than the limit. */
export async function readJsonBody(request: Request, maxBytes: number): Promise<JsonObject | Response> {
  const [mediaType = ""] = (request.headers.get("Content-Type") ?? "").split(";");
  if (mediaType.trim().toLowerCase() !== "application/json") return problem("UNSUPPORTED_MEDIA_TYPE");
  const text = await readText(request, maxBytes);
  if (text === undefined) return problem("TOO_LARGE");
  const parsed = parseJson(text);
  if (parsed === undefined || !isJsonObject(parsed.value)) return problem("BAD_REQUEST");
  // On its way to an object it is walked by code that recurses.
  if (isDeeperThan(parsed.value, BODY_MAX_DEPTH)) return problem("BAD_REQUEST", { detail: "Nested too deeply" });
  return parsed.value;
}

/** Undefined where it is longer than the limit, whatever `Content-Length` says. */
async function readText({ body }: Request, maxBytes: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
