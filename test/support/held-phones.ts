// A gateway for each set of variables of a file, and who comes to it: phones that the Worker holds, cameras that it does not.
import { afterAll } from "vitest";
import { Client } from "./client.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { signSession } from "./session-token.ts";

export type Start = (vars?: Record<string, string>) => Promise<Gateway>;

/** For one file: its tests of the same variables share a gateway, each on a stream of its own. */
export function gatewaysByVariables(): Start {
  const gateways = new Map<string, Promise<Gateway>>();
  afterAll(async () => {
    for (const started of await Promise.allSettled(gateways.values())) {
      if (started.status === "fulfilled") await started.value.stop();
    }
  });
  return (vars = {}) => {
    const key = JSON.stringify(vars);
    const gateway = gateways.get(key) ?? startGateway(vars);
    gateways.set(key, gateway);
    return gateway;
  };
}

export async function openPhone(url: URL, streamId: string, register: Record<string, unknown>): Promise<Client> {
  const phone = await Client.connect(new URL("/streams/register", url));
  phone.send({ type: "auth", token: await signSession() });
  await phone.next("success");
  await phone.register({ streamId, ...register });
  return phone;
}

export async function openCamera(url: URL, streamId: string, produces: string[]): Promise<Client> {
  const camera = await Client.connect(new URL(`/streams/${streamId}`, url), [
    "sluice.v1",
    `bearer.${await signSession()}`,
  ]);
  await camera.register({ produces });
  return camera;
}
