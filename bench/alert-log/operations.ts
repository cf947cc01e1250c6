// What clients do with a log, one by one: each is checked to have done what it is timed for.
import { type Operation, timed } from "../measure/interleave.ts";
import type { BenchStream, Row } from "./bench-stream.ts";

const ROUNDS = 240;
/** Each takes the object out of memory first, which is slow. */
const WAKE_ROUNDS = 60;
const SCAN_ROUNDS = 10;
const REPLAYED = 50;
const PAGE = 100;

/** The answer of the object to a message that touches no table: what all others spend on their way. */
const roundTrip: Operation<BenchStream> = {
  name: "ping, no table touched",
  rounds: ROUNDS,
  run: async ({ publisher }) => (await timed(() => publisher.caughtUp())).timeUs,
};

/** The same over HTTP. */
const httpRoundTrip: Operation<BenchStream> = {
  name: "GET access, no table touched",
  rounds: ROUNDS,
  run: async (stream) => {
    const { timeUs, result } = await timed(() => get(stream, "access"));
    expect(result.includes('"owner"'), "the owner sees his access list");
    return timeUs;
  },
};

/** What a statement would cost that reads the whole log: the proof that this bench would see one. */
export const COMPARISON: Operation<BenchStream> = {
  name: "for comparison: SQL that reads all",
  rounds: SCAN_ROUNDS,
  run: async (stream) => {
    const { timeUs, result } = await timed(() => stream.number("SELECT count(*) FROM alerts WHERE fields = ''"));
    expect(result === 0, "no alert is empty");
    return timeUs;
  },
};

const resume: Operation<BenchStream> = {
  name: `register, resume the last ${REPLAYED}`,
  rounds: ROUNDS,
  run: async (stream) => {
    const head = await headOf(stream);
    const client = await stream.connect();
    const message = { consumes: ["alert"], resume: { epoch: stream.epoch, offset: head - REPLAYED } };
    const { timeUs, result } = await timed(async () => {
      const success = await client.register(message);
      let last = await client.next("alert");
      for (let arrived = 1; arrived < REPLAYED; arrived += 1) last = await client.next("alert");
      return { success, last };
    });
    expect(result.success["recovered"] === true && result.last["offset"] === head, "everything was replayed");
    client.close();
    await client.closed();
    return timeUs;
  },
};

/** @param afterOf the `after` of the page, in a log with this head */
function page(where: string, afterOf: (head: number) => number): Operation<BenchStream> {
  return {
    name: `page of ${PAGE}, ${where}`,
    rounds: ROUNDS,
    run: async (stream) => readPage(stream, afterOf(await headOf(stream))),
  };
}

const publish: Operation<BenchStream> = { name: "publish", rounds: ROUNDS, run: publishOne };

/** Enough old alerts that each is sent again about once. */
const oldRows = new WeakMap<BenchStream, readonly Row[]>();

const repeat: Operation<BenchStream> = {
  name: "publish an old id again",
  rounds: ROUNDS,
  prepare: async (stream) => {
    const head = await headOf(stream);
    const offsets = Array.from({ length: ROUNDS }, () => someOf(head));
    oldRows.set(
      stream,
      await stream.rows(`SELECT id, fields FROM alerts WHERE offset IN (${offsets.join(", ")}) ORDER BY random()`),
    );
    await stream.sleep(); // or the rows would be in memory, having just been read
  },
  run: async (stream) => {
    const rows = oldRows.get(stream) ?? [];
    const row = rows[someOf(rows.length) - 1] ?? {};
    const fields = JSON.parse(String(row["fields"])) as Record<string, unknown>;
    const { timeUs, result } = await timed(() => {
      stream.publisher.send({ ...fields, id: row["id"], ref: "again" });
      return stream.publisher.next("success");
    });
    expect(result["duplicate"] === true, "a repeated alert is a duplicate");
    return timeUs;
  },
};

const wakeToPublish: Operation<BenchStream> = {
  name: "wake, then publish",
  rounds: WAKE_ROUNDS,
  run: async (stream) => {
    await stream.sleep();
    return publishOne(stream);
  },
};

const wakeToPage: Operation<BenchStream> = {
  name: `wake, then page of ${PAGE} from anywhere`,
  rounds: WAKE_ROUNDS,
  run: async (stream) => {
    const after = someOf((await headOf(stream)) - PAGE);
    await stream.sleep();
    return readPage(stream, after);
  },
};

/** Those that leave the log as it is come first, so that it is as long as it is said to be. */
export const OPERATIONS: readonly Operation<BenchStream>[] = [
  roundTrip,
  resume,
  httpRoundTrip,
  page("from the start", () => 0),
  page("from the middle", (head) => Math.floor(head / 2)),
  page("from anywhere", (head) => someOf(head - PAGE)),
  page("to the head", (head) => head - PAGE),
  repeat,
  wakeToPage,
  publish,
  wakeToPublish,
];

export async function publishOne(stream: BenchStream): Promise<number> {
  const alert = stream.nextAlert();
  const { timeUs, result } = await timed(() => {
    stream.publisher.send(alert);
    return stream.publisher.next("success");
  });
  expect(result["ref"] === alert.ref && result["duplicate"] === undefined, "a new alert is stored");
  return timeUs;
}

async function readPage(stream: BenchStream, after: number): Promise<number> {
  const { timeUs, result } = await timed(() => get(stream, `alerts?after=${after}&limit=${PAGE}`));
  const { alerts } = JSON.parse(result) as { readonly alerts: readonly { readonly offset: number }[] };
  expect(alerts.length === PAGE && alerts[0]?.offset === after + 1, "the page is full and begins where it should");
  return timeUs;
}

async function get({ gateway, streamId, token }: BenchStream, what: string): Promise<string> {
  const url = new URL(`/streams/${streamId}/${what}`, gateway.url);
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  return response.text();
}

function headOf(stream: BenchStream): Promise<number> {
  return stream.number("SELECT head FROM stream");
}

/** An offset from 1 on, another one each time: the same one again would come from the cache of the database. */
function someOf(count: number): number {
  return 1 + Math.floor(Math.random() * count);
}

function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`not so: ${what}`);
}
