// Consumers that stop reading while far more flows than may wait for them: what it costs the others, and the runtime.
import { setTimeout as delay } from "node:timers/promises";
import { held, type Open, straight } from "../conformance/contract/both-sockets.ts";
import { type Door, makeDoor } from "../conformance/contract/contract.ts";
import type { Client } from "../support/client.ts";
import type { RunningGateway } from "../support/gateway-on-disk.ts";
import { signSession } from "../support/session-token.ts";
import { film, type FlowOptions } from "./frame-flow.ts";
import { MemoryWatch } from "./memory-watch.ts";
import type { SoakRun } from "./soak.ts";
import { departures, openCamera, openReaders, readToTheEnd } from "./stalled-people.ts";
import { within } from "./within.ts";

interface Stalling {
  readonly name: string;
  readonly open: Open;
  readonly healthy: number;
  readonly stuck: number;
  readonly flow: FlowOptions;
  readonly vars?: Record<string, string>;
}

/** Longer than the frames flow where the machine is not busy with others, so that the stuck ones are there to the end. */
const STALL_S = 20;
const RATES = { MAX_MESSAGES_PER_S: "100000", MAX_BYTES_PER_S: "1073741824", MAX_CONNECTIONS_PER_USER: "1000" };
const MUCH: FlowOptions = { frames: 4000, frameBytes: 125_000, atOnce: 3 };
const SOME: FlowOptions = { ...MUCH, frames: 400 };
const CROWDED: FlowOptions = { frames: 400, frameBytes: 32_768, atOnce: 8 };
/** Larger than half a consumer's buffer. */
const LARGE: FlowOptions = { frames: 1, frameBytes: 600 * 1024, atOnce: 1 };
/**
 * So that the sum of all bounds what waits, and not the buffer of each. Who is behind where the sum is reached goes at the
 * next notice to all, that the camera paused, and not only once nothing moved for the time.
 */
const LARGE_BUFFERS = { CONSUMER_BUFFER_BYTES: String(4 * 1024 * 1024) };
/** What the runtime may grow by; without bounds a single stuck consumer would cost all that flows. */
const GROWTH_MAX_BYTES = 250_000_000;
const PATIENCE_MS = 90_000;
/** The runtime gives memory back a moment later, if at all. */
const SETTLE_MS = 1000;

const STALLINGS: readonly Stalling[] = [
  { name: "direct", open: straight, healthy: 1, stuck: 1, flow: MUCH },
  { name: "held at the edge", open: held, healthy: 1, stuck: 1, flow: MUCH },
  { name: "one of a hundred, direct", open: straight, healthy: 99, stuck: 1, flow: CROWDED },
  { name: "fifty, direct", open: straight, healthy: 1, stuck: 50, flow: SOME, vars: LARGE_BUFFERS },
  { name: "fifty, held at the edge", open: held, healthy: 1, stuck: 50, flow: SOME, vars: LARGE_BUFFERS },
];

/** Each on a gateway of its own, since memory that the runtime once took it may keep. */
export async function soakStalled(run: SoakRun): Promise<void> {
  for (const stalling of STALLINGS) {
    await onGateway(run, stalling, (door, gateway) => stall(run, stalling, door, gateway));
  }
  for (const { name, open } of STALLINGS.slice(0, 2)) {
    const large = { name: `and then a large frame, ${name}`, open };
    await onGateway(run, large, (door) => resumeWithLargeFrame(run, large, door));
  }
}

async function onGateway(
  { onDisk }: SoakRun,
  { name, vars }: Pick<Stalling, "name" | "vars">,
  work: (door: Door, gateway: RunningGateway) => Promise<void>,
): Promise<void> {
  const gateway = await onDisk.start({
    disk: `stalled, ${name}`,
    vars: { ...RATES, CONSUMER_STALL_S: String(STALL_S), ...vars },
  });
  try {
    await within(PATIENCE_MS, work(makeDoor({ url: () => gateway.url, signSession }), gateway));
  } finally {
    gateway.kill();
    await gateway.stop();
  }
}

