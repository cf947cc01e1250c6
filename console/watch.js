// Watches one stream until it is stopped: connects, comes back after a loss, hands frames and alerts on.
import { AlertFeed } from "./alert-feed.js";
import { Backoff } from "./backoff.js";
import { connect } from "./connection.js";
import { pictureOf } from "./frame.js";
import { historyOf } from "./history.js";
import { Refusal } from "./refusal.js";
import { showState } from "./state.js";

/** @import { AlertList } from "./alert-list.js" */
/** @import { Counters } from "./counters.js" */
/** @import { Credential } from "./credential.js" */
/** @import { Fields, Message } from "./message.js" */
/** @import { Painter } from "./painter.js" */
/**
 * @typedef {object} Screen where it all goes
 * @property {AlertList} alerts
 * @property {Counters} counters
 * @property {Painter} painter
 * @property {(text: string) => void} note a sentence below the picture
 * @property {(why: Refusal) => void} signInAgain
 */

export class Watch {
  #streamId;
  #credential;
  #screen;
  #feed;
  #backoff = new Backoff();
  #isRegistered = false;
  #second;
  /** @type {number | undefined} */
  #retry;
  /** Of the current connection. @type {{ end: (why?: Refusal) => void, lost: AbortController } | undefined} */
  #connection;

  /**
   * @param {string} streamId
   * @param {Credential} credential
   * @param {Screen} screen
   */
  constructor(streamId, credential, screen) {
    this.#streamId = streamId;
    this.#credential = credential;
    this.#screen = screen;
    screen.alerts.clear();
    screen.counters.clear();
    screen.painter.clear();
    screen.note("");
    this.#feed = new AlertFeed(historyOf(streamId, credential), screen.alerts);
    this.#second = setInterval(() => this.#tick(), 1000);
    showState("connecting");
    this.#connect();
  }

  stop() {
    clearInterval(this.#second);
    clearTimeout(this.#retry);
    this.#connection?.lost.abort();
    this.#connection?.end();
    this.#isRegistered = false;
  }

  showEarlier() {
    return this.#feed.showEarlier().catch((error) => this.#connection?.end(refusalOf(error)));
  }

  #connect() {
    const lost = new AbortController();
    const end = connect(this.#streamId, this.#credential, this.#feed.resume, {
      registered: (success) => void this.#registered(success, lost.signal),
      received: (message) => this.#received(message),
      ended: (why) => {
        lost.abort();
        this.#ended(why);
      },
    });
    this.#connection = { end, lost };
  }

  /**
   * @param {Fields} success
   * @param {AbortSignal} lost
   */
  async #registered(success, lost) {
    this.#isRegistered = true;
    this.#backoff.connected();
    this.#tick();
    try {
      await this.#feed.registered(success, lost);
    } catch (error) {
      if (!lost.aborted) this.#connection?.end(refusalOf(error));
    }
  }

  /** @param {Message} message */
  #received(message) {
    const { fields, size } = message;
    if (fields["type"] === "alert") this.#feed.take(fields);
    if (fields["type"] !== "video-frame") return;
    const { counters, painter, note } = this.#screen;
    const wasLive = counters.areFramesComing;
    counters.noteFrame(size, fields["dropped"]);
    const picture = pictureOf(message);
    if (picture instanceof Blob) painter.draw(picture);
    note(picture instanceof Blob ? "" : `${picture}.`);
    if (!wasLive) showState("live");
  }

  #tick() {
    const { counters } = this.#screen;
    counters.tick();
    if (this.#isRegistered) showState(counters.areFramesComing ? "live" : "waiting");
  }

  /** @param {Refusal} why */
  #ended(why) {
    this.#isRegistered = false;
    if (why.reauth) {
      this.stop();
      this.#screen.signInAgain(why);
    } else if (why.temporary) {
      showState("reconnecting", `${why.message}.`);
      this.#retry = setTimeout(() => this.#connect(), this.#backoff.lost(why.retryAfterMs));
    } else {
      this.stop();
      this.#screen.painter.clear();
      if (why.code === "UNAUTHORIZED") showState("denied", "Its owner can let you in.");
      else showState("refused", `${why.message}.`);
    }
  }
}

/** @param {unknown} error what reading history rejected with; anything else is a bug, and stays one */
function refusalOf(error) {
  if (error instanceof Refusal) return error;
  throw error;
}
