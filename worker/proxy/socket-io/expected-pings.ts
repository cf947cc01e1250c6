// The pings of a Socket.IO server: how late the next one may be it says itself, when it opens the connection.
import { isJsonObject, parseJson } from "../../../protocol/json.ts";
import { TIMER_MAX_MS } from "../sockets/ring-at.ts";

/** Only pings count, whatever else it says, as with the official client. */
export class ExpectedPings {
  /** How long after each the next one may come; undefined where it did not say. */
  readonly #withinMs: number | undefined;
  readonly #missed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Expects the first one from now on.
   * @param opening the JSON of its opening packet
   * @param missed told once, where one does not come in time
   */
  constructor(opening: string, missed: () => void) {
    this.#withinMs = readWithinMs(opening);
    this.#missed = missed;
    this.came();
  }

  came(): void {
    this.stop();
    if (this.#withinMs !== undefined) this.#timer = setTimeout(this.#missed, this.#withinMs);
  }

  stop(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }
}

/** Undefined where it says nothing that a timer could be set for. */
function readWithinMs(opening: string): number | undefined {
  const times = parseJson(opening)?.value;
  if (!isJsonObject(times)) return undefined;
  const { pingInterval, pingTimeout } = times;
  if (typeof pingInterval !== "number" || typeof pingTimeout !== "number") return undefined;
  const sumMs = pingInterval + pingTimeout;
  return sumMs > 0 && sumMs <= TIMER_MAX_MS ? sumMs : undefined;
}
