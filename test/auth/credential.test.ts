// Where a credential is looked for, in which order, and that nothing falls through.
import { describe, expect, test } from "vitest";
import { type CredentialPlaces, findCredential, offersSubprotocol } from "../../auth/credential.ts";

const EVERYWHERE: CredentialPlaces = { query: "all" };
const FOUND = { kind: "found", token: "tok.e.n" };
const ABSENT = { kind: "absent" };
const UNREADABLE = { kind: "unreadable" };

function find(headers: HeadersInit, query = "", places = EVERYWHERE): unknown {
  return findCredential(new Headers(headers), new URL(`https://gateway.test/streams/cam-1${query}`), places);
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

describe("in the query", () => {
  test("a token is found", () => {
    expect(find({}, "?token=tok.e.n")).toEqual(FOUND);
  });

  test("the same token twice is found", () => {
    expect(find({}, "?token=tok.e.n&token=tok.e.n")).toEqual(FOUND);
  });

  test.each(["?token=tok.e.n&token=other", "?token=tok.e.n&token=", "?token=&token=tok.e.n"])(
    "%s is ambiguous, since two readers could choose differently",
    (query) => {
      expect(find({}, query)).toEqual({ kind: "ambiguous" });
    },
  );

  test.each(["?token=", "?token", "?Token=tok.e.n", "?x=token", "#token=tok.e.n"])(
    "%s holds no credential",
    (query) => {
      expect(find({}, query)).toEqual(ABSENT);
    },
  );

  test.each(["tickets", "none"] as const)("a token counts as absent where only %s are taken there", (query) => {
    expect(find({}, "?token=tok.e.n", { query })).toEqual(ABSENT);
  });
});

describe("the first place that holds something decides", () => {
  test("the header comes before the subprotocol and the query", () => {
    const headers = { Authorization: "Bearer tok.e.n", "Sec-WebSocket-Protocol": "bearer.second" };
    expect(find(headers, "?token=third")).toEqual(FOUND);
  });

  test("the subprotocol comes before the query", () => {
    expect(find({ "Sec-WebSocket-Protocol": "bearer.tok.e.n" }, "?token=second")).toEqual(FOUND);
  });

  test("a header that cannot be read is not passed over for a good subprotocol", () => {
    const headers = { Authorization: "Basic x", "Sec-WebSocket-Protocol": "bearer.tok.e.n" };
    expect(find(headers, "?token=tok.e.n")).toEqual(UNREADABLE);
  });

  test("a subprotocol that cannot be read is not passed over for a good query", () => {
    expect(find({ "Sec-WebSocket-Protocol": "bearer." }, "?token=tok.e.n")).toEqual(UNREADABLE);
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
