// Answers and starts closes without ever throwing: a throwing close leaves the socket open.

/** What the runtime reports for a connection that was lost without a close (RFC 6455 §7.1.5). */
export const ABNORMAL_CLOSURE = 1006;
/** What it reports for a close that named no code. */
const NO_CODE = 1005;
/** Its purpose is fulfilled; stands for the codes that may not be sent, too (RFC 6455 §7.4.1). */
export const NORMAL_CLOSURE = 1000;

/**
 * The code to answer a client's close with. The runtime hands over whatever arrived, 999 included, and `close()`
 * throws for codes that may not be sent, which would leave the socket half open.
 */
export function answerCloseCode(received: number): number {
  const sendable = received === NORMAL_CLOSURE || (received >= 3000 && received <= 4999);
  const standard =
    received >= 1001 && received <= 1014 && received !== 1004 && received !== NO_CODE && received !== ABNORMAL_CLOSURE;
  return sendable || standard ? received : NORMAL_CLOSURE;
}

/** The code to pass a close on with, to somebody who is to see it as it was; undefined names none, as it named none. */
export function relayedCloseCode(received: number): number | undefined {
  return received === NO_CODE ? undefined : answerCloseCode(received);
}
