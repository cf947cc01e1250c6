// Addresses of clients: locally a gateway believes what they say of it, so that each can be another household.
import { randomInt } from "node:crypto";

const LOCAL_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** What the platform would say of a client somewhere; at a gateway that is deployed it says so itself. */
export function fromSomewhere({ hostname }: URL): Record<string, string> {
  const address = [10, randomInt(256), randomInt(256), randomInt(256)].join(".");
  return LOCAL_HOSTS.has(hostname) ? { "CF-Connecting-IP": address } : {};
}
