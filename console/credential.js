// What a person shows at the gate, on a socket and over HTTP: the session cookie, or a token that was pasted.

/**
 * The token lives in memory alone: neither the URL nor the browser's storage ever holds it.
 * @typedef {{ readonly kind: "cookie" } | { readonly kind: "token", readonly token: string }} Credential
 */

/**
 * @param {Credential} credential
 * @returns {string[]}
 */
export function subprotocolsOf(credential) {
  if (credential.kind === "cookie") return ["sluice.v1"];
  // Parentheses are the only characters that are left by the encoding and not allowed in a subprotocol.
  const token = encodeURIComponent(credential.token).replaceAll("(", "%28").replaceAll(")", "%29");
  return ["sluice.v1", `bearer.${token}`];
}

/**
 * @param {Credential} credential
 * @returns {RequestInit}
 */
export function requestInitOf(credential) {
  return credential.kind === "cookie"
    ? { credentials: "same-origin" }
    : { credentials: "omit", headers: { Authorization: `Bearer ${credential.token}` } };
}
