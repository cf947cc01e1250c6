// The servers that are compared: the gateway by its main door, a bare object, and the least that the contract allows.
import { readFileSync } from "node:fs";
import { signSession } from "../../test/support/session-token.ts";
import type { Door } from "../delivery/entering.ts";
import type { Bundle } from "../delivery/runtime.ts";
import { gatewayBundle, type Server, socketUrl } from "../delivery/server.ts";

/** Everybody comes in alike. */
function serverOf(bundle: Bundle, doorAt: (url: string) => Door): Server {
  return {
    bundle,
    targetAt: (url, streamId) => {
      const door = doorAt(socketUrl(url, `/streams/${streamId}`));
      return { sender: door, consumer: door };
    },
  };
}

export async function gateway(): Promise<Server> {
  const token = await signSession({ tokenEndsInS: 3600 });
  return serverOf(gatewayBundle(), (url) => ({ kind: "main", url, token }));
}

export function bareObject(compared: Server): Server {
  return besideGateway(compared, "./bare-object.js", "BareObject");
}

export function leastObject(compared: Server): Server {
  return besideGateway(compared, "./least-object.js", "LeastObject");
}

/** With the flags of the gateway, so that the runtime is the same. */
function besideGateway({ bundle }: Server, file: string, className: string): Server {
  const code = readFileSync(new URL(file, import.meta.url), "utf8");
  return serverOf({ ...bundle, code, objects: { OBJECTS: className }, vars: {} }, (url) => ({
    kind: "unguarded",
    url,
  }));
}
