// A line between a client and a gateway that can be cut and mended, as a phone's network is.
import { createServer, connect, type AddressInfo, type Socket } from "node:net";

export interface Line {
  readonly port: number;
  /** Ends what is open, without a word; until it is mended nothing comes through. */
  readonly cut: () => void;
  readonly mend: () => void;
  readonly stop: () => void;
}

/** @param gateway what stands behind it, asked anew for each connection */
export async function startLine(gateway: () => URL): Promise<Line> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const { port, hostname } = gateway();
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on("error", () => {}); // what follows is a close
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, resolve));
  const endAll = (): void => open.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      endAll();
    },
    mend: () => (isCut = false),
    stop: () => {
      endAll();
      server.close();
    },
  };
}
