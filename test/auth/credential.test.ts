// Where a credential is looked for, in which order, and that nothing falls through.
import { describe, expect, test } from "vitest";
import {
  type CredentialPlaces,
  findAmbientCredential,
  findClaimedCredential,
  foreignSubprotocols,
  offersSubprotocol,
} from "../../auth/credential.ts";

const EVERYWHERE: CredentialPlaces = {
  query: "all",
  apiKeyHeaders: ["x-api-key", "kyutai-api-key"],
  cookiePrefix: "better-auth",
};
const FOUND = { kind: "found", token: "tok.e.n", slot: "any-token" };
const FOUND_IN_QUERY = { ...FOUND, slot: "query" };
const KEY_FOUND = { kind: "found", token: "tok.e.n", slot: "api-key" };
const ABSENT = { kind: "absent" };
const UNREADABLE = { kind: "unreadable" };

function find(headers: HeadersInit, query = "", places = EVERYWHERE): unknown {
  return findClaimedCredential(new Headers(headers), new URL(`https://gateway.test/streams/cam-1${query}`), places);
}

test("a request that carries nothing has no credential", () => {
  expect(find({})).toEqual(ABSENT);
});

describe("in Authorization", () => {
  test.each(["Bearer tok.e.n", "bearer tok.e.n", "BEARER   tok.e.n"])("%s is found", (Authorization) => {
    expect(find({ Authorization })).toEqual(FOUND);
  });

  test.each([
    "",
    "Bearer",
    "Bearer ",
    "tok.e.n",
    "Basic dXNlcjpwYXNz",
    "Bearertok.e.n",
    "Bearer tok.e.n other",
    "Bearer a,b",
    "Bearer\ttok.e.n",
    "xBearer tok.e.n",
  ])("%j is there and cannot be read", (Authorization) => {
    expect(find({ Authorization })).toEqual(UNREADABLE);
  });

  test("two lines cannot be read, even with the same token", () => {
    const headers = new Headers();
    headers.append("Authorization", "Bearer tok.e.n");
    headers.append("Authorization", "Bearer tok.e.n");
    expect(find(headers)).toEqual(UNREADABLE);
  });
});

describe("among the subprotocols", () => {
  test.each([
    ["the usual offer", "sluice.v1, bearer.tok.e.n"],
    ["an offer without spaces", "sluice.v1,bearer.tok.e.n"],
    ["an offer in the other order", "bearer.tok.e.n, sluice.v1"],
    ["the same token twice", "bearer.tok.e.n, bearer.tok.e.n"],
    ["a percent-encoded token", "sluice.v1, bearer.tok%2Ee%2en"],
  ])("%s is found", (_what, offer) => {
    expect(find({ "Sec-WebSocket-Protocol": offer })).toEqual(FOUND);
  });

  test.each([
    ["an empty token", "sluice.v1, bearer."],
    ["two different tokens", "bearer.tok.e.n, bearer.other"],
    ["a stray percent sign", "bearer.tok%"],
    ["percent-encoded bytes that are no text", "bearer.%ff"],
  ])("%s is there and cannot be read", (_what, offer) => {
    expect(find({ "Sec-WebSocket-Protocol": offer })).toEqual(UNREADABLE);
  });

  test.each(["sluice.v1", "graphql-ws", "Bearer.tok.e.n", "xbearer.tok.e.n", ""])("%j holds no credential", (offer) => {
    expect(find({ "Sec-WebSocket-Protocol": offer })).toEqual(ABSENT);
  });
});

describe("in a header for API keys", () => {
  test.each(["x-api-key", "kyutai-api-key", "X-Api-Key"])("%s is found, as a key and nothing else", (name) => {
    expect(find({ [name]: "tok.e.n" })).toEqual(KEY_FOUND);
  });

  test("white space around it is not part of it", () => {
    expect(find({ "x-api-key": "  tok.e.n " })).toEqual(KEY_FOUND);
  });

  test("the same key under two names is found", () => {
    expect(find({ "x-api-key": "tok.e.n", "kyutai-api-key": "tok.e.n" })).toEqual(KEY_FOUND);
  });

  test("two different keys cannot be read", () => {
    expect(find({ "x-api-key": "tok.e.n", "kyutai-api-key": "other" })).toEqual(UNREADABLE);
  });

  test("an empty one is there and cannot be read", () => {
    expect(find({ "x-api-key": "" })).toEqual(UNREADABLE);
  });

  test("a name that was not configured holds no credential", () => {
    expect(find({ "api-key": "tok.e.n", "x-apikey": "tok.e.n" })).toEqual(ABSENT);
  });
});

