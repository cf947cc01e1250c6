// One question over HTTP, whose failure is an answer too.
import { parseJson } from "../../protocol/json.ts";

export type Answer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Headers;
      /** Undefined where it is no JSON. */
      readonly body: unknown;
      /** How far the other clock is ahead of this one, at least, in milliseconds; undefined where it does not say its time. */
      readonly clockAheadMs: number | undefined;
    }
  /** In words for the operator. */
  | { readonly kind: "none"; readonly why: string };

const ANSWER_TIMEOUT_MS = 10_000;

/** Never rejects, and follows no redirect: what is sent may be a credential. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const startMs = Date.now();
  try {
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const { status, headers } = response;
    const clockAheadMs = aheadOf(headers.get("Date"), startMs, Date.now());
    return { kind: "answer", status, headers, body: parseJson(await response.text())?.value, clockAheadMs };
  } catch (error) {
    return { kind: "none", why: whyNot(error) };
  }
}

/** What there is to say of an answer that was not the expected one; of its body nothing, since it may hold anything. */
export function inWords(answer: Answer): string {
  if (answer.kind === "none") return answer.why;
  const location = answer.headers.get("Location");
  if (location === null || !URL.canParse(location)) return `answered ${answer.status}`;
  return `answered ${answer.status} and points to ${new URL(location).origin}`;
}

/** The least that it can be, however long the answer took: the header has whole seconds, and was written in between. */
function aheadOf(date: string | null, startMs: number, endMs: number): number | undefined {
  const timeMs = Date.parse(date ?? "");
  if (Number.isNaN(timeMs)) return undefined;
  return Math.max(timeMs - endMs, 0) + Math.min(timeMs + 1000 - startMs, 0);
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return "did not answer";
  if (error.name === "TimeoutError") return `did not answer within ${ANSWER_TIMEOUT_MS / 1000} s`;
  const cause: unknown = error.cause;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? `cannot be reached (${code})` : "cannot be reached";
}
