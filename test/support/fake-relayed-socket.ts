// An end of a pipe without a network: says, closes and is lost when a test says so.
import type { RelayedSocket } from "../../worker/edge/relayed-socket.ts";
import { FakeSocket } from "./fake-socket.ts";

interface Events {
  readonly message: { readonly data: string | ArrayBuffer };
  readonly close: { readonly code: number; readonly reason: string };
  readonly error: undefined;
}

type Listeners = { readonly [Type in keyof Events]: ((event: Events[Type]) => void)[] };

const CLOSED = 3;
const NO_CODE = 1005;

export class FakeRelayedSocket extends FakeSocket implements RelayedSocket {
  readonly #listeners: Listeners = { message: [], close: [], error: [] };

  addEventListener<Type extends keyof Events>(type: Type, listener: (event: Events[Type]) => void): void {
    this.#listeners[type].push(listener);
  }

  override close(code = NO_CODE, reason = ""): void {
    super.close(code, reason);
  }

  says(data: string | ArrayBuffer): void {
    for (const listener of this.#listeners.message) listener({ data });
  }

  closes(code: number, reason = ""): void {
    if (this.closedWith !== undefined) this.readyState = CLOSED;
    for (const listener of this.#listeners.close) listener({ code, reason });
  }

  /** Its connection ends without a close. */
  isLost(by: "close" | "error" = "close"): void {
    if (by === "close") this.closes(1006);
    else for (const listener of this.#listeners.error) listener(undefined);
  }
}
