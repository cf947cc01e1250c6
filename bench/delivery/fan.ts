// One sender and its consumers at one server: a closed loop in which every consumer's count and order are checked.
import type { WebSocket } from "ws";
import { Arriving, isNotice } from "./arriving.ts";
import type { Cell } from "./cell.ts";
import { dialectAt, type Door, enter } from "./entering.ts";
import { NumberedMessage } from "./numbered-message.ts";

/** Where a fan's sockets go. */
export interface Target {
  readonly sender: Door;
  readonly consumer: Door;
}

/** Messages that not everybody has yet. More would be batched more, and cost each server less for each. */
const WINDOW = 16;
/** Time for a message too many to arrive. */
const STRAY_MS = 50;
/** Far above the longest run. */
const PATIENCE_MS = 60_000;

export class Fan {
  readonly #sender: WebSocket;
  readonly #consumers: readonly WebSocket[];
  readonly #message: NumberedMessage;
  /** By number modulo the window: how many consumers have it. */
  readonly #arrived = new Uint32Array(WINDOW);
  #sent = 0;
  #complete = 0;
  #end = 0;
  #done: PromiseWithResolvers<void> = Promise.withResolvers();
  /** What went wrong, if only while nothing was run. */
  #problem: Error | undefined;

  private constructor(sender: WebSocket, consumers: readonly WebSocket[], target: Target, cell: Cell) {
    const senderDialect = dialectAt(target.sender);
    this.#sender = sender;
    this.#consumers = consumers;
    this.#message = new NumberedMessage(cell, senderDialect);
    for (const consumer of consumers) this.#follow(consumer, new Arriving(cell, dialectAt(target.consumer)));
    sender.on("message", (data: Buffer) => {
      if (!isNotice(senderDialect, data)) this.#fail(`the sender was sent ${data.toString().slice(0, 200)}`);
    });
    sender.on("close", (code) => this.#fail(`the sender was closed with ${code}`));
  }

  static async open(target: Target, cell: Cell): Promise<Fan> {
    // The sender first: who registers to produce claims the stream.
    const sender = await enter(target.sender, "sender");
    const consumers: WebSocket[] = [];
    for (let index = 0; index < cell.consumers; index += 1) consumers.push(await enter(target.consumer, "consumer"));
    return new Fan(sender, consumers, target, cell);
  }

  /** Resolves once every consumer has had so many more messages, each once and in order. */
  async run(messages: number): Promise<void> {
    if (this.#problem !== undefined) throw this.#problem;
    this.#done = Promise.withResolvers();
    this.#end = this.#sent + messages;
    for (let index = 0; index < Math.min(WINDOW, messages); index += 1) this.#send();
    const patience = setTimeout(() => {
      const arrived = this.#arrived[this.#complete % WINDOW] ?? 0;
      this.#fail(`${arrived} of ${this.#consumers.length} got message ${this.#complete}, and then nothing came`);
    }, PATIENCE_MS);
    await this.#done.promise.finally(() => clearTimeout(patience));
  }

  /** Rejects where a message came that nobody was waiting for. */
  async close(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, STRAY_MS));
    if (this.#problem !== undefined) throw this.#problem;
    for (const socket of [this.#sender, ...this.#consumers]) {
      socket.removeAllListeners();
      socket.terminate();
    }
  }

  #send(): void {
    this.#arrived[this.#sent % WINDOW] = 0;
    for (const { bytes, isBinary } of this.#message.numbered(this.#sent))
      this.#sender.send(bytes, { binary: isBinary });
    this.#sent += 1;
  }

  #follow(consumer: WebSocket, arriving: Arriving): void {
    let next = 0;
    let wholeFrom = 0;
    consumer.on("message", (data: Buffer, isBinary) => {
      // NaN: nothing is due before it was sent.
      switch (arriving.take(data, isBinary, next < this.#sent ? next : NaN)) {
        case "part":
        case "notice":
          return;
        case "other":
          return this.#fail(`message ${next} was due, and this came: ${data.toString().slice(0, 200)}`);
        case "whole":
          // All of them would cost the machine more than the servers do; the first of each run stands for the rest.
          if (wholeFrom !== this.#end && !arriving.isUnchanged(data)) this.#fail(`message ${next} was changed`);
          wholeFrom = this.#end;
          next += 1;
          return this.#count(next - 1);
      }
    });
    consumer.on("close", (code) => this.#fail(`a consumer was closed with ${code}`));
  }

  #count(number: number): void {
    const arrived = (this.#arrived[number % WINDOW] ?? 0) + 1;
    this.#arrived[number % WINDOW] = arrived;
    if (arrived < this.#consumers.length) return;
    this.#complete += 1;
    if (this.#complete === this.#end) this.#done.resolve();
    else if (this.#sent < this.#end) this.#send();
  }

  /** The figures of this fan are worth nothing from here on. */
  #fail(reason: string): void {
    this.#problem ??= new Error(reason);
    this.#done.reject(this.#problem);
  }
}
