// The alerts of a stream in order and each once: what history holds, then what comes live, joined by epoch and offset.

/** @import { AlertList } from "./alert-list.js" */
/** @import { Reader } from "./history.js" */
/** @import { Fields } from "./message.js" */

const PAGE = 50;
/** Who was away for longer than this starts at the newest page again; what lies before it is there for the asking. */
const CATCH_UP_MAX = 500;

export class AlertFeed {
  #read;
  #list;
  /** Undefined until a first connection is registered. @type {string | undefined} */
  #epoch;
  /** Everything up to here is on the list, or was before the list began. */
  #position = 0;
  #first = 1;
  /** Live alerts that arrived while history was still being read. @type {Fields[] | undefined} */
  #held;

  /**
   * @param {Reader} read
   * @param {AlertList} list
   */
  constructor(read, list) {
    this.#read = read;
    this.#list = list;
  }

  /** What the next connection asks for. The first asks for nothing, since a page is enough to begin with. */
  get resume() {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, offset: this.#position };
  }

  /**
   * Everything after the `success` is live already, so what history holds up to now leaves no gap before it. Rejects
   * with a Refusal.
   * @param {Fields} success
   * @param {AbortSignal} lost once it is aborted, another connection has taken over
   */
  async registered({ epoch, offset, recovered }, lost) {
    this.#held = undefined;
    if (typeof epoch !== "string" || typeof offset !== "number") return;
    if (recovered === true) {
      // What was missed follows on the socket; the epoch is a new one where nobody owned the stream before.
      if (epoch !== this.#epoch) this.#begin(epoch, 0);
      return;
    }
    const missed = offset - this.#position;
    if (epoch !== this.#epoch || missed < 0 || missed > CATCH_UP_MAX) this.#begin(epoch, Math.max(0, offset - PAGE));
    if (epoch === "") return; // nobody owns the stream, so it has no history
    this.#held = [];
    for (let more = true; more;) {
      // oxlint-disable-next-line no-await-in-loop -- each page says where the next one starts
      const page = await this.#read({ after: this.#position, limit: PAGE, epoch });
      if (lost.aborted) return;
      this.#first = page.first;
      for (const alert of page.alerts) this.#list.add(alert);
      this.#position = page.next ?? Math.max(page.head, this.#position);
      more = page.next !== null;
    }
    const held = this.#held;
    this.#held = undefined;
    for (const alert of held) this.take(alert);
    this.#list.offerEarlier(this.#first);
  }

  /** @param {Fields} alert as it came on the socket */
  take(alert) {
    const { epoch, offset } = alert;
    if (typeof epoch !== "string" || typeof offset !== "number") return;
    if (this.#held !== undefined) {
      this.#held.push(alert);
      return;
    }
    if (epoch !== this.#epoch) this.#begin(epoch, 0); // claimed while this page waited for an owner
    if (offset <= this.#position) return;
    this.#position = offset;
    this.#list.add(alert);
    this.#list.offerEarlier(this.#first);
  }

  /** Puts the page before the oldest alert on the list. Rejects with a Refusal. */
  async showEarlier() {
    const epoch = this.#epoch ?? "";
    const { oldest } = this.#list;
    /** @type {Fields[]} */
    const alerts = [];
    let after = Math.max(this.#first - 1, oldest - 1 - PAGE);
    while (after < oldest - 1) {
      // oxlint-disable-next-line no-await-in-loop -- each page says where the next one starts
      const page = await this.#read({ after, limit: oldest - 1 - after, epoch });
      this.#first = page.first;
      // Where some were forgotten meanwhile, the page reaches into what is on the list already.
      alerts.push(...page.alerts.filter(({ offset }) => Number(offset) < oldest));
      after = page.next ?? oldest - 1;
    }
    // Meanwhile the stream may have begun anew, or the list have lost its end.
    if (epoch === this.#epoch && oldest === this.#list.oldest) this.#list.addEarlier(alerts);
    this.#list.offerEarlier(this.#first);
  }

  /**
   * @param {string} epoch
   * @param {number} position
   */
  #begin(epoch, position) {
    this.#epoch = epoch;
    this.#position = position;
    this.#first = 1;
    this.#list.clear();
  }
}
