// The alerts on the page, newest first: one row each, of a stranger's words, so they only ever become text.
import { element } from "./element.js";
import { firstText } from "./message.js";

/** @import { Fields } from "./message.js" */

/** A page that stands open for days keeps no more rows than this, and those that a person asked for. */
const ROWS_MAX = 300;
const MESSAGE_MAX_CHARS = 500;
const SEVERITIES = new Set(["low", "medium", "high", "critical"]);

export class AlertList {
  #rows = element("alerts", HTMLOListElement);
  #none = element("no-alerts", HTMLElement);
  #earlier = element("earlier", HTMLButtonElement);
  #count = element("alert-count", HTMLElement);
  #max = ROWS_MAX;

  clear() {
    this.#rows.replaceChildren();
    this.#max = ROWS_MAX;
    this.offerEarlier(1);
  }

  /** The offset of the oldest row; 1 where there is none. */
  get oldest() {
    const row = this.#rows.lastElementChild;
    return row instanceof HTMLElement ? Number(row.dataset["offset"]) : 1;
  }

  /** @param {Fields} alert newer than all the others */
  add(alert) {
    this.#rows.prepend(rowOf(alert));
    if (this.#rows.childElementCount > this.#max) this.#rows.lastElementChild?.remove();
  }

  /** @param {readonly Fields[]} alerts older than all the others, oldest first */
  addEarlier(alerts) {
    this.#rows.append(...alerts.map(rowOf).toReversed());
    this.#max = Math.max(this.#max, this.#rows.childElementCount);
  }

  /** @param {number} first the oldest offset that the stream keeps */
  offerEarlier(first) {
    const shown = this.#rows.childElementCount;
    this.#none.hidden = shown > 0;
    this.#count.textContent = shown > 0 ? String(shown) : "";
    this.#earlier.hidden = this.oldest <= first;
  }
}

/** @param {Fields} alert */
function rowOf(alert) {
  const row = document.createElement("li");
  row.dataset["offset"] = String(alert["offset"]);
  const severity = firstText(alert["severity"]).toLowerCase();
  if (SEVERITIES.has(severity)) row.dataset["severity"] = severity;
  const about = document.createElement("p");
  about.append(timeOf(alert["receivedAt"]), ` · ${aboutOf(alert, severity)}`);
  const words = document.createElement("p");
  words.textContent = wordsOf(alert);
  row.append(words, about);
  return row;
}

/**
 * @param {Fields} alert
 * @param {string} severity
 */
function aboutOf({ offset, userId, senderKind }, severity) {
  const sender = senderKind === "service" ? String(userId) : "";
  return [severity, sender, `#${String(offset)}`]
    .filter((part) => part !== "")
    .join(" · ")
    .slice(0, 200);
}

/** @param {Fields} alert */
function wordsOf({ message, type }) {
  const words = firstText(message, type);
  return words.length > MESSAGE_MAX_CHARS ? `${words.slice(0, MESSAGE_MAX_CHARS)}…` : words;
}

/** @param {unknown} ms */
function timeOf(ms) {
  const time = document.createElement("time");
  const date = new Date(typeof ms === "number" ? ms : Number.NaN);
  if (Number.isNaN(date.getTime())) return time;
  const isToday = date.toDateString() === new Date().toDateString();
  time.dateTime = date.toISOString();
  time.textContent = isToday ? date.toLocaleTimeString() : date.toLocaleString();
  return time;
}
