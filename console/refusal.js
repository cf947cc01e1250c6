// How something ended, in words, and what the gateway says to do next: come back, sign in again, or give up.
import { fieldsOf, firstText } from "./message.js";

/** @import { Fields } from "./message.js" */

export class Refusal extends Error {
  /** @param {Fields} fields of an `error` message, or of a problem body, which has its words elsewhere */
  constructor(fields) {
    super(firstText(fields["message"], fields["detail"], fields["title"], "The gateway gave no reason"));
    const { code, temporary, reauth, retryAfterMs } = fields;
    this.code = code;
    this.temporary = temporary === true;
    this.reauth = reauth === true;
    this.retryAfterMs = typeof retryAfterMs === "number" ? retryAfterMs : 0;
  }

  /** What no word of the gateway came for, such as a lost network, is worth another try. */
  static lost() {
    return new Refusal({ message: "The connection was lost", temporary: true });
  }

  /** @param {Response} response */
  static async of(response) {
    const fields = fieldsOf(await response.json().catch(() => undefined));
    return new Refusal(fields ?? { message: `The gateway answered ${response.status}`, temporary: true });
  }
}