describe.each(["token", "auth_id"])("in the query as %s", (name) => {
  test("a token is found", () => {
    expect(find({}, `?${name}=tok.e.n`)).toEqual(FOUND_IN_QUERY);
  });

  test("the same token twice is found", () => {
    expect(find({}, `?${name}=tok.e.n&${name}=tok.e.n`)).toEqual(FOUND_IN_QUERY);
  });

  test.each([
    ["two tokens", "NAME=tok.e.n&NAME=other"],
    ["a token and an empty value", "NAME=tok.e.n&NAME="],
    ["an empty value and a token", "NAME=&NAME=tok.e.n"],
  ])("%s are ambiguous, since two readers could choose differently", (_what, query) => {
    expect(find({}, `?${query.replaceAll("NAME", name)}`)).toEqual({ kind: "ambiguous" });
  });

  test.each([
    ["an empty value", "?NAME="],
    ["a name alone", "?NAME"],
    ["a longer name", "?xNAME=tok.e.n"],
    ["the name as a value", "?x=NAME"],
    ["a fragment", "#NAME=tok.e.n"],
  ])("%s holds no credential", (_what, query) => {
    expect(find({}, query.replaceAll("NAME", name))).toEqual(ABSENT);
  });

  test("the name in capitals holds no credential", () => {
    expect(find({}, `?${name.toUpperCase()}=tok.e.n`)).toEqual(ABSENT);
  });

  test.each(["tickets", "none"] as const)("a token counts as absent where only %s are taken there", (query) => {
    expect(find({}, `?${name}=tok.e.n`, { ...EVERYWHERE, query })).toEqual(ABSENT);
  });

  test("even two different values count as absent where the query is not looked at", () => {
    expect(find({}, `?${name}=tok.e.n&${name}=other`, { ...EVERYWHERE, query: "none" })).toEqual(ABSENT);
  });
});

describe("in the query as ticket", () => {
  const FOUND_TICKET = { ...FOUND, slot: "ticket" };
  const at = (path: string, query: CredentialPlaces["query"] = "all"): unknown =>
    findClaimedCredential(new Headers(), new URL(path, "https://gateway.test"), { ...EVERYWHERE, query });

  test.each([
    "/streams/cam-1",
    "/streams/cam-1/frame",
    "/streams/cam-1/alerts",
    "/streams/registers",
    "/streams/register/frame",
  ])("it is found at %s, as a ticket and nothing else", (path) => {
    expect(at(`${path}?ticket=tok.e.n`)).toEqual(FOUND_TICKET);
  });

  test.each([
    "/ws",
    "/streams",
    "/streams/",
    "/streams/register",
    "/tickets",
    "/admin/streams/cam-1",
    "/",
    "/x/streams/cam-1",
  ])("it is nothing at %s", (path) => {
    expect(at(`${path}?ticket=tok.e.n`)).toEqual(ABSENT);
  });

  test("it is found where only tickets are taken there, and not where nothing is", () => {
    expect(at("/streams/cam-1?ticket=tok.e.n", "tickets")).toEqual(FOUND_TICKET);
    expect(at("/streams/cam-1?ticket=tok.e.n", "none")).toEqual(ABSENT);
  });

  test("twice with different values it is ambiguous", () => {
    expect(at("/streams/cam-1?ticket=a&ticket=b")).toEqual({ kind: "ambiguous" });
  });
});

describe("the longest credential that is looked at", () => {
  const longest = "x".repeat(8192);
  const places: readonly (readonly [string, (token: string) => unknown])[] = [
    ["Authorization", (token) => find({ Authorization: `Bearer ${token}` })],
    ["the subprotocol", (token) => find({ "Sec-WebSocket-Protocol": `bearer.${token}` })],
    ["a key header", (token) => find({ "x-api-key": token })],
    ["the query", (token) => find({}, `?token=${token}`)],
  ];

  test.each(places)("has 8192 characters in %s", (_where, search) => {
    expect(search(longest)).toMatchObject({ kind: "found", token: longest });
  });

  test.each(places)("has no character more in %s", (_where, search) => {
    expect(search(`${longest}x`)).toEqual(UNREADABLE);
  });
});

test("a longer text is not taken apart, whatever token it would come to", () => {
  expect(find({ Authorization: `Bearer ${" ".repeat(24_600)}tok.e.n` })).toEqual(UNREADABLE);
});

test("the longest token may have each of its characters percent-encoded", () => {
  expect(find({ "Sec-WebSocket-Protocol": `bearer.${"%41".repeat(8192)}` })).toEqual({
    ...FOUND,
    token: "A".repeat(8192),
  });
});

