// Whether the keys that verify are Better Auth's own.
import { createHmac, hkdfSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { deriveEncryptionKey, deriveTicketKey, importHmacKey, keyNumberOf, keysAt } from "../../auth/keys.ts";
import { TEST_SECRET } from "../support/session-token.ts";

/** Whether a key of this secret takes a signature made with that. */
async function verifies(secret: string, madeWith: string | Uint8Array): Promise<boolean> {
  const text = new TextEncoder().encode("signed text");
  const signature = new Uint8Array(createHmac("sha256", madeWith).update(text).digest());
  return crypto.subtle.verify("HMAC", await importHmacKey(secret), signature, text);
}

describe("the key", () => {
  test("is the secret's characters as they are", async () => {
    expect(await verifies("Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA", "Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA")).toBe(true);
  });

  test("is the UTF-8 of characters outside ASCII", async () => {
    expect(await verifies("pässwörd-€", Buffer.from("pässwörd-€", "utf8"))).toBe(true);
  });

  test("is not what the secret would be if it were read as base64", async () => {
    const secret = "q0n0mJk8yOaZ9f1bWm3Y7sXc5pQe2uVrT4hLgKdDiwE=";
    expect(await verifies(secret, Buffer.from(secret, "base64"))).toBe(false);
  });

  test("can neither sign nor be read out", async () => {
    const { usages, extractable } = await importHmacKey(TEST_SECRET);
    expect({ usages, extractable }).toEqual({ usages: ["verify"], extractable: false });
  });
});

test("keys count in their order until they end, and those without an end always", () => {
  const keys = [
    { key: "current", endsAtMs: undefined },
    { key: "old", endsAtMs: 1000 },
    { key: "older", endsAtMs: 500 },
  ];
  expect([keysAt(keys, 499), keysAt(keys, 500), keysAt(keys, 1000)]).toEqual([
    ["current", "old", "older"],
    ["current", "old"],
    ["current"],
  ]);
});

test("the key of tickets is made of the secret and is none of its others, and cannot be read out", async () => {
  const text = new TextEncoder().encode("signed text");
  const key = await deriveTicketKey(TEST_SECRET);
  const bytes = new Uint8Array(hkdfSync("sha256", TEST_SECRET, "", "Sluice ticket v1", 32));
  const made = createHmac("sha256", bytes).update(text).digest();
  expect(Buffer.from(await crypto.subtle.sign("HMAC", key, text))).toEqual(made);
  expect(await verifies(TEST_SECRET, bytes)).toBe(false);
  expect([key.usages.toSorted(), key.extractable]).toEqual([["sign", "verify"], false]);
});

test("a key is known by its place in the whole list, whether or not those before it still count", () => {
  const keys = [
    { key: "current", endsAtMs: 500 },
    { key: "old", endsAtMs: undefined },
  ];
  expect(keysAt(keys, 1000).map((key) => keyNumberOf(keys, key))).toEqual([1]);
});

test("the key of encrypted tokens is the one that Better Auth derives, under the name that it writes", async () => {
  const { kid, bytes } = await deriveEncryptionKey("harness-only-Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA");
  expect([kid, Buffer.from(bytes).toString("base64url")]).toEqual([
    "u-HOOfMqUgpDnnyJs1vvLzdGinjcK-82wd1Ql8wjS_g",
    "5ayY8Bc_t4ckc_zC6o_c65Vbcea-BAuGRECnd3cox8bhwGMnC9i850tnmU2mqGkv63yVz6TA-OjT8rHxiw1CVw",
  ]);
});
