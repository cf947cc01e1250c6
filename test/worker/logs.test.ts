// What the gateway writes to its log while strangers do their worst: nothing of theirs.
import { expect, test } from "vitest";
import { Client, Refused } from "../support/client.ts";
import { startFullGateway } from "../support/full-gateway.ts";
import { signSession } from "../support/session-token.ts";

test("no token, no path, no text of an exception", async () => {
  const gateway = await startFullGateway();
  const token = await signSession({ userId: "log-reader" });
  const forged = await signSession({ secret: "another-Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA" });
  const url = (query: string): URL => new URL(`/streams/private-stream?${query}`, gateway.url);

  await expect(Client.connect(url(`token=${forged}`))).rejects.toEqual(new Refused(401));
  await expect(Client.connect(url("token=%00%ff"))).rejects.toEqual(new Refused(401));
  const camera = await Client.connect(url(`token=${token}`));
  await camera.register({ produces: ["video-frame"] });
  for (const bad of ["{", '{"type":"x y"}']) camera.send(bad);
  camera.socket.send(Buffer.from([1, 0, 255, 255]));
  camera.sendFrame({ type: "video-frame" }, new Uint8Array(200));
  camera.send({ type: "video-frame", data: "not base64!" });
  await camera.nextError("UNKNOWN_TYPE");
  await fetch(new URL("/api/auth/get-session", gateway.url), {
    headers: { Cookie: `better-auth.session_token=${token}` },
  });
  await camera.caughtUp();
  // Ends the connection, as any bad token on a live one.
  camera.send('{"type":"auth","token":"a-secret-token"}');
  await camera.nextError("AUTH_FAILED");
  await camera.closed();

  const log = gateway.harness
    .getLogs()
    .map((entry) => JSON.stringify(entry))
    .join("\n");
  for (const secret of [token, forged]) expect(log).not.toContain(secret.slice(30, 60));
  expect(log).not.toMatch(/a-secret-token|\/streams\/|Error|at \w+ \(|\.ts:|\/worker\//);
  await gateway.stop();
});
