// STREAM_POLICY=delegate with a real bound Worker: that it decides, and that nobody gets in where it does not.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestHarness } from "wrangler";
import { ROOT } from "../../scripts/wrangler.ts";
import { newUser } from "../conformance/contract/contract.ts";
import { keyEntry } from "../support/a-key.ts";
import { Client } from "../support/client.ts";
import { clientsOf } from "../support/clients-of.ts";
import { asGateway, type Gateway } from "../support/gateway.ts";
import { signSession, TEST_SECRET } from "../support/session-token.ts";

const KEY = "the-key-of-the-robot-0123456789";
const ADMIN_KEY = "the-operators-own-key-0123456789";
const AS_ROBOT = { "x-api-key": KEY };
const AS_ADMIN = { "x-api-key": ADMIN_KEY };
const REGISTER = { produces: ["note"], consumes: ["note"] };

let gateway: Gateway;
beforeAll(async () => {
  const API_KEYS = JSON.stringify([keyEntry(KEY, "robot", ["read", "write", "tickets"], ["*"])]);
  const secrets = { BETTER_AUTH_SECRET: TEST_SECRET };
  const harness = createTestHarness({
    root: ROOT,
    workers: [
      { configPath: "test/support/authorizer/gateway.toml", vars: { API_KEYS, ADMIN_KEY }, secrets },
      { configPath: "test/support/authorizer/wrangler.toml" },
    ],
  });
  const { url } = await harness.listen();
  gateway = asGateway(harness, url);
});
afterAll(() => gateway.stop());

const { contract, ask } = clientsOf(() => gateway);
/** Its first word tells the Worker what to say. */
const streamOf = (word: string): string => `${word}-${randomUUID()}`;
const refusalFor = async (streamId: string): Promise<unknown> =>
  contract.refusal(contract.streamUrl(streamId), { Authorization: `Bearer ${await signSession()}` });

