// The alerts that a stream keeps, over HTTP, a page at a time (docs/PROTOCOL.md, "History").
import { requestInitOf } from "./credential.js";
import { fieldsOf } from "./message.js";
import { Refusal } from "./refusal.js";

/** @import { Credential } from "./credential.js" */
/** @import { Fields } from "./message.js" */
/**
 * @typedef {object} Page
 * @property {number} first the oldest offset that is kept; 1 where there is none yet
 * @property {number} head the newest offset
 * @property {Fields[]} alerts oldest first
 * @property {number | null} next the `after` of the next page
 */
/** @typedef {(range: { after: number, limit: number, epoch: string }) => Promise<Page>} Reader */

/**
 * The reader rejects with a Refusal.
 * @param {string} streamId
 * @param {Credential} credential
 * @returns {Reader}
 */
export function historyOf(streamId, credential) {
  return async ({ after, limit, epoch }) => {
    const query = new URLSearchParams({ after: String(after), limit: String(limit), epoch });
    const path = `/streams/${encodeURIComponent(streamId)}/alerts?${query.toString()}`;
    const response = await fetch(path, requestInitOf(credential)).catch(() => undefined);
    if (response === undefined) throw Refusal.lost();
    // Deleted, or deleted and claimed anew, since the connection was opened: the next one says what there is now.
    if (response.status === 404 || response.status === 409) throw Refusal.lost();
    if (!response.ok) throw await Refusal.of(response);
    const { first, head, alerts, next } = fieldsOf(await response.json().catch(() => undefined)) ?? {};
    if (typeof first !== "number" || typeof head !== "number" || !Array.isArray(alerts)) throw Refusal.lost();
    const readable = alerts.map((alert) => fieldsOf(alert)).filter((alert) => alert !== undefined);
    return { first: Math.max(1, first), head, alerts: readable, next: typeof next === "number" ? next : null };
  };
}
