// S3, the NestJS gateway for runs: its printed clients of Socket.IO, with a key of 24 characters and the address put in.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT } from "jose";
import { createElement } from "react";
import { act, create } from "react-test-renderer";
import type { Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { keyEntry } from "../support/a-key.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { printedCode, putIn, runPrinted } from "../support/printed-client.ts";
import { openSocketIo, type SocketIoClient } from "../support/socket-io-client.ts";

const DOCUMENT = "S3-runs-socket-io-gateway.md";
/** What `devtoken` has to be instead, and the one of the backend that has the runs. */
const [FRONTEND_KEY, BACKEND_KEY] = ["frontend-Zx8Cv6Bn4Mq2Wp0Er9Ty7", "backend-Aq1Sw2De3Fr4Gt5Hy6Ju7"];
const JWT_SECRET = "the-secret-of-runs-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";
const IMPORT = 'import { io } from "socket.io-client";\n';
/** The one line that the document leaves out in places; PROTOCOL.md says why. */
const WEBSOCKET = "path: '/runs', transports: ['websocket'],";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    SOCKET_IO_PATHS: '[{"path": "/runs", "refusal": "nestjs"}]',
    // Nobody owns a run: the backend writes all of them, whoever has the key of the frontend reads them.
    STREAM_POLICY: "open",
    API_KEYS: JSON.stringify([
      keyEntry(FRONTEND_KEY, "frontend", ["read"], ["run-*", "test-*"]),
      keyEntry(BACKEND_KEY, "backend", ["write"], ["run-*", "test-*"]),
    ]),
    JWT_SECRET,
    JWT_USER_CLAIM: "userId",
  });
});
afterAll(() => gateway.stop());

const address = (): string => `http://localhost:${gateway.url.port}`;

/** Runs printed code and hands out the socket that it opened. */
async function socketOf(code: string): Promise<Socket> {
  const { socket } = await runPrinted({ "client.ts": `${code}\nexport { socket };` });
  onTestFinished(() => void (socket as Socket).disconnect());
  return socket as Socket;
}

const heard = (socket: Socket, event: string): Promise<unknown> =>
  new Promise((resolve) => void socket.once(event, resolve));

/** The backend, as a program that says what becomes of a run. */
async function backendOf(runId: string): Promise<SocketIoClient> {
  const backend = await openSocketIo(gateway.url, { path: "/runs", token: BACKEND_KEY }).connected();
  expect(await backend.ask("register", { streamId: runId, produces: ["progress"] })).toMatchObject({
    type: "success",
    userId: "key:backend",
  });
  return backend;
}

function wsToken(userId: string): Promise<string> {
  const jwt = new SignJWT({ userId, type: "ws" }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).setIssuedAt();
  return jwt.setExpirationTime("1h").sign(new TextEncoder().encode(JWT_SECRET));
}

test("The printed frontend listens to its run, with the token in payload and query", async () => {
  const code = putIn(printedCode(DOCUMENT, "// Method 1: Auth payload"), { "http://localhost:4000": address() });
  vi.stubEnv("NEXT_PUBLIC_WS_TOKEN", FRONTEND_KEY);
  const socket = await socketOf(code);
  expect(await heard(socket, "success")).toMatchObject({ streamId: "run-123", userId: "key:frontend" });
  const progress = heard(socket, "progress");
  expect(await (await backendOf("run-123")).ask("progress", { percent: 40 })).toMatchObject({ message: "Sent" });
  expect(await progress).toMatchObject({ percent: 40, userId: "key:backend", streamId: "run-123" });
});

describe("with the JWTs that the document goes on to,", () => {
  test("the printed frontend comes as its user", async () => {
    const code = putIn(printedCode(DOCUMENT, "// Your auth helper"), {
      "http://localhost:4000": address(),
      "path: '/runs',": WEBSOCKET,
      "'@/lib/auth'": "'./auth.ts'",
    });
    const helper = `export const getAuthToken = () => ${JSON.stringify(await wsToken("anna"))};`;
    const { socket } = await runPrinted({ "auth.ts": helper, "client.ts": `${code}\nexport { socket };` });
    onTestFinished(() => void (socket as Socket).disconnect());
    expect(await heard(socket as Socket, "success")).toMatchObject({ streamId: "run-123", userId: "jwt:anna" });
  });

  test("the printed component fetches its token and then listens", async () => {
    const token = await wsToken("bob");
    const auth = createServer((_request, response) => response.end(JSON.stringify({ token })));
    await new Promise<void>((resolve) => void auth.listen(0, resolve));
    onTestFinished(() => void auth.close());
    const body = putIn(printedCode(DOCUMENT, "// Fetch WebSocket token from your auth endpoint"), {
      "http://localhost:4000": address(),
      "'/auth/ws-token'": `'http://localhost:${(auth.address() as AddressInfo).port}'`,
      "path: '/runs',": WEBSOCKET,
      "useState<string | null>": "useState",
    });
    const code = `${IMPORT}import { useEffect, useState } from "react";
      export function RunView({ runId, opened }) {\n${body}\nopened(socket);\nreturn null;\n}`;
    const { RunView } = await runPrinted({ "RunView.ts": code });
    const sockets: Socket[] = [];
    onTestFinished(() => sockets.forEach((socket) => socket.disconnect()));
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    vi.spyOn(console, "error").mockImplementation(() => {}); // that react-test-renderer is deprecated
    const success = new Promise((resolve) => {
      const opened = (socket: Socket): void => {
        sockets.push(socket);
        socket.on("success", resolve);
      };
      void act(() => void create(createElement(RunView as () => null, { runId: "run-7", opened } as object)));
    });
    expect(await success).toMatchObject({ streamId: "run-7", userId: "jwt:bob" });
  });
});

describe("the document's own tests:", () => {
  test("a valid token connects", async () => {
    const printed = putIn(printedCode(DOCUMENT, "Connected successfully"), {
      "http://localhost:4000": address(),
      "path: '/runs',": WEBSOCKET,
      devtoken: FRONTEND_KEY,
    });
    const logged = new Promise((resolve) => vi.spyOn(console, "log").mockImplementation(resolve));
    await socketOf(IMPORT + printed);
    expect(await logged).toBe("Connected successfully");
  });

  test("an invalid token is `unauthorized`, and disconnected", async () => {
    const printed = printedCode(DOCUMENT, "token: 'wrong-token'");
    expect(await linesOf(printed)).toEqual([["Error:", "unauthorized"], ["Disconnected due to auth failure"]]);
  });

  test("a missing token is `unauthorized`, and disconnected", async () => {
    expect(await linesOf(printedCode(DOCUMENT, "// No token"))).toEqual([["Error:", "unauthorized"]]);
  });

  test("the default token is no key, and closes the gate where somebody lists it", async () => {
    const weak = await startGateway({ API_KEYS: "devtoken" });
    onTestFinished(() => weak.stop());
    const ready = await fetch(new URL("/ready", weak.url));
    expect([ready.status, await ready.json()]).toMatchObject([503, { problems: [{ variable: "API_KEYS" }] }]);
  });
});

/** All that the printed code logs until its socket is disconnected. */
async function linesOf(printed: string): Promise<readonly unknown[]> {
  const lines: unknown[] = [];
  vi.spyOn(console, "log").mockImplementation((...line) => void lines.push(line));
  const code = putIn(printed, { "http://localhost:4000": address(), "path: '/runs',": WEBSOCKET });
  const socket = await socketOf(IMPORT + code);
  expect(await heard(socket, "disconnect")).toBe("io server disconnect");
  expect(socket.active).toBe(false);
  return lines;
}
