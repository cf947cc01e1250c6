// The README's section "Socket.IO clients", followed as its reader would: its variables, its keys, its clients.
import { SignJWT } from "jose";
import type { Socket } from "socket.io-client";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { keyEntry } from "../support/a-key.ts";
import { gatewaysByVariables } from "../support/held-phones.ts";
import { codeIn, putIn, runPrinted } from "../support/printed-client.ts";
import { signSession } from "../support/session-token.ts";
import { openSocketIo } from "../support/socket-io-client.ts";

const start = gatewaysByVariables();
const [FRONTEND_KEY, BACKEND_KEY] = ["frontend-Zx8Cv6Bn4Mq2Wp0Er9Ty7", "backend-Aq1Sw2De3Fr4Gt5Hy6Ju7"];
const JWT_SECRET = "another-system-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";

/** The variables of a block of TOML. */
function variablesIn(holds: string): Record<string, string> {
  const lines = codeIn("README.md", holds).matchAll(/^(\w+) = (?:'([^']*)'|"([^"]*)")$/gm);
  return Object.fromEntries(Array.from(lines, ([, name, single, double]) => [name, single ?? double]));
}

/** Runs the printed client that listens, with a token, and hands out what it logs. */
async function listen(url: URL, token: string, options: Record<string, string> = {}): Promise<readonly unknown[][]> {
  const lines: unknown[][] = [];
  vi.spyOn(console, "log").mockImplementation((...line: unknown[]) => void lines.push(line));
  const code = putIn(codeIn("README.md", "the stream that it listens to"), {
    "https://streams.example.com": url.origin,
    ...options,
  });
  const freshToken = `const freshToken = async () => ${JSON.stringify(token)};\n`;
  const { socket } = await runPrinted({ "listener.ts": `${freshToken}${code}\nexport { socket };` });
  onTestFinished(() => void (socket as Socket).disconnect());
  return lines;
}

test("The client that sends registers, sends bytes, and is told where its alert is stored", async () => {
  const { url } = await start();
  const logged = new Promise((resolve) => vi.spyOn(console, "log").mockImplementation(resolve));
  const given = `import { io } from "socket.io-client";\nconst jpeg = new Uint8Array([1, 2, 3]);
    const token = ${JSON.stringify(await signSession())};\n`;
  const code = putIn(codeIn("README.md", "const camera = io("), { "https://streams.example.com": url.origin });
  const { camera } = await runPrinted({ "camera.ts": `${given}${code}\nexport { camera };` });
  onTestFinished(() => void (camera as Socket).disconnect());
  expect(await logged).toMatchObject({ type: "success", id: expect.any(String), offset: 1 });
  const viewer = openSocketIo(url, { token: await signSession(), query: { runId: "run-123" } });
  expect(await viewer.next("video-frame")).toMatchObject({ data: Buffer.from([1, 2, 3]) });
});

describe("from S3:", () => {
  async function startRuns(): Promise<URL> {
    const entries = [
      keyEntry(FRONTEND_KEY, "frontend", ["read"], ["run-*"]),
      keyEntry(BACKEND_KEY, "backend", ["write"], ["run-*"]),
    ];
    const printed = JSON.parse(codeIn("README.md", '"name": "frontend"')) as readonly object[];
    const hashed = { hash: expect.stringContaining("sha256:") };
    expect(printed).toEqual(entries.map((entry) => ({ ...entry, ...hashed })));
    return (await start({ ...variablesIn('"refusal": "nestjs"'), API_KEYS: JSON.stringify(entries) })).url;
  }

  test("who watches with one key hears what the program with the other says of the run", async () => {
    const url = await startRuns();
    const lines = await listen(url, FRONTEND_KEY);
    await vi.waitUntil(() => lines.length > 0, { timeout: 10_000 });
    const backend = await openSocketIo(url, { path: "/runs", token: BACKEND_KEY }).connected();
    await backend.ask("register", { streamId: "run-123", produces: ["alert"] });
    expect(await backend.ask("alert", { message: "done" })).toMatchObject({ type: "success" });
    await vi.waitUntil(() => lines.length > 1, { timeout: 10_000 });
    expect(lines).toEqual([["key:frontend listens to run-123"], [1, "done"]]);
    expect(await backend.ask("register", { streamId: "other" })).toMatchObject({ code: "ALREADY_REGISTERED" });
  });

  test("who has neither is refused by an event, as its guard does it", async () => {
    const client = openSocketIo(await startRuns(), { path: "/runs", token: "devtoken" });
    await client.connected();
    expect(await client.next("error")).toMatchObject({ data: "unauthorized" });
    expect(await client.disconnected()).toMatchObject({ active: false });
  });
});

test("who asks for a run that his key does not name is refused in S3's words", async () => {
  const key = keyEntry(FRONTEND_KEY, "frontend", ["read"], ["run-*"]);
  const { url } = await start({ ...variablesIn('"refusal": "nestjs"'), API_KEYS: JSON.stringify([key]) });
  const client = openSocketIo(url, { path: "/runs", token: FRONTEND_KEY, query: { runId: "another-123" } });
  expect(await client.next("error")).toMatchObject({ data: "forbidden" });
});

describe("from S4:", () => {
  test("the flags of `npm start` say the same as the variables", () => {
    const flags = codeIn("README.md", "SOCKET_IO_DEFAULT_STREAM:").matchAll(/--var '(\w+):([^']*)'/g);
    expect(Object.fromEntries(Array.from(flags, ([, name, value]) => [name, value]))).toEqual(
      variablesIn("SOCKET_IO_DEFAULT_STREAM = "),
    );
  });

  test("a user comes to a stream of his own, and who has no token reads its words", async () => {
    const { url } = await start({ ...variablesIn("SOCKET_IO_DEFAULT_STREAM = "), JWT_SECRET });
    const jwt = new SignJWT({ id: "anna" }).setProtectedHeader({ alg: "HS256" }).setIssuedAt().setExpirationTime("1h");
    const token = await jwt.sign(new TextEncoder().encode(JWT_SECRET));
    const own = { 'path: "/runs",': "", 'query: { runId: "run-123" },': "" };
    const lines = await listen(url, token, own);
    await vi.waitUntil(() => lines.length > 0, { timeout: 10_000 });
    expect(lines).toEqual([[`jwt:anna listens to user-${Buffer.from("jwt:anna").toString("base64url")}`]]);
    expect(await openSocketIo(url).refused()).toMatchObject({ message: "Authentication error: Token required" });
    const refused = await listen(url, "bad", own);
    await vi.waitUntil(() => refused.length > 0, { timeout: 10_000 });
    expect(refused).toEqual([["Authentication error", "AUTH_FAILED", false]]);
  });
});
