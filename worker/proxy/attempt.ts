// Asks an upstream within its time, and once more where the first try came to nothing and may be repeated.

/** What came of asking. */
export type Outcome =
  | { readonly kind: "answered"; readonly response: Response }
  /** No answer at all: no connection, one that broke before an answer began, or what is no HTTP. */
  | { readonly kind: "unreachable" }
  | { readonly kind: "timeout" };

export interface Patience {
  /** For the beginning of an answer, the second try included, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether the same may be asked twice: nothing is changed by it, and nothing of it is used up. */
  readonly mayRepeat: boolean;
}

export interface AttemptPorts {
  /** Rings after so many milliseconds, unless it is taken back. */
  readonly setTimer: (ms: number, ring: () => void) => () => void;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Between both tries: time for a restart, and not the same for all who wait. */
const PAUSE_MIN_MS = 50;
const PAUSE_MAX_MS = 250;
/** What gateways and busy servers answer; another error is the upstream's word and would be said again. */
const PASSING: ReadonlySet<number> = new Set([502, 503, 504]);

/** RFC 9110 §15: what is above is no status, and cannot be passed on. */
const STATUS_MAX = 599;

const TIMEOUT: Outcome = { kind: "timeout" };
const UNREACHABLE: Outcome = { kind: "unreachable" };

/** Never rejects. @param send asks once */
export async function attempt(
  send: () => Promise<Response>,
  { timeoutMs, mayRepeat }: Patience,
  { setTimer, random }: AttemptPorts,
): Promise<Outcome> {
  const over = Promise.withResolvers<Outcome>();
  const takeBack = setTimer(timeoutMs, () => over.resolve(TIMEOUT));
  try {
    const first = await Promise.race([once(send), over.promise]);
    if (!mayRepeat || !isWorthRepeating(first)) return first;
    const pause = Promise.withResolvers<undefined>();
    const wake = setTimer(PAUSE_MIN_MS + random() * (PAUSE_MAX_MS - PAUSE_MIN_MS), () => pause.resolve(undefined));
    const isOver = (await Promise.race([pause.promise, over.promise])) !== undefined;
    wake();
    if (isOver) return first.kind === "answered" ? first : TIMEOUT;
    if (first.kind === "answered") void first.response.body?.cancel().catch(() => undefined);
    return await Promise.race([once(send), over.promise]);
  } finally {
    takeBack();
  }
}

async function once(send: () => Promise<Response>): Promise<Outcome> {
  try {
    const response = await send();
    return isAnswer(response) ? { kind: "answered", response } : UNREACHABLE;
  } catch {
    return UNREACHABLE; // its text may name addresses behind the gate
  }
}

/** The runtime answers 101 with a socket, and only where one was asked for. */
function isAnswer(response: Response): boolean {
  const hasSocket = "webSocket" in response && response.webSocket !== null;
  return hasSocket || (response.status >= 200 && response.status <= STATUS_MAX);
}

/** One that says when to come back is believed. */
function isWorthRepeating(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case "answered":
      return PASSING.has(outcome.response.status) && !outcome.response.headers.has("Retry-After");
    case "unreachable":
      return true;
    case "timeout":
      return false;
  }
}
