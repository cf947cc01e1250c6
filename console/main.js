// The console: who is signed in, which stream the address names, and the watch over it.
import { currentAccount, signOut } from "./account.js";
import { AlertList } from "./alert-list.js";
import { Counters } from "./counters.js";
import { element } from "./element.js";
import { offerOwnStreams } from "./own-streams.js";
import { Painter } from "./painter.js";
import { hideSignIn, onSignedIn, showSignIn } from "./sign-in.js";
import { showState } from "./state.js";
import { Watch } from "./watch.js";

/** @import { Credential } from "./credential.js" */
/** @import { Refusal } from "./refusal.js" */
/** @import { Screen } from "./watch.js" */

const account = element("account", HTMLElement);
const accountName = element("account-name", HTMLElement);
const view = element("watch", HTMLElement);
const streamForm = element("stream-form", HTMLFormElement);
const streamId = element("stream", HTMLInputElement);
const note = element("note", HTMLElement);
const earlier = element("earlier", HTMLButtonElement);

/** @param {string} text */
const showNote = (text) => {
  if (note.textContent !== text) note.textContent = text;
};

/** @type {Screen} */
const screen = {
  alerts: new AlertList(),
  counters: new Counters(),
  painter: new Painter(element("picture", HTMLCanvasElement), (why) => showNote(`${why}.`)),
  note: showNote,
  signInAgain: (why) => void renew(why),
};

/** @type {Credential | undefined} */
let credential;
/** @type {Watch | undefined} */
let watch;

/**
 * @param {Credential} shown
 * @param {string} name
 */
function enter(shown, name) {
  credential = shown;
  hideSignIn();
  account.hidden = view.hidden = false;
  accountName.textContent = name;
  void offerOwnStreams(shown);
  watchNamedStream();
}

/**
 * The end of a connection's token need not be the end of the session that a cookie stands for.
 * @param {Refusal} why
 */
async function renew(why) {
  const found = why.temporary && credential?.kind === "cookie" ? await currentAccount() : undefined;
  if (found?.kind === "signed-in") enter({ kind: "cookie" }, found.email);
  else await leave(`${why.message}. Sign in again.`);
}

/** @param {string} why */
async function leave(why) {
  credential = undefined;
  watch?.stop();
  watch = undefined;
  account.hidden = view.hidden = true;
  const { kind } = await currentAccount();
  showSignIn(why, kind !== "no-auth-server");
}

/** The stream stands in the hash, which is never sent anywhere: `/#stream=cam`. */
function watchNamedStream() {
  streamId.value = new URLSearchParams(location.hash.slice(1)).get("stream") ?? "";
  if (credential === undefined) return;
  watch?.stop();
  watch = undefined;
  if (streamId.value !== "" && streamId.reportValidity()) watch = new Watch(streamId.value, credential, screen);
  else {
    showState("idle");
    streamId.focus();
  }
}

onSignedIn(enter);
addEventListener("hashchange", watchNamedStream);
streamForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const hash = `#${new URLSearchParams({ stream: streamId.value }).toString()}`;
  // The same stream again is a wish to connect at once, and no change of the address.
  if (hash === location.hash) watchNamedStream();
  else location.hash = hash;
});
earlier.addEventListener("click", () => void watch?.showEarlier());
element("sign-out", HTMLButtonElement).addEventListener("click", () => {
  const signedOut = credential?.kind === "cookie" ? signOut() : Promise.resolve();
  void signedOut.then(
    () => leave(""),
    (error) => leave(error instanceof Error ? error.message : String(error)),
  );
});

const found = await currentAccount();
if (found.kind === "signed-in") enter({ kind: "cookie" }, found.email);
else showSignIn("", found.kind === "signed-out");
