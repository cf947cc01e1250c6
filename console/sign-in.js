// The view of who is not signed in: e-mail and password, a new account, or a token.
import { createAccount, signIn } from "./account.js";
import { element } from "./element.js";

/** @import { Credential } from "./credential.js" */

const view = element("sign-in", HTMLElement);
const accountForm = element("account-form", HTMLFormElement);
const email = element("email", HTMLInputElement);
const password = element("password", HTMLInputElement);
const tokenForm = element("token-form", HTMLFormElement);
const token = element("token", HTMLInputElement);
const trouble = element("sign-in-trouble", HTMLElement);

export function hideSignIn() {
  view.hidden = true;
}

/**
 * @param {string} why a sentence, where something went wrong
 * @param {boolean} hasAuthServer without one there is only the token
 */
export function showSignIn(why, hasAuthServer) {
  view.hidden = false;
  accountForm.hidden = !hasAuthServer;
  trouble.textContent = why;
  (hasAuthServer ? email : token).focus();
}

/** @param {(credential: Credential, name: string) => void} signedIn */
export function onSignedIn(signedIn) {
  accountForm.addEventListener("submit", (event) => {
    event.preventDefault();
    const isNew = event.submitter instanceof HTMLButtonElement && event.submitter.value === "create";
    void enter(isNew ? createAccount : signIn);
  });
  tokenForm.addEventListener("submit", (event) => {
    event.preventDefault();
    const pasted = token.value.trim();
    token.value = "";
    if (pasted !== "") signedIn({ kind: "token", token: pasted }, "with a token");
  });

  /** @param {(email: string, password: string) => Promise<void>} how */
  async function enter(how) {
    trouble.textContent = "";
    setBusy(true);
    try {
      await how(email.value, password.value);
      password.value = "";
      signedIn({ kind: "cookie" }, email.value);
    } catch (error) {
      trouble.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      setBusy(false);
    }
  }
}

/** @param {boolean} isBusy */
function setBusy(isBusy) {
  for (const button of accountForm.querySelectorAll("button")) button.disabled = isBusy;
}
