// Who makes a request, signed for its upstream: made once for each of both, and handed out as long as it is fresh.
import { type AssertedPrincipal, ASSERTION_LIFE_S } from "../../../auth/assertion.ts";
import { BoundedMap } from "../../../auth/bounded-map.ts";
import type { AssertionMint } from "../../../auth/mint.ts";

interface Entry {
  readonly text: Promise<string>;
  readonly madeAtS: number;
}

/** Some 600 bytes each; the oldest gives way, and is signed anew. */
const ENTRIES_MAX = 5000;
/** What is handed out lives for at least so long: the upstream's clock may differ, and a request may wait. */
const LEFT_MIN_S = 30;

export class Assertions {
  readonly #sign: AssertionMint["sign"];
  readonly #entries = new BoundedMap<string, Entry>(ENTRIES_MAX);

  constructor(sign: AssertionMint["sign"]) {
    this.#sign = sign;
  }

  /**
   * The value of `X-Auth-Assertion`. Whether the principal may ask at all is decided before, for each request.
   * @param audience the upstream, as its route names it
   * @param issuer the gateway's origin, as the client named it
   */
  of(principal: AssertedPrincipal, audience: string, issuer: string, nowMs: number): Promise<string> {
    // A list, since none of these can then pass for a piece of another.
    const sessionId = principal.kind === "user" ? principal.sessionId : null;
    const key = JSON.stringify([issuer, audience, principal.userId, sessionId]);
    const known = this.#entries.get(key);
    if (known !== undefined && isFresh(known, nowMs)) return known.text;
    const madeAtS = Math.floor(nowMs / 1000);
    const text = this.#sign({ principal, issuer, audience, madeAtS }).catch((failure: unknown) => {
      this.#entries.delete(key); // so that the next one tries again
      throw failure;
    });
    this.#entries.set(key, { text, madeAtS });
    return text;
  }
}

/** A clock that stepped back makes an assertion one of the future, which nobody takes. */
function isFresh({ madeAtS }: Entry, nowMs: number): boolean {
  return madeAtS * 1000 <= nowMs && nowMs <= (madeAtS + ASSERTION_LIFE_S - LEFT_MIN_S) * 1000;
}
