// The one place that addresses the object of a stream, for a connection that was verified.
import { type Handoff, writeHandoff } from "../../connection/handoff.ts";
import { codeOfProblem } from "../../connection/problem.ts";
import { streamAt } from "../../durable-objects/addresses.ts";
import type { Code } from "../../protocol/codes.ts";
import type { Env } from "../env.ts";
import { isTemporary } from "../failed-request.ts";
import { locationHintOf } from "./location-hint.ts";

const SWITCHING_PROTOCOLS = 101;

/** The object's answer: its 101, or its refusal as a problem, or a code where it could not be asked. */
export type StreamAnswer =
  | { readonly kind: "joined"; readonly response: Response }
  | { readonly kind: "refused"; readonly code: Code; readonly response: Response }
  | { readonly kind: "unreachable"; readonly code: Code };

/** @param cf what the platform says of the client's place, if anything */
export async function addressStream(env: Env, handoff: Handoff, cf: unknown): Promise<StreamAnswer> {
  try {
    const response = await streamAt(env, handoff.streamId, locationHintOf(cf)).fetch(writeHandoff(handoff));
    if (response.status === SWITCHING_PROTOCOLS) return { kind: "joined", response };
    // Its code must be known here, and its body can be read once.
    const text = await response.text();
    return { kind: "refused", code: codeOfProblem(text), response: new Response(text, response) };
  } catch (failure) {
    if (isTemporary(failure)) return { kind: "unreachable", code: "OVERLOADED" };
    throw failure;
  }
}
