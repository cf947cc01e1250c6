// A client and the one namespace that there is: the word on its CONNECT, what waits for that, its member, and how all ends.
import { NORMAL_CLOSURE } from "../../../connection/close.ts";
import { logBug } from "../../../connection/log.ts";
import { WaitingQueue } from "../../../connection/waiting-queue.ts";
import { CLOSE_ERROR_FLOOD, type Code, CODES, isCode } from "../../../protocol/codes.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import { WAITING_BEFORE_AUTH_MAX_BYTES } from "../../../protocol/limits.ts";
import type { Refusal } from "../../guard.ts";
import type { EngineSocket } from "../engine-io.ts";
import { WaitingRoom } from "../waiting-room.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { isFinal } from "./farewell.ts";
import { type Admitted, SocketIoMember, type Surroundings } from "./member.ts";
import { toEvent } from "./messages.ts";
import { connectErrorText, connectText, disconnectText, MAIN_NAMESPACE } from "./packet.ts";
import { Reception, type ReceptionOptions } from "./reception.ts";
import type { RefusalDetail } from "./refuse-connect.ts";

export interface MembershipOptions extends Surroundings, Pick<ReceptionOptions, "path" | "randomId" | "random"> {
  /** The word on a CONNECT with this payload. Rejects only for a bug. */
  readonly admit: (auth: JsonObject | undefined) => Promise<Admitted | Refusal>;
}

/** `waiting` for a CONNECT. `registering`: the stream decides whether the CONNECT is answered with yes. */
type State =
  | { readonly kind: "waiting" }
  | Verifying
  | LetIn
  /** With the member that it was when it was told to go. */
  | { readonly kind: "over"; readonly member: SocketIoMember | undefined };

/** @property words of the gateway's own on what came meanwhile, so few that the flood of errors bounds them */
interface Verifying {
  readonly kind: "verifying";
  readonly acknowledgements: Acknowledgements;
  readonly room: WaitingRoom;
  readonly words: string[];
}

interface LetIn {
  readonly kind: "registering" | "connected";
  readonly acknowledgements: Acknowledgements;
  readonly member: SocketIoMember;
}

export class Membership {
  readonly #options: MembershipOptions;
  readonly #engine: EngineSocket;
  readonly #reception: Reception;
  #state: State = { kind: "waiting" };

  constructor(engine: EngineSocket, options: MembershipOptions) {
    this.#options = options;
    this.#engine = engine;
    this.#reception = new Reception(engine, options, (code) => this.end(code));
  }

  open(): void {
    this.#reception.open(this.#options.gate.config.stream.maxMessageBytes);
  }

  get phase(): State["kind"] {
    return this.#state.kind;
  }

  /** Of one CONNECT, since another may count from the same number; undefined where nobody may send. */
  get acknowledgements(): Acknowledgements | undefined {
    return "acknowledgements" in this.#state ? this.#state.acknowledgements : undefined;
  }

