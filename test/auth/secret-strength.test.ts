// Which secrets and keys are good enough to let anybody in.
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { PUBLISHED_SECRETS } from "../../auth/published-secrets.ts";
import { keyFault, secretFault } from "../../auth/secret-strength.ts";
import { RFC_7515_A1 } from "../support/rfc-7515.ts";
import { TEST_SECRET } from "../support/session-token.ts";
import { allVectorsOf } from "../support/wycheproof.ts";

const REPEATS = "repeats itself too much to be random";

describe("a secret is good", () => {
  test.each([
    ["32 random characters", "Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA"],
    ["base64 of 32 random bytes", "q0n0mJk8yOaZ9f1bWm3Y7sXc5pQe2uVrT4hLgKdDiwE="],
    ["64 hexadecimal digits", "0f1e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdeffedcba9876543210"],
    ["eight words that were drawn", "correct-horse-battery-staple-lawn-quartz-ember-oxide"],
  ])("%s", (_what, secret) => {
    expect(secretFault(secret)).toBeUndefined();
  });

  test.each(["base64", "base64url", "hex"] as const)("whatever 32 random bytes are, in %s", (encoding) => {
    const secrets = Array.from({ length: 2000 }, () => randomBytes(32).toString(encoding));
    expect(secrets.filter((secret) => secretFault(secret) !== undefined)).toEqual([]);
  });
});

describe("a secret lets nobody in", () => {
  test.each([
    ["is missing", undefined, "is not set"],
    ["is empty", "", "is shorter than 32 characters"],
    ["has 31 characters", TEST_SECRET.slice(0, 31), "is shorter than 32 characters"],
    ["is one letter again and again", "a".repeat(64), REPEATS],
    ["is three letters again and again", "abc".repeat(20), REPEATS],
    ["is a word again and again", "secret-".repeat(6), REPEATS],
    ["is a word again and again, cut off", "correcthorse".repeat(4).slice(0, 43), REPEATS],
    ["is a random half twice", "Zk3vQ1xP8mN5tR7w".repeat(2), REPEATS],
    ["is the alphabet", "abcdefghijklmnopqrstuvwxyz0123456789", REPEATS],
    ["is the alphabet, backwards and in both cases", "ZYXWVUTSRQPONMLKJIHGFEDCBAabcdefghijklmnopqrstuvwxyz", REPEATS],
    ["counts", "012345678901234567890123456789012345", REPEATS],
    ["is the keyboard", "qwertyuiopasdfghjklzxcvbnm1234567890", REPEATS],
    ["is the keyboard, with its other letters", "QWERTYUIOP!@#$%^&*()asdfghjkl1234567890", REPEATS],
    ["is letters in runs", "aaaabbbbccccddddeeeeffffgggghhhhiiiijjjj", REPEATS],
    ["ends with the newline of the file it came from", `${TEST_SECRET}\n`, "has white space around it"],
    ["starts with a space", ` ${TEST_SECRET}`, "has white space around it"],
    [
      "is Better Auth's default",
      "better-auth-secret-12345678901234567890",
      "is published: Better Auth's public default",
    ],
    ["is Better Auth's older default", "better-auth-secret-123456789", "is published: Better Auth's public default"],
    ["is the key of RFC 7515 A.1", RFC_7515_A1.key, "is published: a key of RFC 7515 or RFC 7520"],
  ])("that %s", (_why, secret, fault) => {
    expect(secretFault(secret)).toBe(fault);
  });

  test.each([
    "replace-with-at-least-32-random-characters",
    "change-me-to-a-long-random-string-of-32",
    "your-super-secret-jwt-token-with-at-least-32-characters-long",
    "YOUR_SECRET_KEY_HERE_MIN_32_CHARACTERS_LONG",
    "changeme-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxC",
    "<generate-32-char-random-string-for-this>",
  ])("that is the placeholder of a template: %s", (secret) => {
    expect(secretFault(secret)).toBe("is the placeholder of a template");
  });

  test("that a standard published, as its vector holds it", () => {
    const figure35 = allVectorsOf("HS256").find(({ vector }) => vector.comment === "Figure35");
    expect(secretFault(figure35?.key.k)).toBe("is published: a key of RFC 7515 or RFC 7520");
  });

  test.each([...PUBLISHED_SECRETS.keys()])("that is published, in whatever case: %s", (secret) => {
    for (const text of [secret, secret.toUpperCase()]) expect(secretFault(text)).toContain("is published");
  });
});

describe("a key of a program", () => {
  test.each([
    ["of 24 random characters", randomBytes(18).toString("base64url")],
    ["that says whose it is", "camera-key-of-the-front-door-7f3a"],
  ])("%s is good", (_what, key) => {
    expect(keyFault(key)).toBeUndefined();
  });

  test.each([
    ["has 23 characters", "S3cret-key-of-24-letter", "is shorter than 24 characters"],
    ["is one letter again and again", "k".repeat(24), REPEATS],
    ["is a word again and again", "devtoken".repeat(3), REPEATS],
    ["is the alphabet", "abcdefghijklmnopqrstuvwxyz", REPEATS],
    ["is a placeholder", "change-me-to-something-else", "is the placeholder of a template"],
    [
      "is a secret that everybody knows",
      "complex_password_at_least_32_characters_long",
      "is published: the secret of a framework's documents",
    ],
    ["has white space around it", " S3cret-key-of-24-letters", "has white space around it"],
  ])("that %s opens nothing", (_why, key, fault) => {
    expect(keyFault(key)).toBe(fault);
  });
});
