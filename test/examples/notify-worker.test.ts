// The example that tells people: each alert is posted to an address of theirs, signed, again and again until it is taken.
import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../support/client.ts";
import { type FullGateway, startFullGateway } from "../support/full-gateway.ts";
import { signSession } from "../support/session-token.ts";

const NOTIFY_SECRET = "tests-only-notify-secret";

interface Post {
  readonly body: string;
  readonly signature: unknown;
  readonly key: unknown;
}

const posts: Post[] = [];
/** How the receiver answers, in turn; 200 once there are none left. */
const answers: number[] = [];
let receiver: Server;
let gateway: FullGateway;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      posts.push({ body, signature: request.headers["x-signature"], key: request.headers["idempotency-key"] });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  gateway = await startFullGateway({}, { NOTIFY_URL: `http://127.0.0.1:${port}/`, NOTIFY_SECRET });
});
afterAll(async () => {
  await gateway.stop();
  receiver.close();
});

test("Alerts are posted in order and signed, the one that was refused once more", async () => {
  answers.push(500);
  const protocols = ["sluice.v1", `bearer.${await signSession({ userId: "anna" })}`];
  const camera = await Client.connect(new URL("/streams/door", gateway.url), protocols);
  await camera.register({ produces: ["alert"], consumes: [] });
  for (const message of ["one", "two"]) camera.send({ type: "alert", message });
  expect(await camera.next("status")).toMatchObject({ status: "sink-error", sink: "NOTIFY" });
  // The alarm that tries it again comes after five to ten seconds.
  await expect.poll(() => posts.length, { timeout: 20_000 }).toBe(3);
  const messages = posts.map(({ body }) => JSON.parse(body) as { message: string; epoch: string; offset: number });
  expect(messages.map(({ message }) => message)).toEqual(["one", "one", "two"]);
  for (const [index, { body, signature, key }] of posts.entries()) {
    expect(signature).toBe(`sha256=${createHmac("sha256", NOTIFY_SECRET).update(body).digest("hex")}`);
    expect(key).toBe(`${messages[index]?.epoch}-${messages[index]?.offset}`);
  }
}, 40_000);
