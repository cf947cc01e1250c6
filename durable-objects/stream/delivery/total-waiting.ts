// What waits for all members while one message is sent: added up only where somebody is behind, then kept up to date.
import type { Total } from "../../../connection/outbox.ts";
import type { Sized } from "../../../connection/sized.ts";
import type { Roster } from "../members/roster.ts";

export class TotalWaiting implements Total {
  readonly #roster: Roster;
  #bytes: number | undefined;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  get bytes(): number {
    this.#bytes ??= this.#roster.waitingBytes;
    return this.#bytes;
  }

  add(message: Sized): void {
    if (this.#bytes !== undefined) this.#bytes += message.bytes;
  }
}
