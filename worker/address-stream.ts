// The one place that addresses the object of a stream, for a connection that was verified.
import { type Handoff, writeHandoff } from "../connection/handoff.ts";
import { streamAt } from "../durable-objects/addresses.ts";
import { isJsonObject } from "../protocol/json.ts";
import { type Code, CODES } from "../protocol/codes.ts";
import type { Env } from "./env.ts";
import { locationHintOf } from "./location-hint.ts";

const SWITCHING_PROTOCOLS = 101;

/** The object's answer: its 101, or its refusal as a problem, or a code where it could not be asked. */
export type StreamAnswer =
  | { readonly kind: "joined"; readonly response: Response }
  | { readonly kind: "refused"; readonly response: Response }
  | { readonly kind: "unreachable"; readonly code: Code };

/** @param cf what the platform says of the client's place, if anything */
export async function addressStream(env: Env, handoff: Handoff, cf: unknown): Promise<StreamAnswer> {
  try {
    const response = await streamAt(env, handoff.streamId, locationHintOf(cf)).fetch(writeHandoff(handoff));
    return { kind: response.status === SWITCHING_PROTOCOLS ? "joined" : "refused", response };
  } catch (failure) {
    if (isTemporary(failure)) return { kind: "unreachable", code: "OVERLOADED" };
    throw failure;
  }
}

/** The code of an answer that let nobody in, which can still be passed on. */
export async function refusalCodeOf(answer: Exclude<StreamAnswer, { kind: "joined" }>): Promise<Code> {
  if (answer.kind === "unreachable") return answer.code;
  const body: unknown = await answer.response.clone().json();
  const code = isJsonObject(body) ? body["code"] : undefined;
  return isCode(code) ? code : "INTERNAL";
}

/** The platform marks what may pass: `overloaded` by a busy object, `retryable` by one that was moved or updated. */
export function isTemporary(failure: unknown): boolean {
  if (typeof failure !== "object" || failure === null) return false;
  return (
    ("overloaded" in failure && failure.overloaded === true) || ("retryable" in failure && failure.retryable === true)
  );
}

function isCode(value: unknown): value is Code {
  return typeof value === "string" && Object.hasOwn(CODES, value);
}
