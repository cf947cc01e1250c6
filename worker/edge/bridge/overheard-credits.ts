// Credits are of the last hop, which the object does not see: what its client and the object say of them is overheard.
import { isFault } from "../../../protocol/fault.ts";
import { parseText } from "../../../protocol/parse.ts";

/** What counts them. */
export interface CreditedHop {
  readonly registered: (window: number | undefined) => void;
  readonly acknowledge: (seq: number) => void;
}

/** How the object begins its answer to a `register`. */
const SUCCESS_START = '{"type":"success","message":"Registration successful';

export class OverheardCredits {
  readonly #hop: CreditedHop;
  /** Of the newest `register`, which the object has not answered yet or has refused. */
  #window: number | undefined;
  #hasCredits = false;

  constructor(hop: CreditedHop) {
    this.#hop = hop;
  }

  /** A text on its way to the object. */
  fromClient(text: string): void {
    // Who lost its right may register again, with other credits.
    const isRegister = text.includes('"register"');
    // In whatever text: who has no credits left is sent nothing that it could acknowledge anew.
    const isAck = this.#hasCredits && text.includes('"frame-ack"');
    if (!isRegister && !isAck) return;
    for (const message of parseText(text)) {
      if (isFault(message)) continue;
      if (message.kind === "register") this.#window = message.window;
      if (message.kind === "frame-ack") this.#hop.acknowledge(message.seq);
    }
  }

  /** A message on its way to the client; true where it says that its client is registered. */
  fromObject(message: string | ArrayBuffer): boolean {
    if (typeof message !== "string" || !message.startsWith(SUCCESS_START)) return false;
    this.#hasCredits = this.#window !== undefined;
    this.#hop.registered(this.#window);
    return true;
  }
}
