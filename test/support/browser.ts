// A real Chromium, where the machine has one; tests that need it say why they are skipped where it has none.
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Set CHROMIUM to the path of another one. */
export const chromiumPath = [process.env["CHROMIUM"], ...PLACES].find((path) => path !== undefined && existsSync(path));

export function startBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("no Chromium on this machine");
  return chromium.launch({
    executablePath: chromiumPath,
    // As root there is no sandbox to be had; the rest keeps it from asking its maker's hosts for anything.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
