// What each way into the gateway costs: the server's CPU for each delivered message, beside that by the main door.
import { cellsFor } from "../delivery/cell.ts";
import { compare } from "../delivery/comparison.ts";
import { readOptions } from "../delivery/options.ts";
import { gatewayBundle } from "../delivery/server.ts";
import { machine } from "../measure/report.ts";
import { signSession } from "../../test/support/session-token.ts";
import { doorsOf, firstMessage, mainDoor, socketIo } from "./ways.ts";

const CONSUMER_CELLS = cellsFor([1, 10, 50]);
/** An attachment is what sets a sender by Socket.IO apart. */
const SENDER_CELLS = cellsFor([1]).filter(({ form }) => form === "binary");

export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args, [...CONSUMER_CELLS, ...SENDER_CELLS]);
  console.log(`${machine()}\n`);
  const between = doorsOf(gatewayBundle(), await signSession({ tokenEndsInS: 3600 }));
  const main = between(mainDoor, mainDoor);
  console.log("Consumers that came in by each door; the sender by the main one.\n");
  await compare(
    {
      servers: {
        main,
        held: between(mainDoor, firstMessage),
        "Socket.IO": between(mainDoor, socketIo),
        "main again": main,
      },
      cells: CONSUMER_CELLS,
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
  console.log("\nA sender that came in by each door; its consumer by the main one.\n");
  await compare(
    {
      servers: { main, "Socket.IO": between(socketIo, mainDoor), "main again": main },
      cells: SENDER_CELLS,
      base: "main",
      control: "main again",
      ratios: [["Socket.IO", "main"]],
      told: ["main", "Socket.IO"],
    },
    options,
  );
}
