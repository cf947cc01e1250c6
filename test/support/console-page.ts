// The console in a real browser, as a person uses it: by labels and buttons, and by what stands on the page.
import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Browser, Page } from "playwright-core";

/** The password of everybody whom test/support/full-gateway.ts signs up. */
export const PASSWORD = "correct horse battery";

/** The color of the pixel in the middle of the picture, and the picture's size. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

export class ConsolePage {
  readonly page: Page;
  readonly #errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", ({ message }) => this.#errors.push(message));
    page.on("console", (message) => {
      // A failed request is logged by the browser itself; what the page made of it is what tests look at.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        if (!message.text().startsWith("WebSocket connection to")) this.#errors.push(message.text());
      }
    });
  }

  static async open(browser: Browser, origin: string, streamId?: string): Promise<ConsolePage> {
    // The auth server counts attempts by address, and locally believes this header.
    const address = [10, randomInt(256), randomInt(256), randomInt(256)].join(".");
    const context = await browser.newContext({ extraHTTPHeaders: { "CF-Connecting-IP": address } });
    const page = await context.newPage();
    const opened = new ConsolePage(page);
    await page.goto(streamId === undefined ? origin : `${origin}/#stream=${streamId}`);
    await page.getByLabel("Or a token").waitFor();
    return opened;
  }

  /** What went wrong in the page by itself: errors that nobody caught, and violations of its own policy. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  async signIn(email: string, password = PASSWORD): Promise<void> {
    await this.#enter(email, password, "Sign in");
  }

  async createAccount(email: string, password = PASSWORD): Promise<void> {
    await this.#enter(email, password, "Create an account");
  }

  async #enter(email: string, password: string, button: string): Promise<void> {
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: button }).click();
  }

  async pasteToken(token: string): Promise<void> {
    await this.page.getByLabel("Or a token").fill(token);
    await this.page.getByRole("button", { name: "Use it" }).click();
  }

  async watch(streamId: string): Promise<void> {
    await this.page.getByLabel("Stream", { exact: true }).fill(streamId);
    await this.page.getByRole("button", { name: "Watch" }).click();
  }

  /** Resolves once the page says that it is so. */
  async untilState(words: string): Promise<void> {
    await until(() => this.page.locator("#state").textContent(), words);
  }

  /** Resolves once a message of this kind stands there: why somebody is not signed in, or the note below the picture. */
  async untilSaid(where: "sign-in-trouble" | "note" | "account-name" | "state-detail", words: string): Promise<void> {
    await until(() => this.page.locator(`#${where}`).textContent(), words);
  }

  /** Resolves once the list holds just these, from top to bottom. */
  async untilAlerts(offsets: readonly number[]): Promise<void> {
    await until(() => this.alertOffsets(), offsets);
  }

  /** From top to bottom. */
  alertOffsets(): Promise<number[]> {
    return this.page
      .locator("#alerts > li")
      .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset["offset"])));
  }

  /** What is drawn; undefined where nothing is. */
  picture(): Promise<Picture | undefined> {
    return this.page.locator("#picture").evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { width, height } = canvas;
      if (canvas.hidden) return undefined;
      const pixel = canvas.getContext("2d")?.getImageData(width >> 1, height >> 1, 1, 1).data;
      const [red = 0, green = 0, blue = 0] = pixel ?? [];
      return { width, height, red, green, blue };
    });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 20;

async function until<T>(look: () => Promise<T>, wanted: T): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (let seen = await look(); !isDeepStrictEqual(seen, wanted); seen = await look()) {
    if (Date.now() > deadlineMs)
      throw new Error(`${JSON.stringify(seen)} stands where ${JSON.stringify(wanted)} should`);
    await pause(LOOK_EVERY_MS);
  }
}
