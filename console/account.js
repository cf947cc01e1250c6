// The person's account at the auth server behind the gateway (Better Auth, e-mail and password).
import { fieldsOf, firstText } from "./message.js";

const AUTH_PATH = "/api/auth";

/** @typedef {{ kind: "signed-in", email: string } | { kind: "signed-out" | "no-auth-server" }} Account */

/** @returns {Promise<Account>} */
export async function currentAccount() {
  const response = await fetch(`${AUTH_PATH}/get-session`).catch(() => undefined);
  if (response?.status === 404) return { kind: "no-auth-server" };
  if (response?.ok !== true) return { kind: "signed-out" };
  const user = fieldsOf(fieldsOf(await response.json().catch(() => undefined))?.["user"]);
  return user === undefined ? { kind: "signed-out" } : { kind: "signed-in", email: String(user["email"]) };
}

/**
 * Rejects with a sentence for the person.
 * @param {string} email
 * @param {string} password
 */
export async function signIn(email, password) {
  await post("sign-in/email", { email, password });
}

/**
 * Rejects with a sentence for the person.
 * @param {string} email
 * @param {string} password
 */
export async function createAccount(email, password) {
  // Better Auth wants a name; a page that only shows streams has no use for one.
  await post("sign-up/email", { name: email.split("@", 1)[0] ?? email, email, password });
}

export async function signOut() {
  await post("sign-out", {});
}

/**
 * @param {string} path
 * @param {unknown} body
 */
async function post(path, body) {
  const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`${AUTH_PATH}/${path}`, init).catch(() => undefined);
  if (response === undefined) throw new Error("The gateway cannot be reached.");
  if (response.ok) return;
  if (response.status === 429) throw new Error("Too many attempts. Wait ten seconds and try again.");
  const answer = fieldsOf(await response.json().catch(() => undefined));
  throw new Error(firstText(answer?.["message"], answer?.["title"], `The auth server answered ${response.status}.`));
}
