// A client of Socket.IO that may connect: an ordinary held socket, which is told everything in events.
import type { Authenticated } from "../../../auth/authenticator.ts";
import { NORMAL_CLOSURE } from "../../../connection/close.ts";
import type { Code } from "../../../protocol/codes.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { EngineSocket } from "../engine-io.ts";
import { HeldSocket, type HeldSocketOptions } from "../held-socket.ts";
import type { Lease } from "../lease.ts";
import type { Acknowledgements } from "./acknowledgements.ts";
import { CONNECT_REF, EventLink, type LinkListener } from "./event-link.ts";

/** Who may connect, and what is registered for him at once: JSON of a `register`; undefined where he is to say it. */
export interface Admitted {
  readonly who: Authenticated;
  readonly lease: Lease;
  readonly register: JsonObject | undefined;
  /** Whether other connections of his session may produce the same beside this one. */
  readonly isOneOfSeveral?: true;
}

/** What a held socket needs beside who it is. */
export type Surroundings = Pick<HeldSocketOptions, "request" | "env" | "gate" | "occasion" | "cut">;

export class SocketIoMember {
  /** As its client knows it, and everybody else. */
  readonly sid: string;
  readonly #register: JsonObject | undefined;
  readonly #held: HeldSocket;
  readonly #link: EventLink;

  constructor(
    { register, ...admitted }: Admitted,
    surroundings: Surroundings,
    engine: EngineSocket,
    acknowledgements: Acknowledgements,
    listener: LinkListener,
  ) {
    this.sid = admitted.lease.connectionId;
    this.#register = register;
    this.#link = new EventLink(register === undefined ? "open" : "registering", engine, acknowledgements, listener);
    this.#held = new HeldSocket(this.#link, { ...surroundings, ...admitted, streamId: undefined });
  }

  start(): void {
    this.#held.start();
    const register = this.#register;
    if (register !== undefined) this.receive(JSON.stringify({ ...register, type: "register", ref: CONNECT_REF }));
  }

  /** A message of its client, in the stream's dialect. */
  receive(message: string | ArrayBuffer): void {
    this.#held.receive(message);
  }

  /** A word of the gateway's own, behind all that was said before. */
  tell(text: string): void {
    this.#held.tell(text);
  }

  /** Ends it from here; its listener hears how. */
  end(code: Code, closeCode?: number): void {
    this.#held.end(code, closeCode);
  }

  /** The client has left the namespace, or was not let in: nothing reaches it from here any more. */
  letGo(): void {
    this.#link.letGo();
    this.#held.left(NORMAL_CLOSURE);
  }

  /** The client's connection is gone. */
  gone(code: number): void {
    this.#held.left(code);
  }
}
