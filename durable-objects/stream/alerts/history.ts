// The alerts of a stream by pages, oldest first, for who pages through what a resume could not give back.
import type { Principal } from "../../../auth/principal.ts";
import { type Fault, fault, isFault } from "../../../protocol/fault.ts";
import { HISTORY_PAGE_MAX_BYTES } from "../../../protocol/limits.ts";
import type { Access } from "../rights/access.ts";
import { readableClaim } from "../rights/readable.ts";
import type { AlertLog } from "./alert-log.ts";
import { durableText } from "./durable-text.ts";

export interface PageRequest {
  readonly streamId: string;
  /** The last offset that the client has; 0 stands before the first. */
  readonly after: number;
  readonly limit: number;
  /** Of the offsets that the client knows; undefined where it knows none. */
  readonly epoch: string | undefined;
}

export class History {
  readonly #access: Access;
  readonly #log: AlertLog;

  constructor(access: Access, log: AlertLog) {
    this.#access = access;
    this.#log = log;
  }

  /**
   * JSON text `{epoch, first, head, alerts, next, truncated}`. `next` is the `after` of the next page, null at the end;
   * `truncated` says that alerts between `after` and the first of the page are not there any more.
   */
  page(principal: Principal, { streamId, after, limit, epoch }: PageRequest): string | Fault {
    const claim = readableClaim(this.#access, principal, streamId);
    if (isFault(claim)) return claim;
    if (epoch !== undefined && epoch !== claim.epoch) return fault("CONFLICT", "The epoch has changed", undefined);
    const { head, first } = this.#log;
    const texts: string[] = [];
    let last = after;
    let chars = 0;
    for (const entry of this.#log.after(after)) {
      const text = durableText(entry, claim);
      chars += text.length;
      // At least one, however large, or a client would never get past it.
      if (texts.length > 0 && (texts.length >= limit || chars > HISTORY_PAGE_MAX_BYTES)) break;
      texts.push(text);
      last = entry.offset;
    }
    const rest = { next: last < head ? last : null, truncated: first > after + 1 };
    const start = JSON.stringify({ epoch: claim.epoch, first, head });
    // The alerts are JSON already; reading them to write them again would cost the more the longer the page is.
    return `${start.slice(0, -1)},"alerts":[${texts.join(",")}],${JSON.stringify(rest).slice(1)}`;
  }
}
