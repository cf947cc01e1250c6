// What went wrong with one message, as a value, before it is known which socket it belongs to.
import type { Code } from "./codes.ts";
import type { Ref } from "./messages.ts";

export interface Fault {
  readonly kind: "fault";
  readonly code: Code;
  /** Why, in a fixed sentence that holds nothing of the input. */
  readonly message: string;
  readonly ref: Ref | undefined;
}

export function fault(code: Code, message: string, ref: Ref | undefined): Fault {
  return { kind: "fault", code, message, ref };
}

export function isFault(value: unknown): value is Fault {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "fault";
}