async function stall({ say, complain }: SoakRun, stalling: Stalling, door: Door, gateway: RunningGateway) {
  const { name, open, flow, vars } = stalling;
  const camera = await openCamera(door);
  const healthy = await openReaders(door, open, stalling.healthy);
  const stuck = await openReaders(door, open, stalling.stuck);
  await film(camera, [...healthy, ...stuck], { ...flow, frames: flow.atOnce });
  const gone = departures(camera, stuck.length);

  const memory = new MemoryWatch(gateway);
  const stalledMs = performance.now();
  for (const one of stuck) one.stall();
  const { sent, received, seconds } = await film(camera, healthy, flow);
  memory.note("behind the last frame");
  const goneS = ((await gone) - stalledMs) / 1000;
  memory.note("once all stuck ones were told to go");
  // Of many one half reads its close, and of the other the connection just ends, as that of a phone that is switched off.
  const reading = stuck.slice(0, Math.ceil(stuck.length / 2));
  for (const one of stuck.slice(reading.length)) one.cut();
  const ends = await Promise.all(reading.map(readToTheEnd));
  await delay(SETTLE_MS);
  memory.note("once their connections were gone");
  memory.stop();

  const least = Math.min(...received);
  const [closes, missed] = [new Set(ends.map(({ code }) => code)), Math.min(...ends.map(({ read }) => sent - read))];
  say(
    `stalled, ${name}: ${healthy.length} healthy, ${stuck.length} stuck; ${sent} frames of ${flow.frameBytes} bytes in ` +
      `${seconds.toFixed(1)} s; each healthy one got at least ${least}, in order, with dropped 0; ` +
      `the stuck ones were told to go within ${goneS.toFixed(1)} s, ${reading.length} read that it was ` +
      `${[...closes].join(" and ")} and had missed at least ${missed} frames each; runtime ${memory.figures}`,
  );
  const broken = (sentence: string): void => complain(`stalled, ${name}: ${sentence}`);
  if (least < sent) broken(`a healthy consumer got ${least} of ${sent} frames as it should`);
  if (missed <= 0) broken("nobody was stuck, so nothing was tried");
  if (closes.size > 1 || !closes.has(4508)) broken(`stuck consumers were closed with ${[...closes].join(" and ")}`);
  if (vars === undefined && goneS < STALL_S) broken(`a stuck consumer was closed after ${goneS.toFixed(1)} s`);
  if (memory.growthBytes > GROWTH_MAX_BYTES) broken("the runtime grew by more than the bounds allow");
}

/** The last frame before the camera pauses is a large one, and who was stuck reads again. */
async function resumeWithLargeFrame(run: SoakRun, { name, open }: Pick<Stalling, "name" | "open">, door: Door) {
  const camera = await openCamera(door);
  const healthy = await openReaders(door, open, 1);
  const stuck = await openReaders(door, open, 1);
  for (const one of stuck) one.stall();
  const { sent } = await film(camera, healthy, SOME);
  await film(camera, healthy, LARGE);
  const resumedMs = performance.now();
  for (const one of stuck) {
    one.resume();
    const { before, dropped } = await readUpToLarge(one);
    run.say(
      `stalled, ${name}: ${LARGE.frameBytes} bytes came ${(performance.now() - resumedMs).toFixed(0)} ms after the consumer ` +
        `read again, behind ${before} others, with dropped ${dropped}`,
    );
    if (dropped === 0 || before + dropped !== sent) {
      run.complain(`stalled, ${name}: ${before} came and ${dropped} are said to be missed, of ${sent}`);
    }
  }
}

async function readUpToLarge(reader: Client): Promise<{ readonly before: number; readonly dropped: number }> {
  let missedBefore = 0;
  for (let before = 0; ; before += 1) {
    const { header, payload } = await reader.nextFrame();
    missedBefore += Number(header["dropped"]);
    if (payload.length === LARGE.frameBytes) return { before, dropped: missedBefore };
  }
}
