// Whether a ticket is taken with the gateway's own key for tickets alone, and says no more than it was made for.
import * as fc from "fast-check";
import { CompactSign } from "jose";
import { describe, expect, test } from "vitest";
import { deriveTicketKey } from "../../../auth/keys.ts";
import { makeTicketMint } from "../../../auth/mint.ts";
import { toClaims } from "../../../auth/ticket.ts";
import type { Verification } from "../../../auth/verifier.ts";
import { ticketVerifier } from "../../../auth/verifiers/ticket.ts";
import { BASE64URL, handMadeToken, NOW_MS, NOW_S } from "../../support/hostile-token.ts";
import { occasionAt } from "../../support/occasion.ts";
import { TEST_SECRET } from "../../support/session-token.ts";
import { holder, ticketText, ticketWith } from "../../support/tickets.ts";

const OLD_SECRET = "older-7Gh2jK4lZ6xC8vB0nM1qW3eR5tY7uI9o";
const KEY = await deriveTicketKey(TEST_SECRET);
const OLD_KEY = await deriveTicketKey(OLD_SECRET);
const verify = ticketVerifier([
  { key: KEY, endsAtMs: undefined },
  { key: OLD_KEY, endsAtMs: NOW_MS + 1000 },
]);

/** A ticket with the right signature, whatever it says; an undefined claim is left out. */
function tell(claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify({ ...toClaims(ticketWith()), ...claims }));
  return new CompactSign(payload).setProtectedHeader({ alg: "HS256", typ: "sluice-ticket+jwt", ...header }).sign(KEY);
}

const take = async (claims: Record<string, unknown>): Promise<Verification> => verify(await tell(claims), occasionAt());

describe("takes", () => {
  test("what the gateway signed, as a ticket that ends with the session behind it and not with itself", async () => {
    const sign = makeTicketMint([
      { value: TEST_SECRET, endsAtMs: undefined },
      { value: OLD_SECRET, endsAtMs: undefined },
    ]);
    expect(await verify(await sign(ticketWith()), occasionAt())).toEqual({
      kind: "verified",
      tokenKind: "ticket",
      keyNumber: 0,
      principal: holder(),
      issuedAtS: NOW_S - 1000,
      sessionEndsAtMs: NOW_MS + 3_600_000,
      tokenEndsAtMs: undefined,
    });
  });

  test("one of an older secret, until that one ends", async () => {
    const old = await ticketText({}, OLD_SECRET);
    expect(await verify(old, occasionAt())).toMatchObject({ kind: "verified", keyNumber: 1 });
    expect(await verify(old, occasionAt(NOW_MS + 1000))).toEqual({ reason: "signature-mismatch" });
  });

  test.each(["bob", "jwt:42", "key:archive", "svc:mailer"])("one in the name of %s", async (sub) => {
    expect(await take({ sub })).toMatchObject({ principal: { kind: "ticket", userId: sub } });
  });

  test("one that lives an hour, and none that lives longer", async () => {
    expect(await take({ iat: NOW_S, exp: NOW_S + 3600 })).toMatchObject({ kind: "verified" });
    expect(await take({ iat: NOW_S, exp: NOW_S + 3601 })).toEqual({ reason: "lifetime-too-long", lifetimeS: 3601 });
  });
});

describe("refuses for its signature", () => {
  test("a ticket of another secret", async () => {
    expect(await verify(await ticketText({}, `${TEST_SECRET}x`), occasionAt())).toEqual({
      reason: "signature-mismatch",
    });
  });

  test("one that the secret itself signed, as it signs sessions", async () => {
    const header = '{"alg":"HS256","typ":"sluice-ticket+jwt"}';
    const forged = handMadeToken({ header, payload: JSON.stringify(toClaims(ticketWith())) });
    expect(await verify(forged, occasionAt())).toEqual({ reason: "signature-mismatch" });
  });

  test("whatever a single changed letter makes of one", async () => {
    const good = await ticketText();
    const at = fc.integer({ min: 0, max: good.length - 1 });
    await fc.assert(
      fc.asyncProperty(at, fc.constantFrom(...Array.from(`${BASE64URL}.=+/ `)), async (index, letter) => {
        const changed = good.slice(0, index) + letter + good.slice(index + 1);
        fc.pre(changed !== good);
        expect(await verify(changed, occasionAt())).toHaveProperty("reason");
      }),
    );
  });
});

test.each([{ typ: undefined }, { typ: "JWT" }, { typ: "Sluice-Ticket+JWT" }, { kid: "1" }, { cty: "JWT" }])(
  "refuses the header that says %j",
  async (header) => {
    expect(await verify(await tell({}, header), occasionAt())).toEqual({ reason: "header-refused" });
  },
);

describe("refuses for what it says", () => {
  test.each<readonly [string, Record<string, unknown>, string]>([
    ["no audience", { aud: undefined }, "aud"],
    ["another audience", { aud: "better-auth:session-cache" }, "aud"],
    ["no name", { jti: undefined }, "payload"],
    ["no subject", { sub: undefined }, "payload"],
    ["a subject of no kind", { sub: "urn:x" }, "payload"],
    ["no session", { sid: undefined }, "payload"],
    ["no stream", { streamId: undefined }, "payload"],
    ["a stream that addresses no object", { streamId: "../x" }, "payload"],
    ["a pattern of streams", { streamId: "cam-*" }, "payload"],
    ["no epoch", { epoch: undefined }, "payload"],
    ["an epoch that is empty", { epoch: "" }, "payload"],
    ["no operations", { operations: undefined }, "payload"],
    ["an empty list of operations", { operations: [] }, "payload"],
    ["an operation that nobody knows", { operations: ["read", "own"] }, "payload"],
    ["no time of its session", { auth_time: undefined }, "auth_time"],
    ["a time that is a text", { auth_time: "1" }, "auth_time"],
    ["no end of its session", { sessionEndsAtMs: undefined }, "sessionEndsAtMs"],
    ["an end that is no integer", { sessionEndsAtMs: 1e20 }, "sessionEndsAtMs"],
  ])("%s", async (_what, claims, claim) => {
    expect(await take(claims)).toMatchObject({ reason: "claims-invalid", claim });
  });

  test("that it is over, or its session is", async () => {
    expect(await take({ exp: NOW_S })).toEqual({ reason: "token-expired", exp: NOW_S });
    expect(await take({ sessionEndsAtMs: NOW_MS })).toEqual({ reason: "session-expired", expiresAtMs: NOW_MS });
  });

  test("no end, or no beginning", async () => {
    expect(await take({ exp: undefined })).toEqual({ reason: "claims-missing", claim: "exp" });
    expect(await take({ iat: undefined })).toEqual({ reason: "claims-missing", claim: "iat" });
  });
});