describe("of the places that hold something the first decides", () => {
  interface Place {
    readonly name: string;
    readonly header?: string;
    /** What stands there: a value of the header, or a piece of the query. */
    readonly good: string;
    readonly unreadable: string;
    readonly result: unknown;
  }
  const inOrder: readonly Place[] = [
    { name: "Authorization", header: "Authorization", good: "Bearer TOK", unreadable: "Basic x", result: UNREADABLE },
    {
      name: "the subprotocol",
      header: "Sec-WebSocket-Protocol",
      good: "bearer.TOK",
      unreadable: "bearer.",
      result: UNREADABLE,
    },
    { name: "a key header", header: "x-api-key", good: "TOK", unreadable: "", result: UNREADABLE },
    { name: "ticket in the query", good: "ticket=TOK", unreadable: "ticket=a&ticket=b", result: { kind: "ambiguous" } },
    { name: "token in the query", good: "token=TOK", unreadable: "token=a&token=b", result: { kind: "ambiguous" } },
    {
      name: "auth_id in the query",
      good: "auth_id=TOK",
      unreadable: "auth_id=a&auth_id=b",
      result: { kind: "ambiguous" },
    },
  ];

  /** What is found where one place holds this and all that follow it hold something good. */
  function findAmong(first: Place, value: string): unknown {
    const later = inOrder.slice(inOrder.indexOf(first) + 1).map(({ header, good }) => ({ header, value: good }));
    const all = [{ header: first.header, value }, ...later];
    const headers = all.flatMap(({ header, value: text }) => (header === undefined ? [] : [[header, text]]));
    const query = all.filter(({ header }) => header === undefined).map(({ value: text }) => text);
    return find(Object.fromEntries(headers) as Record<string, string>, `?${query.join("&")}`);
  }

  test.each(inOrder)("$name comes before all that follow it", (place) => {
    expect(findAmong(place, place.good.replace("TOK", "first"))).toMatchObject({ kind: "found", token: "first" });
  });

  test.each(inOrder)("$name is not passed over where it cannot be read, though all that follow are good", (place) => {
    expect(findAmong(place, place.unreadable)).toEqual(place.result);
  });
});

describe("what a browser adds by itself", () => {
  test("is the session cookie, which is told apart from what a client claims", () => {
    const headers = new Headers({ Cookie: "better-auth.session_data=tok.e.n" });
    expect(findAmbientCredential(headers, EVERYWHERE)).toEqual({ ...FOUND, slot: "cookie" });
  });

  test("is looked for under the prefix of the configuration", () => {
    const headers = new Headers({ Cookie: "better-auth.session_data=other; app.session_data=tok.e.n" });
    expect(findAmbientCredential(headers, { ...EVERYWHERE, cookiePrefix: "app" })).toEqual({
      ...FOUND,
      slot: "cookie",
    });
  });

  test("is nothing in a request without cookies", () => {
    expect(findAmbientCredential(new Headers(), EVERYWHERE)).toEqual(ABSENT);
  });

  test("cannot be read where two values stand under one name", () => {
    const headers = new Headers({ Cookie: "better-auth.session_data=a; better-auth.session_data=b" });
    expect(findAmbientCredential(headers, EVERYWHERE)).toEqual(UNREADABLE);
  });

  test("is no claim, so that it is never found among the claimed ones", () => {
    expect(find({ Cookie: "better-auth.session_data=tok.e.n" })).toEqual(ABSENT);
  });
});

describe("our subprotocol", () => {
  test.each(["sluice.v1", "bearer.tok.e.n , sluice.v1", "graphql-ws,sluice.v1"])("is offered in %j", (offer) => {
    expect(offersSubprotocol(new Headers({ "Sec-WebSocket-Protocol": offer }))).toBe(true);
  });

  test.each(["", "sluice", "sluice.v10", "Sluice.v1", "bearer.sluice.v1"])("is not offered in %j", (offer) => {
    expect(offersSubprotocol(new Headers({ "Sec-WebSocket-Protocol": offer }))).toBe(false);
  });

  test("is not offered by a request without the header", () => {
    expect(offersSubprotocol(new Headers())).toBe(false);
  });
});

test.each([
  ["chat.v1, sluice.v1, bearer.tok.e.n, chat.v2", ["chat.v1", "chat.v2"]],
  ["sluice.v1,bearer.a,bearer.b", []],
  ["Bearer.tok.e.n, BEARER.b, chat.v1", ["chat.v1"]],
  [" , chat.v1,,", ["chat.v1"]],
  ["Sluice.V1, bearers", ["Sluice.V1", "bearers"]],
  ["", []],
])("Of %j somebody else than the gateway is offered %j", (offered, foreign) => {
  expect(foreignSubprotocols(new Headers({ "Sec-WebSocket-Protocol": offered }))).toEqual(foreign);
});
