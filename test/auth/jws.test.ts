// Whether a signed token is read as letter for letter as it was signed, by other people's vectors, and opened by its key alone.
import { describe, expect, test } from "vitest";
import { hasOnly, openHs256, readHeader } from "../../auth/jws.ts";
import { importHmacKey } from "../../auth/keys.ts";
import { checkTimes } from "../../auth/registered-claims.ts";
import { handMadeToken, NOW_MS, signTexts } from "../support/hostile-token.ts";
import { RFC_7515_A1 } from "../support/rfc-7515.ts";
import { TEST_SECRET } from "../support/session-token.ts";
import { vectorsOf } from "../support/wycheproof.ts";

const OTHER_SECRET = "another-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC";

/** Payloads of the vectors are no JSON objects, which is what is found only behind a right signature. */
async function accepts(jws: string, { k = "" }: JsonWebKey): Promise<boolean> {
  const read = readHeader(jws, 8192, "hs256");
  if ("reason" in read) return false;
  const secret = Buffer.from(k, "base64url");
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const opened = await openHs256(jws, [key]);
  return "reason" in opened && opened.reason === "claims-missing";
}

describe("Wycheproof's vectors of HS256", () => {
  const vectors = vectorsOf("HS256");

  test("are here", () => {
    expect(vectors).toHaveLength(35);
  });

  test.each(vectors)("$vector.tcId, $vector.comment: $vector.result", async ({ key, vector }) => {
    expect(await accepts(vector.jws, key)).toBe(vector.result === "valid");
  });
});

test("the token of RFC 7515 is opened by its own key, and by its claims it is over and says not when it began", async () => {
  const { token, key } = RFC_7515_A1;
  const secret = Buffer.from(key, "base64url");
  const imported = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const opened = await openHs256(token, [imported]);
  expect(opened).toMatchObject({ kind: "opened", payload: { iss: "joe", exp: 1_300_819_380 } });
  const payload = "payload" in opened ? opened.payload : {};
  expect(checkTimes(payload, 604_800, NOW_MS)).toEqual({ reason: "claims-missing", claim: "iat" });
  expect(checkTimes({ iat: 1_300_815_780, ...payload }, 604_800, NOW_MS)).toMatchObject({ reason: "token-expired" });
});

describe("a header", () => {
  test("is what it says, unbelieved", () => {
    const token = handMadeToken({ header: '{"alg":"none","a":1}' });
    expect(readHeader(token, 8192, "any")).toEqual({ kind: "header", header: { alg: "none", a: 1 } });
  });

  test("is not looked at in a token that is too long", () => {
    expect(readHeader("x".repeat(101), 100, "any")).toEqual({ reason: "too-long" });
  });

  test("may stand before a signature of any length where any is asked for, and of 32 bytes where HMAC is", () => {
    const token = `${handMadeToken().split(".").slice(0, 2).join(".")}.AAAA`;
    expect(readHeader(token, 8192, "any")).toHaveProperty("kind", "header");
    expect(readHeader(token, 8192, "hs256")).toEqual({ reason: "not-a-token" });
  });

  test.each([
    [{}, true],
    [{ alg: "HS256" }, true],
    [{ alg: "HS256", kid: "1" }, false],
    [JSON.parse('{"__proto__":{}}'), false],
  ])("of %j has only an alg: %j", (header, only) => {
    expect(hasOnly(header, ["alg"])).toBe(only);
  });
});

describe("a payload", () => {
  const keys = Promise.all([OTHER_SECRET, TEST_SECRET].map(importHmacKey));

  test("is what one of the keys signed, whichever", async () => {
    const token = handMadeToken({ payload: '{"reason":"none"}' });
    const [, key] = await keys;
    expect(await openHs256(token, await keys)).toEqual({ kind: "opened", payload: { reason: "none" }, key });
    expect(await openHs256(token, (await keys).slice(0, 1))).toEqual({ reason: "signature-mismatch" });
    expect(await openHs256(token, [])).toEqual({ reason: "signature-mismatch" });
  });

  test.each(["hello", "[]", "null", "5", '"text"'])("that is %s is none", async (payload) => {
    const failure = { reason: "claims-missing", claim: "payload" };
    expect(await openHs256(handMadeToken({ payload }), await keys)).toEqual(failure);
  });

  test("is not opened under another algorithm, though its signature is right", async () => {
    const header = Buffer.from('{"alg":"HS512"}').toString("base64url");
    const token = signTexts(header, "e30", { hash: "sha512" });
    expect(await openHs256(token, await keys)).toEqual({ reason: "signature-mismatch" });
  });
});
