// What a reader has seen over all restarts, beside what was acknowledged and what the history holds.
import { isDeepStrictEqual } from "node:util";
import type { Message } from "../support/client.ts";
import type { AlertBook } from "./alert-book.ts";
import { ask } from "./doors.ts";
import type { ResumingReader } from "./resuming-reader.ts";
import type { Stage } from "./stage.ts";

/** Between two looks at its retention the log may hold so many more. */
const SURPLUS = 63;

/** Each acknowledged alert is there under its offset, as it was sent, and no alert is there twice. */
export function compareWithBook(
  { seen, epoch }: ResumingReader,
  book: AlertBook,
  keptAtMost: number,
  complain: (sentence: string) => void,
): void {
  for (const { alert, id, offset, epoch: toldEpoch } of book.acknowledged) {
    const { author, message, score } = alert;
    const expected = { id, userId: author, message, score, epoch: toldEpoch };
    const entry: Message = seen[offset - 1] ?? { type: "nothing" };
    const actual = Object.fromEntries(Object.keys(expected).map((name) => [name, entry[name]]));
    if (!isDeepStrictEqual(actual, expected)) complain(`${offset} is ${JSON.stringify(entry)}, not "${message}"`);
    if (toldEpoch !== epoch) complain(`${offset} was acknowledged in the epoch ${toldEpoch}`);
  }
  const offsets = new Map<string, number>();
  for (const [index, { message, userId }] of seen.entries()) {
    const text = String(message);
    const earlier = offsets.get(text);
    // What the log has forgotten it cannot know again.
    if (earlier !== undefined && index - earlier <= keptAtMost) complain(`"${text}" is there twice`);
    if (book.wasWritten(text)?.author !== userId) complain(`nobody wrote "${text}" as ${String(userId)}`);
    offsets.set(text, index);
  }
}

/** After each restart: nothing acknowledged is behind the head, and as many are kept as are to be. */
export async function checkKept(stage: Stage, userId: string, keptAtMost: number): Promise<void> {
  const { body } = await ask(stage, userId, "GET", `/streams/${stage.streamId}/alerts?limit=1`);
  const head = Number(body["head"]);
  const kept = head === 0 ? 0 : head - Number(body["first"]) + 1;
  if (head < stage.book.head) stage.complain(`the head is ${head}, ${stage.book.head} was acknowledged`);
  if (!(kept >= Math.min(keptAtMost, head) && kept <= keptAtMost + SURPLUS)) {
    stage.complain(`${kept} of ${head} alerts are kept`);
  }
}

/** The history holds the end of what was seen, and nothing else. Returns how many it has forgotten. */
export async function compareWithHistory({ seen, userId }: ResumingReader, stage: Stage): Promise<number> {
  const kept = await readHistory(stage, userId);
  const forgotten = seen.length - kept.length;
  if (!isDeepStrictEqual(kept, seen.slice(forgotten))) stage.complain("the history is not what was sent");
  return forgotten;
}

async function readHistory(stage: Stage, userId: string): Promise<readonly Message[]> {
  const kept: Message[] = [];
  let next: number | null = 0;
  while (next !== null) {
    const { body } = await ask(stage, userId, "GET", `/streams/${stage.streamId}/alerts?limit=1000&after=${next}`);
    kept.push(...(body["alerts"] as Message[]));
    next = body["next"] as number | null;
  }
  return kept;
}
