// The page at `/` as a person meets it, in a real Chromium: signing in, seeing frames and alerts, being refused.
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readClip } from "../../examples/camera/clip.ts";
import { chromiumPath, startBrowser } from "../support/browser.ts";
import { Client } from "../support/client.ts";
import { ConsolePage } from "../support/console-page.ts";
import { type FullGateway, type SessionOfUser, startFullGateway } from "../support/full-gateway.ts";
import { startGateway } from "../support/gateway.ts";
import { startLine } from "../support/line.ts";
import { signSession } from "../support/session-token.ts";

/** A picture of one pixel, which is red. */
const RED_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
const FIRST_FRAME = readClip()[0] ?? new Uint8Array();
const JPEG = { type: "video-frame", contentType: "image/jpeg" };

/** So few that a page which missed more must read the alerts over HTTP. */
const REPLAY_MAX = 3;

describe.skipIf(chromiumPath === undefined)("the console (skipped where no Chromium is installed)", () => {
  let gateway: FullGateway;
  let browser: Browser;
  let people = 0;
  const pages: ConsolePage[] = [];
  const clients: Client[] = [];

  beforeAll(async () => {
    const vars = { AUTH_GRACE_S: "0", REPLAY_MAX: String(REPLAY_MAX), FRAME_SINKS: "" };
    [gateway, browser] = await Promise.all([startFullGateway(vars), startBrowser()]);
  });
  afterEach(async () => {
    const errors = pages.flatMap((page) => page.errors);
    await Promise.all(pages.splice(0).map((page) => page.close()));
    for (const client of clients.splice(0)) client.close();
    // Violations of its own content security policy are among them.
    if (errors.length > 0) throw new Error(`the page itself went wrong: ${errors.join("; ")}`);
  });
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
  });

  async function open(streamId?: string, port: string | number = gateway.url.port): Promise<ConsolePage> {
    const page = await ConsolePage.open(browser, `http://localhost:${port}`, streamId);
    pages.push(page);
    return page;
  }

  /** Somebody new, who is not signed in anywhere yet. */
  async function somebody(): Promise<SessionOfUser & { email: string }> {
    people += 1;
    const email = `person-${people}@example.test`;
    return { email, ...(await gateway.signUp(email)) };
  }

  /** A camera that owns the stream from now on. */
  async function camera(streamId: string, token: string, url: URL = gateway.url): Promise<Client> {
    const client = await Client.connect(new URL(`/streams/${streamId}`, url), ["sluice.v1", `bearer.${token}`]);
    clients.push(client);
    await client.register({ produces: ["video-frame", "alert"] });
    return client;
  }

  /** Publishes so many alerts; each is durable when this resolves. */
  async function raise(client: Client, count: number, message = "Somebody is there"): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      client.send({ type: "alert", message, severity: "high", ref: index });
      await client.next("success");
    }
  }

  const downFrom = (newest: number, oldest = 1): number[] =>
    Array.from({ length: newest - oldest + 1 }, (_, index) => newest - index);

  describe("signing in", () => {
    test("somebody creates an account, signs out, and signs in again", async () => {
      const page = await open();
      await page.createAccount("newcomer@example.test");
      await page.untilSaid("account-name", "newcomer@example.test");
      await page.page.getByRole("button", { name: "Sign out" }).click();
      await page.page.getByLabel("E-mail").waitFor();
      await page.signIn("newcomer@example.test");
      await page.untilSaid("account-name", "newcomer@example.test");
    });

    test("somebody who is signed in still is when the page is loaded again", async () => {
      const { email } = await somebody();
      const page = await open();
      await page.signIn(email);
      await page.untilSaid("account-name", email);
      await page.page.reload();
      await page.untilSaid("account-name", email);
    });

    test("somebody is offered the streams that he owns, the newest first", async () => {
      const { email, sessionData } = await somebody();
      for (const streamId of ["garden", "garage"]) await camera(streamId, sessionData);
      const page = await open();
      await page.signIn(email);
      await page.page.locator("#own-streams option").nth(1).waitFor({ state: "attached" });
      const offered = await page.page
        .locator("#own-streams option")
        .evaluateAll((options) => options.map((option) => option.getAttribute("value")));
      expect(offered).toEqual(["garage", "garden"]);
    });

    test("a wrong password is said in words", async () => {
      const { email } = await somebody();
      const page = await open();
      await page.signIn(email, "not the password");
      await page.untilSaid("sign-in-trouble", "Invalid email or password");
      expect(await page.page.locator("#watch").isVisible()).toBe(false);
    });

    test("a pasted token opens a stream, and is kept nowhere", async () => {
      const { sessionData } = await somebody();
      const producer = await camera("by-token", sessionData);
      await raise(producer, 1);
      const page = await open();
      await page.pasteToken(sessionData);
      await page.watch("by-token");
      await page.untilAlerts([1]);
      const kept = await page.page.evaluate(() =>
        [location.href, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join(),
      );
      expect(kept).not.toContain(sessionData);
      expect(await page.page.getByLabel("Or a token").inputValue()).toBe("");
    });

    test("a token that is not one leads back to the sign-in, with the reason", async () => {
      const page = await open("anything");
      await page.pasteToken("not (a) token");
      await page.untilSaid("sign-in-trouble", "Invalid or expired token. Sign in again.");
    });

    test("a session that ends while a stream is live leads back to the sign-in", async () => {
      const producer = await camera("short", await signSession({ userId: "short" }));
      const page = await open("short");
      await page.pasteToken(await signSession({ userId: "short", sessionEndsInMs: 4000 }));
      await page.untilState("Waiting for the producer");
      // The gateway looks at a session's end before it sends something.
      const frames = setInterval(() => producer.sendFrame(JPEG, FIRST_FRAME), 100);
      try {
        await page.untilSaid("sign-in-trouble", "The session of this connection has ended. Sign in again.");
      } finally {
        clearInterval(frames);
      }
    });

    test("without an auth server behind the gateway there is the token alone", async () => {
      const alone = await startGateway();
      const token = await signSession();
      const producer = await camera("alone", token, alone.url);
      const page = await open("alone", alone.url.port);
      await page.page.getByLabel("Or a token").waitFor();
      expect(await page.page.getByLabel("E-mail").isVisible()).toBe(false);
      await page.pasteToken(token);
      await page.untilState("Waiting for the producer");
      producer.sendFrame(JPEG, FIRST_FRAME);
      await page.untilState("Live");
      await page.close();
      await alone.stop();
    });
  });

  describe("frames", () => {
    test("that another client publishes are drawn, and the page says that it is live", async () => {
      const { email, sessionData } = await somebody();
      const producer = await camera("lawn", sessionData);
      const page = await open();
      await page.signIn(email);
      await page.watch("lawn");
      await page.untilState("Waiting for the producer");
      expect(await page.picture()).toBeUndefined();
      producer.sendFrame(JPEG, FIRST_FRAME);
      await page.untilState("Live");
      await expect.poll(() => page.picture()).toMatchObject({ width: 640, height: 360 });
      const { red = 0, green = 0, blue = 0 } = (await page.picture()) ?? {};
      expect(green, "a lawn is green").toBeGreaterThan(Math.max(red, blue));
      // No further frame: after a while it is not live any more.
      await page.untilState("Waiting for the producer");
    });

    test.each([
      ["base64 beside a content type", { data: RED_PNG, contentType: "image/png" }],
      ["a data: URL", { data: `data:image/png;base64,${RED_PNG}` }],
    ])("as JSON, with %s, are drawn too", async (_form, frame) => {
      const { sessionData } = await somebody();
      const streamId = `json-${people}`;
      const producer = await camera(streamId, sessionData);
      const page = await open(streamId);
      await page.pasteToken(sessionData);
      await page.untilState("Waiting for the producer");
      producer.send({ type: "video-frame", ...frame });
      await expect.poll(() => page.picture()).toEqual({ width: 1, height: 1, red: 255, green: 0, blue: 0 });
    });

    test("of a type that could hold a program are not drawn, and the page says so", async () => {
      const { sessionData } = await somebody();
      const producer = await camera("documents", sessionData);
      const page = await open("documents");
      await page.pasteToken(sessionData);
      await page.untilState("Waiting for the producer");
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>window.ran = 1</script></svg>';
      producer.sendFrame({ type: "video-frame", contentType: "image/svg+xml" }, Buffer.from(svg));
      await page.untilSaid("note", "Frames of the type image/svg+xml are not drawn.");
      producer.send({ type: "video-frame", data: `data:text/html;base64,${btoa("<script>window.ran = 1</script>")}` });
      await page.untilSaid("note", "Frames of the type text/html are not drawn.");
      // What only says that it is a picture is not decoded as anything else.
      producer.sendFrame(JPEG, Buffer.from(svg));
      await page.untilSaid("note", "Frames that cannot be decoded.");
      expect(await page.picture()).toBeUndefined();
      expect(await page.page.evaluate(() => "ran" in window)).toBe(false);
    });

    test("come as soon as somebody produces on a stream that nobody owned", async () => {
      const { email, sessionData } = await somebody();
      const page = await open("to-come");
      await page.signIn(email);
      await page.untilState("Waiting for the producer");
      const producer = await camera("to-come", sessionData);
      producer.sendFrame(JPEG, FIRST_FRAME);
      await raise(producer, 2);
      await page.untilState("Live");
      await page.untilAlerts([2, 1]);
    });
  });

  describe("alerts", () => {
    test("of history and live ones stand in order, each once, after the network was gone", async () => {
      const { sessionData } = await somebody();
      const producer = await camera("history", sessionData);
      await raise(producer, 2);
      const line = await startLine(() => gateway.url);
      const page = await open("history", line.port);
      let pagesRead = 0;
      page.page.on("response", (response) => (pagesRead += Number(response.url().includes("/alerts?"))));
      await page.pasteToken(sessionData);
      await page.untilAlerts([2, 1]);
      await raise(producer, 1);
      await page.untilAlerts([3, 2, 1]);

      line.cut();
      await page.untilState("Reconnecting");
      await raise(producer, REPLAY_MAX); // the gateway replays these
      line.mend();
      await page.untilState("Waiting for the producer");
      await page.untilAlerts(downFrom(6));
      expect(pagesRead, "a resume needs no history").toBe(1);

      line.cut();
      await page.untilState("Reconnecting");
      await raise(producer, REPLAY_MAX + 60); // these are too many: two pages of history
      line.mend();
      await page.untilState("Waiting for the producer");
      await raise(producer, 1);
      await page.untilAlerts(downFrom(70));
      expect(pagesRead).toBe(3);
      line.stop();
    });

    test("are read a page at a time, the newest first, and earlier ones for the asking", async () => {
      const { sessionData } = await somebody();
      const producer = await camera("long", sessionData);
      await raise(producer, 120);
      const page = await open("long");
      await page.pasteToken(sessionData);
      await page.untilAlerts(downFrom(120, 71));
      const earlier = page.page.getByRole("button", { name: "Earlier alerts" });
      await earlier.click();
      await page.untilAlerts(downFrom(120, 21));
      await earlier.click();
      await page.untilAlerts(downFrom(120));
      expect(await earlier.isVisible()).toBe(false);
    });

    test("that are the first of their stream have no earlier ones to ask for", async () => {
      const { sessionData } = await somebody();
      const producer = await camera("fresh", sessionData);
      const page = await open("fresh");
      await page.pasteToken(sessionData);
      await page.untilState("Waiting for the producer");
      await raise(producer, 2);
      await page.untilAlerts([2, 1]);
      expect(await page.page.getByRole("button", { name: "Earlier alerts" }).isVisible()).toBe(false);
    });

    test("whose words look like HTML are text, and run nothing", async () => {
      const { sessionData } = await somebody();
      const producer = await camera("words", sessionData);
      const words = '<img src=x onerror="window.ran = 1">';
      await raise(producer, 1, words);
      const page = await open("words");
      await page.pasteToken(sessionData);
      await page.untilAlerts([1]);
      await raise(producer, 1, words);
      await page.untilAlerts([2, 1]);
      expect(await page.page.locator("#alerts > li > p:first-child").allTextContents()).toEqual([words, words]);
      expect(await page.page.locator("#alerts img").count()).toBe(0);
      expect(await page.page.evaluate(() => "ran" in window)).toBe(false);
    });
  });

  describe("being refused", () => {
    test("a stream of somebody else says that there is no permission", async () => {
      const [owner, other] = [await somebody(), await somebody()];
      const producer = await camera("private", owner.sessionData);
      await raise(producer, 1);
      const page = await open();
      await page.signIn(other.email);
      await page.watch("private");
      await page.untilState("No permission");
      expect(await page.alertOffsets()).toEqual([]);
    });

    test("who waited for a stream that somebody else then took sees nothing of it", async () => {
      const [owner, other] = [await somebody(), await somebody()];
      const page = await open("taken");
      await page.signIn(other.email);
      await page.untilState("Waiting for the producer");
      const producer = await camera("taken", owner.sessionData);
      producer.sendFrame(JPEG, FIRST_FRAME);
      await page.untilState("No permission");
      expect(await page.picture()).toBeUndefined();
    });

    test("a stream that is deleted while it is watched is not found any more", async () => {
      const { sessionData } = await somebody();
      await camera("deleted", sessionData);
      const page = await open("deleted");
      await page.pasteToken(sessionData);
      await page.untilState("Waiting for the producer");
      const headers = { Authorization: `Bearer ${sessionData}` };
      await fetch(new URL("/streams/deleted", gateway.url), { method: "DELETE", headers });
      await page.untilState("Refused");
    });

    test("a name that no stream can have is not asked for", async () => {
      const page = await open("..");
      const sockets: string[] = [];
      page.page.on("websocket", (socket) => sockets.push(socket.url()));
      await page.pasteToken(await signSession());
      await page.untilState("No stream");
      // Another one is asked for, so the first would have been too.
      await page.watch("some-stream");
      await page.untilState("Waiting for the producer");
      expect(sockets).toEqual([expect.stringContaining("/streams/some-stream")]);
    });
  });

  test("the policy lets nothing run but the page's own files", async () => {
    const page = await open();
    const violated = await page.page.evaluateHandle(() => {
      const directives = new Set<string>();
      document.addEventListener("securitypolicyviolation", (event) => directives.add(event.effectiveDirective));
      const attempts: (() => unknown)[] = [
        () => fetch("http://127.0.0.1:9/"),
        () => (new Image().src = "http://127.0.0.1:9/x.png"),
        () => (document.body.innerHTML = "<p>"),
        () => document.forms[0]?.submit(),
      ];
      // What each of them comes to is told by the event alone.
      for (const attempt of attempts) Promise.try(attempt).catch(() => {});
      return directives;
    });
    // As text, or the test runner would make it its own import.
    await page.page.evaluate('import("data:text/javascript,window.ran=1").catch(() => {})');
    await expect
      .poll(() => violated.evaluate((directives) => [...directives].toSorted()))
      .toEqual(["connect-src", "form-action", "img-src", "require-trusted-types-for", "script-src-elem"]);
    expect(await page.page.evaluate(() => "ran" in window)).toBe(false);
    // These were ours, not the page's.
    expect(page.errors.length).toBeGreaterThan(0);
    pages.splice(pages.indexOf(page), 1);
    await page.close();
  });
});
