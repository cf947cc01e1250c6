// Whether the session token's verifier refuses every token that is not letter for letter what Better Auth writes.
import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Verification } from "../../../auth/verifier.ts";
import { sessionJwtVerifier } from "../../../auth/verifiers/session-jwt.ts";
import {
  claims,
  encode,
  GOOD_HEADER,
  handMadeToken,
  otherTextsOfSameBytes,
  signTexts,
} from "../../support/hostile-token.ts";
import { occasionAt } from "../../support/occasion.ts";
import { TEST_SECRET } from "../../support/session-token.ts";
import { timedKey } from "../../support/timed-key.ts";

const GOOD = handMadeToken();
const [HEADER = "", PAYLOAD = "", SIGNATURE = ""] = GOOD.split(".");

const RULES = { cacheVersion: "1", maxTokenLifetimeS: 604_800 };
const verifier = sessionJwtVerifier([await timedKey(TEST_SECRET)], RULES, new Set(["session-jwt"]));

function verify(token: string): Promise<Verification> {
  return verifier(token, occasionAt());
}

test("takes a good token made by hand, so that the refusals below are not for how they are made", async () => {
  expect(await verify(GOOD)).toMatchObject({ kind: "verified" });
});

test("takes the longest token that is looked at", async () => {
  const longest = tokenOfLength(16_384);
  expect([longest.length, await verify(longest)]).toEqual([16_384, expect.objectContaining({ kind: "verified" })]);
});

describe("refuses for its header", () => {
  test.each([
    ["alg none beside a right signature", '{"alg":"none"}'],
    ["alg HS384 beside a signature of HS256", '{"alg":"HS384"}'],
    ["alg HS512 beside a signature of HS256", '{"alg":"HS512"}'],
    ["alg RS256 beside a signature of HS256", '{"alg":"RS256"}'],
    ["alg in small letters", '{"alg":"hs256"}'],
    ["alg with a space", '{"alg":"HS256 "}'],
    ["alg in a list", '{"alg":["HS256"]}'],
    ["alg null", '{"alg":null}'],
    ["no alg", "{}"],
    ["alg inherited", '{"__proto__":{"alg":"HS256"}}'],
    ["a typ", '{"alg":"HS256","typ":"JWT"}'],
    ["a kid", '{"alg":"HS256","kid":"1"}'],
    ["a kid that is a path", '{"alg":"HS256","kid":"../../dev/null"}'],
    ["a key of its own", '{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}'],
    ["an address of keys", '{"alg":"HS256","jku":"https://evil.test/jwks.json"}'],
    ["a certificate's address", '{"alg":"HS256","x5u":"https://evil.test/cert.pem"}'],
    ["a crit", '{"alg":"HS256","crit":["exp"],"exp":1}'],
    ["an empty crit", '{"alg":"HS256","crit":[]}'],
    ["a payload that is not base64", '{"alg":"HS256","b64":false,"crit":["b64"]}'],
    ["a compressed payload", '{"alg":"HS256","zip":"DEF"}'],
    ["an own __proto__", '{"alg":"HS256","__proto__":null}'],
    ["a list for a header", '["HS256"]'],
    ["null for a header", "null"],
    ["text that is not JSON", "alg=HS256"],
    ["a byte order mark", `\uFEFF${GOOD_HEADER}`],
  ])("a token with %s", async (_what, header) => {
    expect(await verify(handMadeToken({ header }))).toEqual({ reason: "header-refused" });
  });

  test("a token whose header is not UTF-8", async () => {
    const header = encode(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]));
    expect(await verify(signTexts(header, PAYLOAD))).toEqual({ reason: "header-refused" });
  });
});

describe("refuses for its form", () => {
  const otherAlphabet = Buffer.from(JSON.stringify(claims({ padding: "????" })))
    .toString("base64")
    .replaceAll("=", "");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsaHeader = encode('{"alg":"RS256"}');
  const rsaSignature = sign("sha256", Buffer.from(`${rsaHeader}.${PAYLOAD}`), privateKey).toString("base64url");

  test.each([
    ["no text at all", ""],
    ["two parts", `${HEADER}.${PAYLOAD}`],
    ["two parts and a dot", `${HEADER}.${PAYLOAD}.`],
    ["alg none without a signature", `${encode('{"alg":"none"}')}.${PAYLOAD}.`],
    ["four parts", `${GOOD}.${SIGNATURE}`],
    ["five parts, as encrypted tokens have", `${HEADER}..${PAYLOAD}.${PAYLOAD}.${SIGNATURE}`],
    ["an empty header", signTexts("", PAYLOAD)],
    ["an empty payload", signTexts(HEADER, "")],
    ["a right signature of HS384", handMadeToken({ header: '{"alg":"HS384"}', hash: "sha384" })],
    ["a right signature of HS512", handMadeToken({ header: '{"alg":"HS512"}', hash: "sha512" })],
    ["a right signature of RS256", `${rsaHeader}.${PAYLOAD}.${rsaSignature}`],
    ["half of its signature", GOOD.slice(0, -22)],
    ["padding behind the signature", `${GOOD}=`],
    ["padding behind a part that was signed so", signTexts(`${encode('{"alg":"HS256" }')}==`, PAYLOAD)],
    ["a space in front", ` ${GOOD}`],
    ["a newline behind", `${GOOD}\n`],
    ["a newline inside the payload, signed so", signTexts(HEADER, `${PAYLOAD.slice(0, 8)}\n${PAYLOAD.slice(8)}`)],
    ["a NUL behind", `${GOOD}\u0000`],
    ["the other base64 alphabet", signTexts(HEADER, otherAlphabet)],
    ["a query and its signature, as an OAuth provider signs one", `client_id=a.b&scope=openid&sig=${SIGNATURE}`],
    ["its scheme in front", `Bearer ${GOOD}`],
    ["itself as JSON", JSON.stringify({ payload: PAYLOAD, protected: HEADER, signature: SIGNATURE })],
  ])("a token with %s", async (_what, token) => {
    expect(await verify(token)).toEqual({ reason: "not-a-token" });
  });

  test.each([16_385, 20_000, 1_000_000])("a token of %d characters, though its signature is right", async (length) => {
    expect(await verify(tokenOfLength(length))).toEqual({ reason: "too-long" });
  });

  test("a token whose last character was changed to another text of the same bytes", async () => {
    const others = otherTextsOfSameBytes(SIGNATURE).map((signature) => `${HEADER}.${PAYLOAD}.${signature}`);
    const refusals = await Promise.all(others.map((token) => verify(token)));
    expect(refusals).toEqual(Array.from({ length: 3 }, () => ({ reason: "not-canonical" })));
  });

  test("a header in another text of the same bytes, though it was signed so", async () => {
    const [header = ""] = otherTextsOfSameBytes(encode('{"alg":"HS256" }'));
    expect(await verify(signTexts(header, PAYLOAD))).toEqual({ reason: "not-canonical" });
  });

  test("a payload of a length that no bytes encode to", async () => {
    expect(await verify(signTexts(HEADER, "AAAAA"))).toEqual({ reason: "not-canonical" });
  });
});

/** A good token of exactly this many characters; some lengths do not exist, as base64url has none of 4n + 1. */
function tokenOfLength(length: number): string {
  const rest = handMadeToken({ payload: JSON.stringify(claims({ padding: "" })) }).length;
  let padding = Math.floor(((length - rest) * 3) / 4) - 2;
  let token = "";
  while (token.length < length) {
    token = handMadeToken({ payload: JSON.stringify(claims({ padding: "x".repeat(padding) })) });
    padding += 1;
  }
  return token;
}