describe.concurrent("the Worker that decides", () => {
  test("lets in on sockets of both kinds and over HTTP whom it allows", async () => {
    const streamId = streamOf("all");
    const [one, another] = [newUser(), newUser()];
    const client = await contract.connect(streamId, { userId: one });
    await client.register(REGISTER);
    const held = await Client.connect(contract.streamUrl(streamId));
    held.send({ type: "auth", token: await signSession({ userId: another }) });
    await held.next("success");
    await held.register(REGISTER);
    client.send({ type: "note", text: "hello" });
    expect(await held.next("note")).toMatchObject({ text: "hello", userId: one });
    expect(await ask("POST", `/streams/${streamId}/alerts`, another, { message: "x" })).toMatchObject({ status: 201 });
    for (const path of ["", "/alerts"]) {
      expect(await ask("GET", `/streams/${streamId}${path}`, another)).toMatchObject({ status: 200 });
    }
    expect(await ask("GET", "/streams", one)).toMatchObject({ body: { streams: [{ streamId }] } });
  });

  test("keeps out whom it does not", async () => {
    expect(await refusalFor(streamOf("none"))).toMatchObject({ status: 403, code: "UNAUTHORIZED" });
  });

  test("is told which types are to be written, and asked anew for others", async () => {
    const userId = newUser();
    const [owner, other] = await Promise.all(
      [userId, newUser()].map((id) => contract.connect(`notes-${userId}`, { userId: id })),
    );
    owner?.send({ type: "register", produces: ["alert"] });
    await owner?.nextError("UNAUTHORIZED");
    await owner?.register({ produces: ["note"] });
    other?.send({ type: "register", produces: ["note"] });
    await other?.nextError("UNAUTHORIZED");
    await other?.register({ consumes: ["note"] });
    expect(await ask("POST", `/streams/notes-${userId}/alerts`, userId, { message: "x" })).toMatchObject({
      status: 403,
    });
  });

  test.each(["hang", "throw", "nonsense", "function", "nobody knows this word"])(
    "lets nobody in where its answer is %s, and says that this may pass, in words of the gateway's own",
    async (word) => {
      const streamId = streamOf(word.replaceAll(" ", "."));
      const refused = await refusalFor(streamId);
      expect(refused).toMatchObject({ status: 503, code: "OVERLOADED", temporary: true });
      expect(JSON.stringify(refused)).not.toContain("secret");
      expect(await ask("GET", `/streams/${streamId}`, newUser())).toMatchObject({
        status: 503,
        body: { code: "OVERLOADED" },
      });
    },
  );

  test("takes back what it gave: within seconds a member is told, and receives nothing more", async () => {
    const streamId = `until-${Date.now() + 5000}-${randomUUID()}`;
    const client = await contract.connect(streamId);
    await client.register(REGISTER);
    await client.nextError("UNAUTHORIZED");
    client.send({ type: "note", ref: 1 });
    await client.nextError("NOT_REGISTERED");
    expect(await refusalFor(streamId)).toMatchObject({ status: 403 });
  });

  test("takes it back while the stream sleeps too", async () => {
    const streamId = `until-${Date.now() + 6000}-${randomUUID()}`;
    const client = await contract.connect(streamId);
    await client.register(REGISTER);
    await contract.sleep(streamId);
    await client.nextError("UNAUTHORIZED");
  });

  test("lets a program do no more than its key says, and makes it no stream", async () => {
    const [streamId, people] = [streamOf("all"), streamOf("people")];
    const robot = await Client.connect(contract.streamUrl(streamId), [], { headers: AS_ROBOT });
    robot.send({ type: "register", ...REGISTER });
    await robot.nextError("UNAUTHORIZED");
    await (await contract.connect(streamId)).register(REGISTER);
    await robot.register(REGISTER);
    const refusal = await contract.refusal(contract.streamUrl(people), AS_ROBOT);
    expect(refusal).toMatchObject({ status: 403, code: "UNAUTHORIZED" });
  });

  test("is asked by an operator too, who learns what it said, or that it said nothing", async () => {
    const explain = async (streamId: string, whom: Record<string, unknown>): Promise<unknown> =>
      ask("POST", "/explain", undefined, { streamId, operation: "read", ...whom }, AS_ADMIN);
    const whom = { principal: { kind: "user", userId: newUser() } };
    expect(await explain(streamOf("all"), whom)).toMatchObject({ body: { rule: "delegated", decision: "allow" } });
    expect(await explain(streamOf("none"), whom)).toMatchObject({ body: { rule: "delegated", decision: "deny" } });
    const unanswered = await explain(streamOf("throw"), { token: await signSession() });
    expect(unanswered).toMatchObject({ status: 200, body: { rule: "delegate-unreachable", allowed: false } });
    expect(JSON.stringify(unanswered)).not.toContain("secret");
    expect(await explain(streamOf("all"), {})).toMatchObject({ status: 400 });
  });

  test("leaves access list and deletion to the operator, and tickets to programs with the scope", async () => {
    const [streamId, userId] = [streamOf("all"), newUser()];
    await (await contract.connect(streamId, { userId })).register(REGISTER);
    const path = `/streams/${streamId}`;
    const order = { streamId, operations: ["read"] };
    expect(await ask("GET", `${path}/access`, userId)).toMatchObject({ status: 403 });
    expect(await ask("DELETE", path, userId)).toMatchObject({ status: 403 });
    expect(await ask("POST", "/tickets", userId, order)).toMatchObject({ status: 403 });
    const { body } = await ask("POST", "/tickets", undefined, order, AS_ROBOT);
    expect(await ask("GET", `${path}?ticket=${String(body["ticket"])}`, undefined)).toMatchObject({ status: 200 });
    expect(await ask("DELETE", path, undefined, undefined, AS_ADMIN)).toMatchObject({ status: 204 });
  });
});
