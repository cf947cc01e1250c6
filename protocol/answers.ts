// The texts of `success` and `error`, made in one place so that no door words them differently.
import { type Code, CODES } from "./codes.ts";
import type { ErrorMessage, Ref, SuccessMessage } from "./messages.ts";

/** The keepalive and its answer, byte for byte: the runtime answers it without waking the object. */
export const PING_TEXT = '{"type":"ping"}';
export const PONG_TEXT = '{"type":"pong"}';

/** A message whose optional fields may be undefined: JSON.stringify leaves those out. */
type Loose<Message> = { [Name in keyof Message]: Message[Name] | undefined };

type ErrorFields = Omit<Loose<ErrorMessage>, "type" | "code"> & { readonly code: Code };

export interface ErrorDetail {
  /** A fixed sentence that is more exact than the code's own. */
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly ref?: Ref | undefined;
}

/** JSON text of an `error` message; absent details leave no field. */
export function errorText(code: Code, detail: ErrorDetail = {}): string {
  return JSON.stringify({ type: "error", ...errorFields(code, detail) } satisfies Loose<ErrorMessage>);
}

/** The fields of an `error` beside its type. */
export function errorFields(code: Code, { message, reason, retryAfterMs, ref }: ErrorDetail): ErrorFields {
  const { sentence, temporary, reauth } = CODES[code];
  return { code, message: message ?? sentence, temporary, reauth, reason, retryAfterMs, ref };
}

/** The answer to a ping that carried `ref`, or was written in another way than the runtime knows. */
export function pongText(ref: Ref | undefined): string {
  return JSON.stringify({ type: "pong", ref });
}

/** A ping whose answer comes in its turn, behind those to all that was sent before. */
export function pingText(ref: Ref): string {
  return JSON.stringify({ type: "ping", ref });
}

/** JSON text of a `success` message; absent details leave no field. */
export function successText(message: string, ref: Ref | undefined, detail: Record<string, unknown> = {}): string {
  return JSON.stringify({ type: "success", message, ref, ...detail } satisfies Loose<SuccessMessage>);
}
