// What each way into the gateway costs: the server's CPU for each delivered message, beside that by the main door.
import { signSession } from "../../test/support/session-token.ts";
import { type Cell, cellsFor } from "../delivery/cell.ts";
import { compare } from "../delivery/comparison.ts";
import { readOptions } from "../delivery/options.ts";
import { gatewayBundle, type Server } from "../delivery/server.ts";
import { machine } from "../measure/report.ts";
import { doorsOf, firstMessage, mainDoor, socketIo, type Way } from "./ways.ts";

const CONSUMER_CELLS = cellsFor([1, 10, 50]);
/** An attachment is what sets a sender by Socket.IO apart. */
const SENDER_CELLS = cellsFor([1]).filter(({ form }) => form === "binary");

export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args, [...CONSUMER_CELLS, ...SENDER_CELLS]);
  console.log(`${machine()}\n`);
  const between = doorsOf(gatewayBundle(), await signSession({ tokenEndsInS: 3600 }));
  const compareWays = (cells: readonly Cell[], serverBy: (way: Way) => Server): Promise<void> =>
    compare(
      {
        servers: {
          main: serverBy(mainDoor),
          held: serverBy(firstMessage),
          "Socket.IO": serverBy(socketIo),
          "main again": serverBy(mainDoor),
        },
        cells,
        base: "main",
        control: "main again",
        ratios: [
          ["held", "main"],
          ["Socket.IO", "main"],
          ["Socket.IO", "held"],
        ],
        told: ["main", "held", "Socket.IO"],
      },
      options,
    );
  console.log("Consumers that came in by each door; the sender by the main one.\n");
  await compareWays(CONSUMER_CELLS, (way) => between(mainDoor, way));
  console.log("\nA sender that came in by each door; its consumer by the main one.\n");
  await compareWays(SENDER_CELLS, (way) => between(way, mainDoor));
}
