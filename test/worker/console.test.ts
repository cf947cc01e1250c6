// How the page at `/` is served: which paths there are, under which headers, and that all others stay as they were.
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/wrangler.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

/** The path as it is written: a URL would be made from `//main.js` as from another host. */
function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(gateway.url.origin + path, { redirect: "manual", ...init });
}

const SERVED = readdirSync(`${ROOT}console`)
  .filter((file) => file !== "tsconfig.json" && file !== ".assetsignore")
  .map((file) => (file === "index.html" ? "/" : `/${file}`));

describe("each file of the console", () => {
  test.each(SERVED)("%s runs its own origin's code, talks to its own origin, and is framed by nobody", async (path) => {
    const { status, headers } = await ask(path);
    expect(status).toBe(200);
    const policy = headers.get("Content-Security-Policy")?.split("; ");
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(policy?.join()).not.toMatch(/unsafe|\*|http|data:/);
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
  });

  test.each(SERVED)(
    "%s is asked about at each load, and answered without a body where it is the same",
    async (path) => {
      const first = await ask(path);
      expect(first.headers.get("Cache-Control")).toBe("no-cache");
      const again = await ask(path, { headers: { "If-None-Match": first.headers.get("ETag") ?? "" } });
      expect(again.status).toBe(304);
      expect(await again.text()).toBe("");
      expect(again.headers.get("Content-Security-Policy")).toBe(first.headers.get("Content-Security-Policy"));
    },
  );

  test("is answered to HEAD without a body", async () => {
    const response = await ask("/", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toContain("text/html");
    expect(await response.text()).toBe("");
  });
});

describe("the gateway's own 404", () => {
  test.each([
    ["a path that nobody knows", "/nowhere", "GET"],
    ["a method that files do not have", "/", "POST"],
    ["what only the type checker reads", "/tsconfig.json", "GET"],
    ["the list of what is not served", "/.assetsignore", "GET"],
    ["another name of the page", "/index.html", "GET"],
    ["a file under a spelling that would be redirected", "/%6dain.js", "GET"],
    ["a path that looks like another host", "//main.js", "GET"],
    ["a way out of the folder", "/..%2fwrangler.toml", "GET"],
    ["an auth server where none is bound", "/api/auth/get-session", "GET"],
  ])("is the answer to %s", async (_what, path, method) => {
    const response = await ask(path, { method });
    expect(response.status).toBe(404);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(await response.json()).toMatchObject({ code: "NOT_FOUND" });
  });

  test("is the answer to an upgrade at the page's address", async () => {
    const worker = gateway.harness.getWorker("sluice");
    const response = await worker.fetch("http://gate.example.com/", { headers: { Upgrade: "websocket" } });
    expect(response.status).toBe(404);
    await response.text();
  });
});

test("the gateway's own endpoints answer as if there were no console", async () => {
  expect(await (await ask("/health")).json()).toEqual({ status: "ok" });
  expect((await ask("/ws")).status).toBe(426);
});
