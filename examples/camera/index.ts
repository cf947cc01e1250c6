// `npm run demo`: a camera streams the clip through the gate, a viewer watches, and the model's alerts come back.
//
//   npm run demo                     until Ctrl-C
//   npm run demo -- --seconds 10     one pass through the clip, judged at the end
//   npm run demo -- --url URL        against a gateway that runs elsewhere
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { FRAMES_PER_SECOND, readClip } from "./clip.ts";
import { frameMessage, type Message, openConnection } from "./connection.ts";
import { findOrStartGateway } from "./gateway.ts";
import { Judge } from "./judge.ts";
import { signUp } from "./sign-up.ts";
import { Tally } from "./tally.ts";

/** Time that the last alert gets to come back before the books are closed. */
const SETTLE_MS = 500;

const LOCAL_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

const { values } = parseArgs({ options: { seconds: { type: "string" }, url: { type: "string" } } });
const seconds = values.seconds === undefined ? Infinity : Number(values.seconds);
if (!(seconds > 0)) fail("--seconds takes a number above 0");

const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());

const gateway = await findOrStartGateway(values.url).catch((error: Error) => fail(error.message));
try {
  await run(gateway.url);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await gateway.stop();
}
process.exit();

async function run(url: URL): Promise<void> {
  const { email, password, token } = await signUp(url);
  const streamId = `lawn-${randomUUID().slice(0, 8)}`;
  console.log(`Signed up ${email}; streaming to ${streamId}. Ctrl-C stops.`);
  // The stream is the camera's own, so who wants to see it must be the camera. Only where the account is of no worth.
  if (LOCAL_HOSTS.has(url.hostname)) {
    console.log(`To see it, sign in as the camera at ${url.origin}/#stream=${streamId}, password ${password}`);
  }
  console.log();
  const judge = new Judge();
  const tally = new Tally();
  const seen = (message: Message): void => {
    if (message["type"] === "video-frame") tally.noteSeen(message["dropped"]);
    else if (message["type"] === "alert") {
      tally.noteAlert(message["region"], judge.noteAlert(message["timestamp"], message["comparedWith"]));
    } else tally.noteTrouble(message["code"] ?? message["status"]);
  };
  const open = { produces: [], consumes: [] };
  const camera = await openConnection(url, streamId, token, { ...open, produces: ["video-frame"] }, seen, lost);
  const consumes = ["video-frame", "alert"];
  const viewer = await openConnection(url, streamId, token, { ...open, consumes }, seen, lost);
  await stream(camera, judge, tally);
  await sleep(SETTLE_MS);
  tally.end();
  camera.close();
  viewer.close();
  conclude(judge, tally);
}

function lost(why: string): void {
  stopped.abort(new Error(why));
}

/** Sends the clip over and over, each frame when it is due, however long the one before took. */
async function stream(camera: WebSocket, judge: Judge, tally: Tally): Promise<void> {
  const clip = readClip();
  const frames = Math.round(seconds * FRAMES_PER_SECOND);
  const startMs = Date.now();
  for (let sent = 0; sent < frames; sent += 1) {
    await sleep(startMs + (sent * 1000) / FRAMES_PER_SECOND - Date.now());
    if (stopped.signal.aborted) return;
    const index = sent % clip.length;
    // Times the schedule, so that each is one frame's alone.
    const timestamp = startMs + (sent * 1000) / FRAMES_PER_SECOND;
    judge.noteSent(timestamp, { pass: Math.floor(sent / clip.length), index });
    camera.send(
      frameMessage({ type: "video-frame", timestamp, contentType: "image/jpeg" }, clip[index] ?? new Uint8Array()),
    );
    tally.noteSent();
  }
}

function conclude(judge: Judge, tally: Tally): void {
  if (stopped.signal.reason instanceof Error && stopped.signal.reason.name !== "AbortError")
    throw stopped.signal.reason;
  // Stopped by hand before people came into view: there is nothing to hold against the model.
  if (stopped.signal.aborted && tally.sent < readClip().length) return;
  if (judge.failure !== undefined) throw new Error(`Not as it should be: ${judge.failure}.`);
  console.log("As it should be: alerts while people walk, none while nothing moves.");
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    stopped.signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
