// The body of every refusal over HTTP (RFC 9457, with our code), the same from the Worker and from an object.
import { type Code, CODES, isCode } from "../protocol/codes.ts";
import { isJsonObject, parseJson } from "../protocol/json.ts";

export interface ProblemDetail {
  /** A fixed sentence that is more exact than the code's own. */
  readonly detail?: string | undefined;
  /** Where the code's own is not the only one it has: 504 of an upstream that took too long. */
  readonly status?: number;
  readonly reason?: string | undefined;
  /** Also said as the header `Retry-After` (RFC 9110 §10.2.3), in whole seconds. */
  readonly retryAfterMs?: number | undefined;
  /** Further members of the body (RFC 9457 §3.2). */
  readonly members?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
}

/** Headers of every answer of our own: a URL may hold a token, and an answer about one may not be kept. */
export const OWN_HEADERS = { "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" } as const;

const FALLBACK_STATUS = 400;

export function problem(
  code: Code,
  {
    detail,
    status = CODES[code].httpStatus ?? FALLBACK_STATUS,
    reason,
    retryAfterMs,
    members,
    headers = {},
  }: ProblemDetail = {},
): Response {
  const { sentence, temporary, reauth } = CODES[code];
  const told = { detail, temporary, reauth, reason, retryAfterMs, ...members };
  return new Response(JSON.stringify({ type: "about:blank", title: sentence, status, code, ...told }), {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      ...OWN_HEADERS,
      ...(status === 401 ? { "WWW-Authenticate": 'Bearer realm="sluice"' } : {}),
      ...(retryAfterMs === undefined ? {} : { "Retry-After": String(Math.ceil(retryAfterMs / 1000)) }),
      ...headers,
    },
  });
}

/** What the body of a problem of an object says. */
export function codeOfProblem(text: string): Code {
  const body = parseJson(text)?.value;
  const code = isJsonObject(body) ? body["code"] : undefined;
  return isCode(code) ? code : "INTERNAL";
}
