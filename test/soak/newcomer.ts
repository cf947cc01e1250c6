// Somebody who claims a new stream and publishes on it at once, while a round goes on elsewhere.
import { isDeepStrictEqual } from "node:util";
import type { Message } from "../support/client.ts";
import { ask, openLine } from "./doors.ts";
import type { Stage } from "./stage.ts";

export class Newcomer {
  readonly #streamId: string;
  readonly #userId: string;
  #epoch: string | undefined;
  #alertId: unknown;

  constructor(number: number) {
    this.#streamId = `claimed-in-round-${number}`;
    this.#userId = `newcomer-${number}`;
  }

  /** Resolves when his alert is acknowledged, or the connection is gone. */
  async claim(stage: Stage): Promise<void> {
    const { events, complain } = stage;
    const line = await openLine(stage, this.#streamId, this.#userId, (message: Message) => {
      if (message.type !== "success") return complain(`a newcomer was told ${JSON.stringify(message)}`);
      if (message["ref"] !== "alert") {
        this.#epoch = String(message["epoch"]);
        return events.happened("claimed");
      }
      this.#alertId = message["id"];
      line.close();
    });
    // Not waiting for the claim: it may be stored without the alert, but not the other way round.
    line.send({ type: "register", produces: ["alert"] });
    line.send({ type: "alert", message: "the first", ref: "alert" });
    events.happened("claim sent");
    await line.ended;
  }

  /** After a restart: what he was told is so; what he was not told is so or is not, and nothing between. */
  async check(stage: Stage): Promise<void> {
    const { complain } = stage;
    const { status, body } = await ask(stage, this.#userId, "GET", `/streams/${this.#streamId}/alerts`);
    if (status === 404 && this.#epoch === undefined) return;
    const found = `${status} ${JSON.stringify(body)}`;
    if (status !== 200) return complain(`the claim of ${this.#streamId} is lost: ${found}`);
    if (this.#epoch !== undefined && body["epoch"] !== this.#epoch)
      complain(`another epoch of ${this.#streamId}: ${found}`);
    const ids = (body["alerts"] as Message[]).map(({ id }) => id);
    const told = this.#alertId === undefined ? ids : [this.#alertId];
    if (ids.length > 1 || !isDeepStrictEqual(ids, told)) complain(`the alert of ${this.#streamId} is lost: ${found}`);
  }
}
