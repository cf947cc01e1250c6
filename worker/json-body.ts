// The body of a request, where it must be a JSON object of a modest size.
import { problem } from "../connection/problem.ts";
import { isJsonObject, type JsonObject, parseJson } from "../protocol/json.ts";

/** 256 ids of 128 characters, with their types, and room to spare. */
const BODY_MAX_BYTES = 262_144;

/** The object, or the answer that refuses the request. Never reads more than the limit. */
export async function readJsonBody(request: Request): Promise<JsonObject | Response> {
  const [mediaType = ""] = (request.headers.get("Content-Type") ?? "").split(";");
  if (mediaType.trim().toLowerCase() !== "application/json") return problem("UNSUPPORTED_MEDIA_TYPE");
  const text = await readText(request);
  if (text === undefined) return problem("TOO_LARGE");
  const parsed = parseJson(text);
  return parsed !== undefined && isJsonObject(parsed.value) ? parsed.value : problem("BAD_REQUEST");
}

/** Undefined where it is longer than the limit, whatever `Content-Length` says. */
async function readText({ body }: Request): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BODY_MAX_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
