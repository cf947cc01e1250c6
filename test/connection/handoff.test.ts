// Whether what the Worker verified reaches the object whole, alone, and only from the Worker.
import { describe, expect, test } from "vitest";
import type { StreamGrants } from "../../auth/principal.ts";
import { type Handoff, readHandoff, upgradeHeaders, writeHandoff } from "../../connection/handoff.ts";
import { service } from "../support/members.ts";
import { holder } from "../support/tickets.ts";

const HEADER = "X-Sluice-Handoff";
const HANDOFF: Handoff = {
  streamId: "cam-1",
  connectionId: "c-1",
  hop: "direct",
  origin: "https://gateway.test",
  principal: { kind: "user", userId: "user-1", sessionId: "s-1" },
  issuedAtS: 1_750_000_000,
  endsAtMs: 1_795_262_400_000,
  offeredSubprotocol: true,
};

const GRANTS: StreamGrants = { operations: ["read", "write"], streams: ["cam-*"] };

/** What an object makes of a request whose header holds this text, percent-encoded. */
function readText(text: string): Handoff | undefined {
  return readHandoff(new Request("https://stream.internal/", { headers: { [HEADER]: encodeURIComponent(text) } }));
}

describe("what arrives at the object", () => {
  test.each<readonly [string, Handoff]>([
    ["a user's connection", HANDOFF],
    ["a service's connection", { ...HANDOFF, principal: service("detector", GRANTS) }],
    [
      "a key's connection, which has no session",
      { ...HANDOFF, principal: service("detector"), issuedAtS: undefined, endsAtMs: undefined },
    ],
    ["a ticket's connection", { ...HANDOFF, principal: holder() }],
    ["a bridge's connection", { ...HANDOFF, hop: "bridged" }],
    ["a user whose id is not ASCII", { ...HANDOFF, principal: { kind: "user", userId: "Ünï-😀", sessionId: "s-€" } }],
    ["a session id with quotes", { ...HANDOFF, principal: { kind: "user", userId: "u", sessionId: '"%' } }],
    ["a client that did not offer the subprotocol", { ...HANDOFF, offeredSubprotocol: false }],
  ])("%s is what the Worker wrote", (_who, handoff) => {
    expect(readHandoff(writeHandoff(handoff))).toEqual(handoff);
  });

  test("is an upgrade", () => {
    expect(writeHandoff(HANDOFF).headers.get("Upgrade")).toBe("websocket");
  });

  test("carries no header but the two that belong to it, so no credential either", () => {
    expect([...writeHandoff(HANDOFF).headers.keys()].toSorted()).toEqual(["upgrade", "x-sluice-handoff"]);
  });

  test("says nothing in its URL", () => {
    expect(writeHandoff(HANDOFF).url).toBe("https://stream.internal/");
  });
});

describe("the object takes nothing", () => {
  test("from a request without the header", () => {
    expect(readHandoff(new Request("https://stream.internal/"))).toBeUndefined();
  });

  test.each(["", "hello", "null", "[]", "5", "{", "{}"])("from a header that says %j", (text) => {
    expect(readText(text)).toBeUndefined();
  });

  test("from a header that is not percent-encoded as the Worker would", () => {
    expect(readHandoff(new Request("https://stream.internal/", { headers: { [HEADER]: "%" } }))).toBeUndefined();
  });

  test("from two headers, which arrive as one", () => {
    const { headers } = writeHandoff(HANDOFF);
    headers.append(HEADER, headers.get(HEADER) ?? "");
    expect(readHandoff(new Request("https://stream.internal/", { headers }))).toBeUndefined();
  });

  test.each([
    ["no stream", { streamId: undefined }],
    ["a stream that addresses no object", { streamId: "../x" }],
    ["no principal", { principal: undefined }],
    ["a user whose id is a service's", { principal: { kind: "user", userId: "svc:x", sessionId: "s-1" } }],
    ["no connection id", { connectionId: undefined }],
    ["a connection id that is a number", { connectionId: 5 }],
    ["no hop", { hop: undefined }],
    ["a hop that nobody knows", { hop: "proxied" }],
    ["a service without grants", { principal: { kind: "service", userId: "svc:x" } }],
    ["an end that is null", { endsAtMs: null }],
    ["no end, for a user", { endsAtMs: undefined }],
    ["no beginning, for a user", { issuedAtS: undefined }],
    ["no end, for a ticket", { principal: holder(), endsAtMs: undefined }],
    ["a ticket without an epoch", { principal: { ...holder(), epoch: undefined } }],
    ["an end that is infinite", { endsAtMs: Infinity }],
    ["an end that is a text", { endsAtMs: "1795262400000" }],
    ["no origin", { origin: undefined }],
    ["a word on the subprotocol that is a text", { offeredSubprotocol: "true" }],
  ])("from a handoff with %s", (_what, changes) => {
    expect(readText(JSON.stringify({ ...HANDOFF, ...changes }))).toBeUndefined();
  });

  test("of an origin that no host can have, which would not fit into what survives sleep", () => {
    const origin = `https://${"x".repeat(293)}`;
    expect(readText(JSON.stringify({ ...HANDOFF, origin }))).toEqual({ ...HANDOFF, origin: "" });
  });

  test("but what it knows of a handoff that says more", () => {
    expect(readText(JSON.stringify({ ...HANDOFF, token: "tok.e.n" }))).toEqual(HANDOFF);
  });
});

describe("the answer to the upgrade", () => {
  test("names the subprotocol to a client that offered it, without the token beside it", () => {
    expect(new Headers(upgradeHeaders(HANDOFF)).get("Sec-WebSocket-Protocol")).toBe("sluice.v1");
  });

  test("names none to a client that offered none, as that client would hang up", () => {
    expect(new Headers(upgradeHeaders({ ...HANDOFF, offeredSubprotocol: false })).has("Sec-WebSocket-Protocol")).toBe(
      false,
    );
  });

  test("asks that the URL be kept from other sites", () => {
    expect(new Headers(upgradeHeaders(HANDOFF)).get("Referrer-Policy")).toBe("no-referrer");
  });
});