  connect(namespace: string, auth: JsonObject | undefined): void {
    if (!this.#reception.attempt()) return this.end("AUTH_REQUIRED");
    if (namespace !== MAIN_NAMESPACE) {
      this.#engine.send(connectErrorText(namespace, "Invalid namespace"));
      return this.#refused();
    }
    if (this.#state.kind !== "waiting") return this.broken();
    const { admit, gate } = this.#options;
    const { lanes } = gate.config.stream;
    const room = new WaitingRoom(new WaitingQueue(lanes), WAITING_BEFORE_AUTH_MAX_BYTES, gate);
    this.#state = { kind: "verifying", acknowledgements: new Acknowledgements(lanes), room, words: [] };
    admit(auth)
      .then((result) => this.#decided(result))
      .catch((bug: unknown) => {
        logBug("connect", bug);
        this.end("INTERNAL");
      });
  }

  #decided(result: Admitted | Refusal): void {
    if (this.#state.kind !== "verifying") {
      // Gone meanwhile; nobody else would give the place back.
      if ("lease" in result) result.lease.giveBack();
      return;
    }
    const { acknowledgements, room, words } = this.#state;
    const waited = room.drain();
    if ("code" in result) {
      this.#state = { kind: "waiting" };
      return this.#refuse(result.code, result);
    }
    this.#reception.stopWaiting();
    const member = new SocketIoMember(result, this.#options, this.#engine, acknowledgements, {
      registered: (answer) => this.#registered(answer),
      ended: (closeCode, reason) => this.#ended(closeCode, reason),
    });
    const isAtOnce = result.register === undefined;
    this.#state = { kind: isAtOnce ? "connected" : "registering", acknowledgements, member };
    if (isAtOnce) this.#engine.send(connectText(member.sid));
    member.start();
    for (const text of words) member.tell(text);
    for (const message of waited) member.receive(message);
  }

  /** The stream's word on the registration that CONNECT asked for. */
  #registered({ ref: _ref, ...answer }: JsonObject): void {
    if (this.#state.kind !== "registering") return;
    const { member } = this.#state;
    if (answer["type"] === "success") {
      this.#state = { ...this.#state, kind: "connected" };
      this.#engine.send(connectText(member.sid));
      return this.#engine.send(toEvent(JSON.stringify(answer)).text);
    }
    const { code, message, reason } = answer;
    this.#wait(member);
    if (!isCode(code)) throw new Error("the stream answers with its own codes");
    this.#refuse(code, { message: textOf(message), reason: textOf(reason) });
  }

  /** A message of the client, in the stream's dialect; lost where nobody may send. */
  pass(message: string | ArrayBuffer): void {
    const member = this.#member;
    if (member !== undefined) return member.receive(message);
    const tooMuch = this.#state.kind === "verifying" ? this.#state.room.add(message) : undefined;
    if (tooMuch !== undefined) this.end(tooMuch);
  }

  /** A word of the gateway's own: behind all that was said before, once it is known who it is. */
  tell(text: string): void {
    if (this.#state.kind === "verifying") this.#state.words.push(text);
    else this.#member?.tell(text);
  }

  /** The CONNECT is refused; its client may try again over the same connection. */
  #refuse(code: Code, detail: RefusalDetail): void {
    if (this.#reception.refuse(code, detail)) this.#refused();
  }

  #refused(): void {
    if (this.#reception.hasTriedAll && this.#state.kind === "waiting") this.end("AUTH_REQUIRED");
  }

  /** The client left the namespace; it may come back over the same connection. */
  disconnected(): void {
    const member = this.#member;
    if (member === undefined) this.broken();
    else this.#wait(member);
  }

  /** For another CONNECT, behind a member that is none any more. */
  #wait(member: SocketIoMember): void {
    this.#state = { kind: "waiting" };
    member.letGo();
    this.#reception.waitForConnect();
  }

  /** Whoever is let in, or about to be. */
  get #member(): SocketIoMember | undefined {
    return this.#state.kind === "registering" || this.#state.kind === "connected" ? this.#state.member : undefined;
  }

  /** What came is no Socket.IO, or not at this time. */
  broken(): void {
    this.#close(CLOSE_ERROR_FLOOD, "BAD_MESSAGE");
  }

  /** Ends the connection from here. @param closeCode of a member, where it is another than that of the code */
  end(code: Code, closeCode?: number): void {
    const member = this.#member;
    if (member === undefined) this.#close(CODES[code].closeCode, code);
    else member.end(code, closeCode);
  }

  /** The client ended the connection. Its socket may stay, with what it does not read. */
  left(): void {
    this.#close(NORMAL_CLOSURE, "");
  }

  /** The member was told to go, and its error was told as an event. */
  #ended(closeCode: number, reason: string): void {
    if (this.#state.kind !== "registering" && this.#state.kind !== "connected") return;
    const { member, kind } = this.#state;
    this.#over(member);
    if (isFinal(closeCode, reason)) this.#tellToStayAway(kind, reason);
    this.#engine.close(closeCode, reason);
  }

  #tellToStayAway(kind: LetIn["kind"], reason: string): void {
    if (kind === "connected") this.#engine.send(disconnectText(MAIN_NAMESPACE));
    else this.#reception.tellRefusal(isCode(reason) ? reason : "BAD_MESSAGE", {});
  }

  /** @param reason a literal */
  #close(code: number, reason: string): void {
    const member = this.#member;
    this.#over(undefined);
    this.#reception.close(code, reason);
    member?.letGo();
  }

  /** The client's connection is gone. */
  closed(code: number): void {
    const member = "member" in this.#state ? this.#state.member : undefined;
    this.#over(undefined);
    this.#reception.gone();
    member?.gone(code);
  }

  #over(member: SocketIoMember | undefined): void {
    if (this.#state.kind === "verifying") this.#state.room.drain();
    this.#state = { kind: "over", member };
    this.#reception.stopWaiting();
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
