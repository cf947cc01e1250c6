// Whether memory that stuck consumers filled is there for the next ones: round after round of them, and the runtime's size.
import { setTimeout as delay } from "node:timers/promises";
import { held, type Open, straight } from "../conformance/contract/both-sockets.ts";
import { makeDoor } from "../conformance/contract/contract.ts";
import type { Client } from "../support/client.ts";
import { signSession } from "../support/session-token.ts";
import { film, type FlowOptions } from "./frame-flow.ts";
import type { SoakRun } from "./soak.ts";
import { departures, openCamera, openReaders } from "./stalled-people.ts";

interface Leaving {
  readonly name: string;
  readonly open: Open;
  /** How the connections of those who were told to go end: they read nothing more. */
  readonly end: (stuck: readonly Client[]) => Promise<void>;
}

const STALL_S = 2;
const [ROUNDS, STUCK] = [6, 12];
/** More than what kernels take, and than what waits for each. */
const FLOW: FlowOptions = { frames: 160, frameBytes: 125_000, atOnce: 3 };
const VARS = {
  MAX_MESSAGES_PER_S: "100000",
  MAX_BYTES_PER_S: "1073741824",
  CONSUMER_BUFFER_BYTES: String(4 * 1024 * 1024),
  CONSUMER_STALL_S: String(STALL_S),
};
/** Frames fill half of a buffer. */
const FILLED_BYTES = STUCK * 2 * 1024 * 1024;

const LEAVINGS: readonly Leaving[] = [
  {
    name: "direct, whose connections ended",
    open: straight,
    end: async (stuck) => {
      for (const one of stuck) one.cut();
      await delay(1000);
    },
  },
  {
    // Nothing on the platform ends a single socket of an object that does not read; the sum bounds what all of them keep.
    name: "direct, who keep their connections and read nothing",
    open: straight,
    end: () => Promise.resolve(),
  },
  {
    name: "held at the edge, who keep their connections and read nothing",
    open: held,
    // The Worker gives them as long again to read why they were closed, and looks each second.
    end: () => delay((STALL_S + 2) * 1000),
  },
];

export async function soakGivenBack({ onDisk, say, complain }: SoakRun): Promise<void> {
  for (const { name, open, end } of LEAVINGS) {
    const gateway = await onDisk.start({ disk: `given back, ${name}`, vars: VARS });
    const door = makeDoor({ url: () => gateway.url, signSession });
    const camera = await openCamera(door);
    const healthy = await openReaders(door, open, 1);
    const sizes: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const stuck = await openReaders(door, open, STUCK);
      for (const one of stuck) one.stall();
      const gone = departures(camera, STUCK);
      await film(camera, healthy, FLOW);
      await gone;
      await end(stuck);
      sizes.push(gateway.residentBytes);
    }
    const inMb = sizes.map((bytes) => Math.round(bytes / 1_000_000));
    const filled = Math.round(FILLED_BYTES / 1_000_000);
    say(
      `given back, ${name}: rounds of ${STUCK} stuck consumers that fill ${filled} MB; runtime ${inMb.join(", ")} MB after each`,
    );
    // The first rounds find out how large the runtime must be; what was kept would add up from there on.
    const [, second = 0, ...later] = sizes;
    const kept = (later.at(-1) ?? 0) - second;
    if (kept > (FILLED_BYTES * later.length) / 2)
      complain(`given back, ${name}: each round kept what the one before filled`);
    gateway.kill();
    await gateway.stop();
  }
}
