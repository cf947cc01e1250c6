// Authors of alerts at both doors: they publish until they are through or cut off, frames in between.
import { writeEnvelope } from "../support/client.ts";
import type { Acknowledgement, Alert } from "./alert-book.ts";
import { ask, openLine } from "./doors.ts";
import type { Stage } from "./stage.ts";

/** Alerts that one socket sends before the first of them is acknowledged. */
const UNDER_WAY_MOST = 8;
/** A trim follows the first alert of each so many, as the 63 surplus ones of docs/PROTOCOL.md say. */
const TRIM_EVERY = 64;
/** An alert acknowledged so long before it may find the trim in the middle of the messages under way behind it. */
const NEAR_A_TRIM = 16;

const FRAME = new Uint8Array(2048).fill(7);

/** Resolves when `count` alerts are acknowledged, or the connection is gone. */
export async function publishOverSocket(stage: Stage, author: string, count: number): Promise<void> {
  const { streamId, book, events, complain } = stage;
  const underWay = new Map<number, Alert>();
  let lastRef = 0;
  const line = await openLine(stage, streamId, author, (message) => {
    const { type, ref } = message;
    if (type === "error") return complain(`${author} was told ${JSON.stringify(message)}`);
    if (type !== "success") return;
    const alert = typeof ref === "number" ? underWay.get(ref) : undefined;
    if (alert === undefined) events.happened("registered");
    else {
      underWay.delete(Number(ref));
      const { id, offset, epoch, duplicate } = message;
      noteAcknowledged(stage, alert, { id, offset, epoch, duplicate });
    }
    sendMore();
  });
  const sendMore = (): void => {
    while (lastRef < count && underWay.size < UNDER_WAY_MOST) {
      const alert = book.next(author, true);
      lastRef += 1;
      underWay.set(lastRef, alert);
      line.send({ ...fieldsOf(alert), ref: lastRef });
      events.happened("alert sent");
      line.sendBytes(writeEnvelope({ type: "video-frame", timestamp: lastRef }, FRAME));
    }
    if (lastRef >= count && underWay.size === 0) line.close();
  };
  line.send({ type: "register", produces: ["alert", "video-frame"] });
  events.happened("register sent");
  await line.ended;
}

/** Resolves when `count` alerts are acknowledged; rejects where an answer does not come. */
export async function publishOverHttp(stage: Stage, author: string, count: number): Promise<void> {
  const { streamId, book, complain } = stage;
  for (let sent = 0; sent < count; sent += 1) {
    const alert = book.next(author, false);
    const { status, body } = await ask(stage, author, "POST", `/streams/${streamId}/alerts`, fieldsOf(alert));
    const { id, offset, epoch, duplicate } = body;
    if (status !== 200 && status !== 201) return complain(`${author} got ${status} for "${alert.message}"`);
    if ((status === 200) !== (duplicate === true)) complain(`${status} with ${JSON.stringify(body)}`);
    noteAcknowledged(stage, alert, { id, offset, epoch, duplicate });
  }
}

function noteAcknowledged({ book, events }: Stage, alert: Alert, answer: Acknowledgement): void {
  book.acknowledge(alert, answer);
  events.happened("alert acknowledged");
  const behindTrim = Number(answer.offset) % TRIM_EVERY;
  if (behindTrim <= 1 || behindTrim >= TRIM_EVERY - NEAR_A_TRIM) events.happened("alert acknowledged near a trim");
}

function fieldsOf({ id, message, score }: Alert): Record<string, unknown> {
  return { type: "alert", message, score, ...(id === undefined ? {} : { id }) };
}
