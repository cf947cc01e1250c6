// Whether a text's SHA-256 is written as everybody else writes it.
import { expect, test } from "vitest";
import { sha256Hex } from "../../auth/hash.ts";

test.each([
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["€", "c4cc90ed3d26f12d4b08a75140970a7904035c31cbb4515a83f19b9003c00d1d"],
])("of %j it is %s", async (text, hash) => {
  expect(await sha256Hex(text)).toBe(hash);
});
