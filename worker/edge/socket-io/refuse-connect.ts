// How a CONNECT of Socket.IO is refused, in the packets that its application expects.
import { errorFields, type ErrorDetail } from "../../../protocol/answers.ts";
import { type Code, CODES } from "../../../protocol/codes.ts";
import { refusalTextOf, type SocketIoPath } from "./config.ts";
import { connectErrorText, connectText, disconnectText, eventText, MAIN_NAMESPACE } from "./packet.ts";

/** What is known beside the code; `detail` is its sentence, if a more exact one than the code's own. */
export type RefusalDetail = ErrorDetail & { readonly detail?: string | undefined };

/**
 * Undefined where the client is to come back by itself: then its transport is closed instead, since `socket.io-client` stops
 * at each of these packets.
 */
export function refuseConnect(
  code: Code,
  { detail: sentence, message = sentence, reason, retryAfterMs }: RefusalDetail,
  { refusal, texts }: SocketIoPath,
  randomId: () => string,
  namespace: string = MAIN_NAMESPACE,
): readonly string[] | undefined {
  if (CODES[code].temporary) return undefined;
  const data = errorFields(code, { message, reason, retryAfterMs });
  const text = refusalTextOf(code, texts) ?? message ?? CODES[code].sentence;
  switch (refusal) {
    case "io-use":
      return [connectErrorText(namespace, text, data)];
    case "nestjs":
      return namespace === MAIN_NAMESPACE
        ? [connectText(randomId()), eventText("error", JSON.stringify(text), false), disconnectText(namespace)]
        : [connectErrorText(namespace, text, data)];
  }
}
