// S4, DrunkDial: its printed login hands its JWT to a client of Socket.IO, which names no stream and is refused in its words.
import { SignJWT } from "jose";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { printedCode, putIn, runPrinted } from "../support/printed-client.ts";
import { openSocketIo } from "../support/socket-io-client.ts";

const DOCUMENT = "S4-drunkdial-socket-io.md";
const JWT_SECRET = "the-secret-of-calls-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";

/** What its server says to whom it refuses: without a token, with a bad one. */
const [missing = "", invalid = ""] = Array.from(
  printedCode(DOCUMENT, "this.io.use(").matchAll(/next\(new Error\("([^"]+)"\)\)/g),
  ([, text = ""]) => text,
);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    JWT_SECRET,
    SOCKET_IO_PATHS: JSON.stringify([{ path: "/socket.io", texts: { missing, invalid } }]),
    SOCKET_IO_DEFAULT_STREAM: "user-{userId}",
    AUTH_GRACE_S: "0",
  });
});
afterAll(() => gateway.stop());

/** As `jwt.sign({ id }, process.env.JWT_SECRET, { expiresIn })` makes it. */
function jwtOf(id: string, expiresIn = "1h"): Promise<string> {
  const jwt = new SignJWT({ id }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).setIssuedAt();
  return jwt.setExpirationTime(expiresIn).sign(new TextEncoder().encode(JWT_SECRET));
}

/** The class that the document only names, as it describes it: the token goes into the handshake's auth object. */
class DrunkDialClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  connect(): void {
    const socket = io(this.#url, { auth: { token: this.#token }, transports: ["websocket"], forceNew: true });
    onTestFinished(() => void socket.disconnect());
    connected(socket);
  }
}

let connected: (socket: Socket) => void = () => {};

/** Logs in by the printed function, at a server that answers with this token. */
async function loginWith(token: string): Promise<Socket> {
  const code = putIn(printedCode(DOCUMENT, "async function loginUser"), { "http://localhost": gateway.url.origin });
  const stored = new Map<string, string>();
  vi.stubGlobal("DrunkDialClient", DrunkDialClient);
  vi.stubGlobal("localStorage", { setItem: (name: string, value: string) => void stored.set(name, value) });
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ token })));
  onTestFinished(() => void vi.unstubAllGlobals());
  const { loginUser } = await runPrinted({ "login.ts": `${code}\nexport { loginUser };` });
  const opened = new Promise<Socket>((resolve) => (connected = resolve));
  await (loginUser as (email: string, password: string) => Promise<void>)("anna@example.test", "secret");
  expect(stored.get("authToken")).toBe(token);
  return opened;
}

const heard = (socket: Socket, event: string): Promise<unknown> =>
  new Promise((resolve) => void socket.once(event, resolve));

test("The document's two refusals were found in it", () => {
  expect([missing, invalid]).toEqual(["Authentication error: Token required", "Authentication error"]);
});

test("Who logged in comes to a stream of his own, as the user that his token names", async () => {
  const socket = await loginWith(await jwtOf("anna"));
  const streamId = `user-${Buffer.from("jwt:anna").toString("base64url")}`;
  expect(await heard(socket, "success")).toMatchObject({ userId: "jwt:anna", streamId });
});

test("His phone and his laptop hear each other, though his tokens name no session", async () => {
  const phone = await loginWith(await jwtOf("bob"));
  await heard(phone, "success");
  const laptop = openSocketIo(gateway.url, { token: await jwtOf("bob") });
  await laptop.connected();
  const call = heard(phone, "call");
  expect(await laptop.ask("call", { to: "nobody" })).toMatchObject({ message: "Sent" });
  expect(await call).toMatchObject({ to: "nobody", userId: "jwt:bob" });
});

describe("who is refused reads the document's words", () => {
  test.each([
    ["without a token", undefined, missing],
    ["with one that is none", "abc", invalid],
    ["with one of another secret", "", invalid],
  ])("%s", async (_what, token, message) => {
    const foreign = new SignJWT({ id: "anna" }).setProtectedHeader({ alg: "HS256" }).setIssuedAt();
    const signed = await foreign.setExpirationTime("1h").sign(new TextEncoder().encode("x".repeat(32)));
    const client = openSocketIo(gateway.url, { auth: { token: token === "" ? signed : token } });
    expect(await client.refused()).toMatchObject({ message, active: false });
  });
});

test("Whose token ends is disconnected, refused with it, and gets in with a newer one", async () => {
  const client = await openSocketIo(gateway.url, { token: await jwtOf("carol", "3s") }).connected();
  await client.next("success");
  const talk = setInterval(() => client.send("call", {}), 50);
  expect(await client.nextError("TOKEN_EXPIRED")).toMatchObject({ reauth: true });
  clearInterval(talk);
  expect(await client.disconnected()).toMatchObject({ reason: "transport close", active: true });
  const refused = await client.refused();
  expect(refused).toMatchObject({ message: invalid, data: { code: "AUTH_FAILED", reason: "expired" }, active: false });
  client.socket.auth = { token: await jwtOf("carol") };
  client.socket.connect();
  await client.connected();
});
