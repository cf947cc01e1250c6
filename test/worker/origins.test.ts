// Origins under https, as deployed: whose cookies count, and which pages may read an answer.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signSession } from "../support/session-token.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ ALLOWED_ORIGINS: "https://app.example.com,https://admin.example.com:8443" });
});
afterAll(() => gateway.stop());

/** Straight to the Worker: a request through the port arrives as http, whatever it was. */
async function ask(path: string, init: { method?: string; headers?: Record<string, string> } = {}) {
  return gateway.harness.getWorker("sluice").fetch(`https://gate.example.com${path}`, init);
}

/** The status of an upgrade with a good cookie from a page of this origin. */
async function upgradeFrom(origin: string | undefined): Promise<{ status: number; code: unknown }> {
  const headers = {
    Upgrade: "websocket",
    Cookie: `__Secure-better-auth.session_data=${await signSession()}`,
    ...(origin === undefined ? {} : { Origin: origin }),
  };
  const response = await ask("/ws?reject=http", { headers });
  if (response.status === 101) {
    response.webSocket?.accept();
    response.webSocket?.close();
    return { status: 101, code: undefined };
  }
  const { code } = (await response.json()) as { code: unknown };
  return { status: response.status, code };
}

describe("a cookie opens a socket", () => {
  test.each(["https://gate.example.com", "https://app.example.com", "https://admin.example.com:8443", undefined])(
    "for a page of %s",
    async (origin) => {
      expect(await upgradeFrom(origin)).toMatchObject({ status: 101 });
    },
  );

  test.each([
    "http://gate.example.com",
    "https://gate.example.com.evil.example",
    "https://evilgate.example.com",
    "https://GATE.example.com",
    "https://gate.example.com.",
    "https://gate.example.com:444",
    "https://user@gate.example.com",
    "https://admin.example.com",
    "https://xn--gte-hoa.example.com",
    "file://",
    "null",
  ])("for no page of %s", async (origin) => {
    expect(await upgradeFrom(origin)).toEqual({ status: 403, code: "ORIGIN_NOT_ALLOWED" });
  });
});

describe("an answer may be read", () => {
  test("by a page of an allowed origin, named exactly, with its cookies", async () => {
    const { headers } = await ask("/health", { headers: { Origin: "https://app.example.com" } });
    expect(headers.get("Access-Control-Allow-Origin")).toBe("https://app.example.com");
    expect(headers.get("Access-Control-Allow-Credentials")).toBe("true");
    expect(headers.get("Vary")).toContain("Origin");
  });

  test.each(["https://evil.example", "null"])("by no page of %s", async (origin) => {
    const { headers } = await ask("/health", { headers: { Origin: origin } });
    expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
    expect(headers.get("Vary")).toContain("Origin");
  });

  test("a preflight is answered at the gate, without a credential", async () => {
    const headers = { Origin: "https://app.example.com", "Access-Control-Request-Method": "PUT" };
    const response = await ask("/streams/cam", { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("Access-Control-Allow-Methods")).toContain("PUT");
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("https://app.example.com");
  });
});

describe("every answer of the gateway", () => {
  test.each(["/health", "/ready", "/ws", "/streams/cam", "/streams/register", "/nowhere", "/ws?token=x"])(
    "to %s is not kept and sends no referrer on",
    async (path) => {
      const { headers } = await ask(path, { headers: { Origin: "https://app.example.com" } });
      expect(headers.get("Cache-Control")).toBe("no-store");
      expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    },
  );

  test("is so too where it is a preflight's", async () => {
    const { headers } = await ask("/streams/cam", {
      method: "OPTIONS",
      headers: { Origin: "https://app.example.com" },
    });
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
  });

  test("is a problem with a code where it is a refusal", async () => {
    for (const [path, method, status, code] of [
      ["/nowhere", "GET", 404, "NOT_FOUND"],
      ["/health", "POST", 405, "METHOD_NOT_ALLOWED"],
      ["/streams/cam", "PATCH", 405, "METHOD_NOT_ALLOWED"],
      ["/ws", "GET", 426, "UPGRADE_REQUIRED"],
    ] as const) {
      const response = await ask(path, { method });
      expect(response.status).toBe(status);
      expect(response.headers.get("Content-Type")).toBe("application/problem+json");
      expect(await response.json()).toMatchObject({ code, status });
    }
  });
});
