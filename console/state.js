// Says what the stream is doing, in two words and a sentence; screen readers hear it when it changes.
import { element } from "./element.js";

/** How each state looks is the style sheet's business. */
const NAMES = {
  idle: "No stream",
  connecting: "Connecting",
  live: "Live",
  waiting: "Waiting for the producer",
  reconnecting: "Reconnecting",
  denied: "No permission",
  refused: "Refused",
};

/** @typedef {keyof typeof NAMES} State */

const state = element("state", HTMLElement);
const detail = element("state-detail", HTMLElement);

/**
 * @param {State} kind
 * @param {string} [why]
 */
export function showState(kind, why = "") {
  // Written only where it changes, or it would be read out each second.
  if (state.dataset["state"] === kind && detail.textContent === why) return;
  state.dataset["state"] = kind;
  state.textContent = NAMES[kind];
  detail.textContent = why;
}
