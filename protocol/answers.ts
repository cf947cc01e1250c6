// The texts of `success` and `error`, made in one place so that no door words them differently.
import { type Code, CODES } from "./codes.ts";
import type { ErrorMessage, Ref, SuccessMessage } from "./messages.ts";

/** The keepalive and its answer, byte for byte: the runtime answers it without waking the object. */
export const PING_TEXT = '{"type":"ping"}';
export const PONG_TEXT = '{"type":"pong"}';

/** A message whose optional fields may be undefined: JSON.stringify leaves those out. */
type Loose<Message> = { [Name in keyof Message]: Message[Name] | undefined };

export interface ErrorDetail {
  /** A fixed sentence that is more exact than the code's own. */
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly ref?: Ref | undefined;
}

/** JSON text of an `error` message; absent details leave no field. */
export function errorText(code: Code, detail: ErrorDetail = {}): string {
  const { sentence, temporary, reauth } = CODES[code];
  const { message = sentence, ...rest } = detail;
  return JSON.stringify({ type: "error", code, message, temporary, reauth, ...rest } satisfies Loose<ErrorMessage>);
}

/** The answer to a ping that carried `ref`, or was written in another way than the runtime knows. */
export function pongText(ref: Ref | undefined): string {
  return JSON.stringify({ type: "pong", ref });
}

/** JSON text of a `success` message; absent details leave no field. */
export function successText(message: string, ref: Ref | undefined, detail: Record<string, unknown> = {}): string {
  return JSON.stringify({ type: "success", message, ref, ...detail } satisfies Loose<SuccessMessage>);
}
