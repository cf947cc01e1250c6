// S0, the Bun server with tokens at the upgrade: its printed clients, unchanged, against /ws.
import { createElement } from "react";
import { act, create, type ReactTestRenderer } from "react-test-renderer";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Client } from "../support/client.ts";
import { type FullGateway, type SessionOfUser, startFullGateway } from "../support/full-gateway.ts";
import { printedCode, putIn, runPrinted } from "../support/printed-client.ts";

const DOCUMENT = "S0-bun-websocket-server.md";

let gateway: FullGateway;
let user: SessionOfUser;
beforeAll(async () => {
  gateway = await startFullGateway();
  user = await gateway.signUp("s0@example.test");
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
});
afterAll(() => gateway.stop());
beforeEach(() => {
  vi.restoreAllMocks();
  // Its successors need a DOM; the printed components only need effects.
  vi.spyOn(console, "error").mockImplementation((text: unknown) => {
    if (!String(text).startsWith("react-test-renderer is deprecated")) throw new Error(String(text));
  });
});

const host = (): string => gateway.url.host;

/** What the printed code logs once the gateway has answered its `register`. */
function logged(text: string): Promise<unknown> {
  return new Promise((resolve) => {
    vi.spyOn(console, "log").mockImplementation((first: unknown, second: unknown) => {
      if (first === text) resolve(second);
    });
  });
}

async function registered(socket: WebSocket): Promise<unknown> {
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  const answer = new Promise((resolve) =>
    socket.addEventListener("message", ({ data }) => resolve(JSON.parse(String(data))), { once: true }),
  );
  socket.send(JSON.stringify({ type: "register", streamId: "s0-methods", clientType: "mobile" }));
  const message = await answer;
  socket.close();
  return message;
}

describe("the three methods of passing a token", () => {
  test("in the query", async () => {
    const code = putIn(printedCode(DOCUMENT, 'const token = "user-session-token-from-better-auth"'), {
      "localhost:3000": host(),
      "user-session-token-from-better-auth": user.sessionToken,
    });
    const { ws } = await runPrinted({ "method-1.ts": `${code}\nexport { ws };` });
    expect(await registered(ws as WebSocket)).toMatchObject({ type: "success", userId: user.userId });
  });

  test("in the Authorization header", async () => {
    // The block stands alone in one method and inside others; this one begins with the socket.
    const code = putIn(printedCode(DOCUMENT, "Authorization: `Bearer ${token}`"), { "localhost:3000": host() });
    const { ws } = await runPrinted({
      "method-2.ts": `const token = ${JSON.stringify(user.sessionToken)};\n${code}\nexport { ws };`,
    });
    expect(await registered(ws as WebSocket)).toMatchObject({ type: "success", userId: user.userId });
  });

  test("in the cookie that a browser sends by itself", async () => {
    const code = printedCode(DOCUMENT, "// Cookie is automatically sent by the browser");
    expect(code).toContain('new WebSocket("ws://localhost:3000/ws")');
    const headers = { Cookie: user.cookie, Origin: gateway.url.origin };
    const client = await Client.connect(new URL("/ws", gateway.url), [], { headers });
    expect(await client.register({ streamId: "s0-methods" })).toMatchObject({ userId: user.userId });
  });
});

describe("the printed components", () => {
  test("the React page registers and hears its success", async () => {
    const code = putIn(printedCode(DOCUMENT, "export function VideoStream"), {
      "localhost:3000": host(),
      "my-stream-id": "s0-react",
    });
    const session = `const getSessionToken = () => ${JSON.stringify(user.sessionToken)};\n`;
    const { VideoStream } = await runPrinted({ "VideoStream.tsx": session + code });
    const heard = logged("Received:");
    const page = await mount(() => createElement(VideoStream as () => null));
    expect(await heard).toMatchObject({ type: "success", streamId: "s0-react", userId: user.userId });
    await act(() => page.unmount());
  });

  test("the React Native hook registers a stream of its own and gets the alerts on it", async () => {
    const code = putIn(printedCode(DOCUMENT, "export function useWebSocketConnection"), {
      "ws://your-server.com": gateway.url.href.replace("http", "ws").replace(/\/$/, ""),
      "stream-${Date.now()}": "s0-native",
    });
    const { useWebSocketConnection } = await runPrinted({ "hook.ts": code });
    const alert = logged("Alert:");
    const use = useWebSocketConnection as (token: string) => void;
    const phone = await mount(() => createElement(() => (use(user.sessionToken), null)));
    const model = await Client.connect(new URL("/streams/s0-native", gateway.url), [
      "sluice.v1",
      `bearer.${user.sessionData}`,
    ]);
    await model.register({ produces: ["alert"], consumes: ["presence"] });
    // Until the phone has registered nobody consumes; so it is told again, under one id for the log.
    const tell = setInterval(() => model.send({ type: "alert", message: "Somebody is at the door" }), 50);
    expect(await alert).toMatchObject({ type: "alert", message: "Somebody is at the door" });
    clearInterval(tell);
    await act(() => phone.unmount());
  });
});

test("a token that is none is refused as the document says", async () => {
  await expect(Client.connect(new URL("/ws?token=abc123", gateway.url))).rejects.toThrow("refused with 401");
  await expect(Client.connect(new URL("/ws", gateway.url))).rejects.toThrow("refused with 401");
});

async function mount(element: () => ReturnType<typeof createElement>): Promise<ReactTestRenderer> {
  let mounted: ReactTestRenderer | undefined;
  await act(() => void (mounted = create(element())));
  if (mounted === undefined) throw new Error("the component did not mount");
  return mounted;
}
