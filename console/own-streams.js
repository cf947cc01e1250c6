// The streams of who is signed in, offered where one is named.
import { requestInitOf } from "./credential.js";
import { element } from "./element.js";
import { fieldsOf } from "./message.js";

/** @import { Credential } from "./credential.js" */

const list = element("own-streams", HTMLDataListElement);

/**
 * Nothing is offered where the list cannot be had: the name can be typed.
 * @param {Credential} credential
 */
export async function offerOwnStreams(credential) {
  list.replaceChildren();
  const response = await fetch("/streams", requestInitOf(credential)).catch(() => undefined);
  if (response?.ok !== true) return;
  const { streams } = fieldsOf(await response.json().catch(() => undefined)) ?? {};
  if (!Array.isArray(streams)) return;
  // The newest first: it is what somebody who has just begun is looking for.
  list.replaceChildren(...streams.toReversed().map((stream) => optionOf(fieldsOf(stream)?.streamId)));
}

/** @param {unknown} streamId */
function optionOf(streamId) {
  const option = document.createElement("option");
  option.value = String(streamId);
  return option;
}
