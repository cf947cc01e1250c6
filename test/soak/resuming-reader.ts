// A consumer that keeps what it has seen over all rounds, and resumes behind it each time.
import type { Message } from "../support/client.ts";
import { openLine } from "./doors.ts";
import type { Stage } from "./stage.ts";

export class ResumingReader {
  readonly userId: string;
  readonly seen: Message[] = [];
  epoch = "";
  /** Frames, which are not kept anywhere, and alerts that came behind a resume. */
  frames = 0;
  replayed = 0;
  /** By type: behind a replay comes the newest frame, which may be older than the last alert. */
  readonly #lastSeq = { alert: 0, "video-frame": 0 };

  constructor(userId: string) {
    this.userId = userId;
  }

  /** Resumes and reads until the connection is gone, or until everything that was acknowledged has been seen. */
  async read(stage: Stage, until: "cut off" | "caught up"): Promise<void> {
    const { streamId, events, book } = stage;
    let head = 0;
    let leastHead = 0;
    const line = await openLine(stage, streamId, this.userId, (message) => {
      if (message.type === "success") {
        head = this.#onRegistered(stage, message, leastHead);
        events.happened("registered");
      } else {
        this.#onMessage(stage, message, head);
      }
      if (until === "caught up" && this.seen.length >= Math.max(head, book.head)) line.close();
    });
    const resume = { epoch: this.epoch, offset: this.seen.length };
    leastHead = book.head; // now, since the answer may be read after acknowledgements that came behind it
    line.send({ type: "register", consumes: ["alert", "video-frame"], resume });
    events.happened("register sent");
    await line.ended;
  }

  /** Returns the offset up to which alerts are replayed. */
  #onRegistered({ complain }: Stage, success: Message, leastHead: number): number {
    const { recovered, epoch, offset } = success;
    if (recovered !== true)
      complain(`a resume behind ${this.seen.length} was not recovered: ${JSON.stringify(success)}`);
    if (this.epoch !== "" && epoch !== this.epoch) complain(`the epoch is ${String(epoch)} and was ${this.epoch}`);
    this.epoch = String(epoch);
    if (Number(offset) < leastHead) complain(`the head is ${String(offset)}, ${leastHead} was acknowledged`);
    if (Number(offset) < this.seen.length) complain(`the head is ${String(offset)}, ${this.seen.length} were seen`);
    return Number(offset);
  }

  #onMessage({ events, complain }: Stage, message: Message, head: number): void {
    const { type, seq, offset } = message;
    if (type === "status") return; // frames paused or came again
    if (type !== "alert" && type !== "video-frame") return complain(`the reader was told ${JSON.stringify(message)}`);
    // Over all restarts and replays too: nothing is replayed that was sent before something that has arrived.
    const lastSeq = this.#lastSeq[type];
    if (typeof seq !== "number" || seq <= lastSeq) complain(`seq ${String(seq)} of ${type} came behind ${lastSeq}`);
    this.#lastSeq[type] = Number(seq);
    if (type === "video-frame") {
      this.frames += 1;
      return;
    }
    if (offset !== this.seen.length + 1) complain(`offset ${String(offset)} came behind ${this.seen.length}`);
    this.seen.push(message);
    if (Number(offset) > head) return;
    this.replayed += 1;
    events.happened("alert replayed");
  }
}
