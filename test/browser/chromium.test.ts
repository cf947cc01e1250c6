// What a page in a real Chromium can see and do: read a refusal, use its own cookie, and not use somebody else's.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, startBrowser } from "../support/browser.ts";
import { type FullGateway, startFullGateway } from "../support/full-gateway.ts";

/** What a page saw of a socket: every message, then how it was closed, or what it got before it had enough. */
interface Seen {
  readonly messages: readonly Record<string, unknown>[];
  readonly code: number | undefined;
}

describe.skipIf(chromiumPath === undefined)("in a browser (skipped where no Chromium is installed)", () => {
  let gateway: FullGateway;
  let browser: Browser;
  /** A page of another site on the same host, which gets the host's cookies all the same: ports do not part them. */
  const foreignSite = createServer((_request, response) => response.end("<!doctype html><title>Another site</title>"));

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startFullGateway(), startBrowser()]);
    await new Promise<void>((resolve) => void foreignSite.listen(0, resolve));
  });
  afterAll(async () => {
    foreignSite.close();
    await browser.close();
    await gateway.stop();
  });

  const onLocalhost = (port: string | number): string => `http://localhost:${port}`;
  const gate = (): string => onLocalhost(gateway.url.port);

  /** A page of the gateway's own origin, whose user signed up there. */
  async function signedInPage(email: string): Promise<{ page: Page; userId: string }> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${gate()}/health`);
    const userId = await page.evaluate(async (address) => {
      const response = await fetch("/api/auth/sign-up/email", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ name: "A page", email: address, password: "correct horse battery" }),
      });
      return ((await response.json()) as { user: { id: string } }).user.id;
    }, email);
    return { page, userId };
  }

  /** Opens a socket in the page, sends a message once it is open, and looks until it is closed or has had so many. */
  function look(page: Page, url: string, protocols: string[], message: unknown, enough: number): Promise<Seen> {
    return page.evaluate(
      ([target, subprotocols, first, limit]) =>
        new Promise<Seen>((resolve) => {
          const messages: Record<string, unknown>[] = [];
          const socket = new WebSocket(target, subprotocols);
          socket.addEventListener("open", () => socket.send(JSON.stringify(first)));
          socket.addEventListener("message", ({ data }) => {
            messages.push(JSON.parse(data as string) as Record<string, unknown>);
            if (messages.length >= limit) resolve({ messages, code: undefined });
          });
          socket.addEventListener("close", ({ code }) => resolve({ messages, code }));
        }),
      [url, protocols, message, enough] as const,
    );
  }

  const socketUrl = (path: string): string => `${gate().replace("http", "ws")}${path}`;
  const REGISTER = { type: "register", streamId: "of-a-page", produces: ["video-frame"] };

  test("a page signs up through the gate and opens a socket with the cookie that it cannot read", async () => {
    const { page, userId } = await signedInPage("page@example.test");
    expect(await page.evaluate(() => document.cookie)).toBe("");
    const seen = await look(page, socketUrl("/ws"), [], REGISTER, 1);
    expect(seen.messages).toMatchObject([{ type: "success", userId, streamId: "of-a-page" }]);
  });

  test("a page reads why it was refused, which a failed upgrade would hide", async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${gate()}/health`);
    const refused = await look(page, socketUrl("/ws"), ["sluice.v1", "bearer.not-a-token"], REGISTER, 9);
    expect(refused).toMatchObject({ messages: [{ type: "error", code: "AUTH_FAILED", reauth: true }], code: 1008 });
    const hidden = await look(page, socketUrl("/ws?reject=http"), ["sluice.v1", "bearer.not-a-token"], REGISTER, 9);
    expect(hidden).toEqual({ messages: [], code: 1006 });
  });

  test("a page of another site cannot use the cookie of the user who looks at it", async () => {
    const { page } = await signedInPage("victim@example.test");
    await page.goto(onLocalhost((foreignSite.address() as AddressInfo).port));
    const seen = await look(page, socketUrl("/ws"), [], REGISTER, 9);
    expect(seen).toMatchObject({ messages: [{ type: "error", code: "ORIGIN_NOT_ALLOWED" }], code: 1008 });
    const byMessage = await look(page, socketUrl("/streams/of-a-victim"), [], REGISTER, 1);
    expect(byMessage.messages).toMatchObject([{ type: "error", code: "AUTH_REQUIRED" }]);
  });
});
