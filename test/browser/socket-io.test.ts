// The browser build of socket.io-client in a real Chromium: what a page of the gate's own, and one of another site, gets.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { io as Io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, startBrowser } from "../support/browser.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signSession } from "../support/session-token.ts";

const BUILD = join(dirname(createRequire(import.meta.url).resolve("socket.io-client/package.json")), "dist");

interface Options {
  readonly token?: string;
  readonly transports?: readonly string[];
}

/** What a page heard: its first word of the stream, with bytes as a list, or why it was refused. */
interface Heard {
  readonly success?: Record<string, unknown>;
  readonly frame?: readonly number[];
  readonly refused?: { readonly message: string; readonly data?: Record<string, unknown>; readonly active: boolean };
}

describe.skipIf(chromiumPath === undefined)("in a browser (skipped where no Chromium is installed)", () => {
  let gateway: Gateway;
  let browser: Browser;
  const foreignSite = createServer((_request, response) => response.end("<!doctype html><title>Another site</title>"));

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startGateway(), startBrowser()]);
    await new Promise<void>((resolve) => void foreignSite.listen(0, resolve));
  });
  afterAll(async () => {
    foreignSite.close();
    await browser.close();
    await gateway.stop();
  });

  const gate = (): string => `http://localhost:${gateway.url.port}`;

  /** A page whose browser has this session's cookie for the gate. */
  async function openPage(url: string, userId: string): Promise<Page> {
    const context = await browser.newContext();
    const value = await signSession({ userId });
    await context.addCookies([{ name: "better-auth.session_data", value, url: gate(), httpOnly: true }]);
    await context.addInitScript(readFileSync(join(BUILD, "socket.io.min.js"), "utf8"));
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  /** Connects, registers a stream, and sends itself bytes through a second socket of the page. */
  function connect(page: Page, { token, transports = ["websocket"] }: Options = {}): Promise<Heard> {
    return page.evaluate(
      ([target, auth, ways]) => {
        const { io } = globalThis as unknown as { readonly io: typeof Io };
        const open = (): ReturnType<typeof io> =>
          io(target, { auth, transports: [...ways], forceNew: true, reconnection: false });
        const camera = open();
        return new Promise<Heard>((resolve) => {
          camera.on("connect_error", (error: Error & { data?: Record<string, unknown> }) => {
            const { message, data } = error;
            resolve({ refused: { message, active: camera.active, ...(data === undefined ? {} : { data }) } });
          });
          camera.on("connect", async () => {
            const streamId = `of-a-page-${Date.now()}`;
            const success = (await camera.emitWithAck("register", {
              streamId,
              produces: ["video-frame"],
            })) as Record<string, unknown>;
            const viewer = open();
            await viewer.emitWithAck("register", { streamId, consumes: ["*"] });
            viewer.on("video-frame", ({ data }: { readonly data: ArrayBuffer }) =>
              resolve({ success, frame: [...new Uint8Array(data)] }),
            );
            camera.emit("video-frame", { data: new Uint8Array([1, 2, 3]) });
          });
        });
      },
      [gate(), token === undefined ? {} : { token }, transports] as const,
    );
  }

  test("a page of the gate's own comes with its cookie alone, and sends bytes", async () => {
    const page = await openPage(`${gate()}/health`, "by-cookie");
    const heard = await connect(page);
    expect(heard).toMatchObject({ success: { type: "success", userId: "by-cookie" }, frame: [1, 2, 3] });
  });

  test("a page of another site has no cookie here, and gets in with a token", async () => {
    const page = await openPage(`http://localhost:${(foreignSite.address() as AddressInfo).port}`, "victim");
    const { refused } = await connect(page);
    expect(refused).toMatchObject({ message: "unauthorized", data: { code: "AUTH_REQUIRED" }, active: false });
    const heard = await connect(page, { token: await signSession({ userId: "by-token" }) });
    expect(heard).toMatchObject({ success: { userId: "by-token" }, frame: [1, 2, 3] });
  });

  test("a page that begins with polling is told by its error that this is not spoken", async () => {
    const page = await openPage(`${gate()}/health`, "polling");
    const { refused } = await connect(page, { transports: ["polling", "websocket"] });
    expect(refused).toMatchObject({ message: "xhr poll error" });
  });
});
