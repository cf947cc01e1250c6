// Which requests open an Engine.IO connection, and in whose words the others are refused.
import { describe, expect, test } from "vitest";
import { refuseEngineRequest } from "../../../worker/edge/engine-io-request.ts";

function request(query: string, headers: Record<string, string> = { Upgrade: "websocket" }): Request {
  return new Request(`https://gateway.test/socket.io/?${query}`, { headers });
}

async function refusal(query: string, headers?: Record<string, string>): Promise<unknown> {
  const response = refuseEngineRequest(request(query, headers));
  return response && [response.status, await response.json()];
}

const TRANSPORT = { code: 0, message: "Transport unknown" };
const SESSION = { code: 1, message: "Session ID unknown" };
const REQUEST = { code: 3, message: "Bad request" };
const VERSION = { code: 5, message: "Unsupported protocol version" };

describe("a connection is opened", () => {
  test.each([
    "EIO=4&transport=websocket",
    "transport=websocket&EIO=4&runId=x&token=y&t=abc",
    "a=&EIO=4&transport=websocket",
  ])("with %s", (query) => expect(refuseEngineRequest(request(query))).toBeUndefined());

  test.each(["websocket", "WebSocket", "WEBSOCKET"])("by an upgrade to %s", (name) => {
    expect(refuseEngineRequest(request("EIO=4&transport=websocket", { upgrade: name }))).toBeUndefined();
  });
});

describe("no connection is opened", () => {
  test.each([
    ["", TRANSPORT],
    ["EIO=4", TRANSPORT],
    ["EIO=4&transport=polling", TRANSPORT],
    ["EIO=4&transport=webtransport", TRANSPORT],
    ["EIO=4&transport=WebSocket", TRANSPORT],
    ["EIO=4&transport=", TRANSPORT],
    ["EIO=4&transport=polling&transport=websocket", TRANSPORT],
    ["EIO=3&transport=polling", TRANSPORT],
    ["transport=websocket", VERSION],
    ["EIO=3&transport=websocket", VERSION],
    ["EIO=&transport=websocket", VERSION],
    ["EIO=04&transport=websocket", VERSION],
    ["EIO=5&EIO=4&transport=websocket", VERSION],
    ["eio=4&transport=websocket", VERSION],
    ["EIO=4&EIO=4&transport=websocket", REQUEST],
    ["EIO=4&EIO=3&transport=websocket", REQUEST],
    ["EIO=4&transport=websocket&transport=polling", REQUEST],
    ["EIO=4&transport=websocket&sid=abc", SESSION],
    ["EIO=4&transport=websocket&sid=", SESSION],
  ])("with %s", async (query, body) => {
    expect(await refusal(query)).toEqual([400, body]);
  });

  test("by a request that is no upgrade to a WebSocket", async () => {
    expect(await refusal("EIO=4&transport=websocket", {})).toEqual([400, REQUEST]);
    expect(await refusal("EIO=4&transport=websocket", { upgrade: "h2c" })).toEqual([400, REQUEST]);
  });
});

test("A refusal is kept by no cache", () => {
  expect(refuseEngineRequest(request(""))?.headers.get("Cache-Control")).toBe("no-store");
});
