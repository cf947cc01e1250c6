// Whether a program's key is known, what it may do, and that the comparison stops nowhere early.
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ApiKey } from "../../../auth/api-keys.ts";
import { apiKeyVerifier } from "../../../auth/verifiers/api-key.ts";
import { occasionAt } from "../../support/occasion.ts";

const CAMERA = "camera-key-0123456789abcdef";
const ROBOT = "robot-key-0123456789abcdef-€";
const LISTED = "listed-key-0123456789abcdef";

function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

const KEYS: readonly ApiKey[] = [
  { name: "camera", secret: { hash: hashOf(CAMERA) }, scopes: ["write"], streams: ["cam-1"], adminOf: [] },
  { name: "robot", secret: { hash: hashOf(ROBOT) }, scopes: ["read", "proxy", "write"], streams: ["*"], adminOf: [] },
  { name: "list-1", secret: { plain: LISTED }, scopes: ["proxy"], streams: [], adminOf: [] },
];
const verify = apiKeyVerifier(KEYS);

describe("a key that is known", () => {
  test.each([
    ["camera", CAMERA, { grants: { operations: ["write"], streams: ["cam-1"] } }],
    ["robot", ROBOT, { grants: { operations: ["read", "write"], streams: ["*"] }, usesProxy: true }],
    ["list-1", LISTED, { grants: { operations: [], streams: [] }, usesProxy: true }],
  ])("is the program %s with what it was granted, and has no end", async (name, key, granted) => {
    expect(await verify(key, occasionAt())).toEqual({
      kind: "verified",
      tokenKind: "api-key",
      principal: { kind: "service", userId: `key:${name}`, ...granted },
      sessionEndsAtMs: undefined,
      tokenEndsAtMs: undefined,
    });
  });

  test("of an admin says of which streams it is one", async () => {
    const ops: ApiKey = { name: "ops", secret: { plain: LISTED }, scopes: ["admin"], streams: [], adminOf: ["cam-*"] };
    const grants = { operations: [], streams: [] };
    expect(await apiKeyVerifier([ops])(LISTED, occasionAt())).toMatchObject({
      principal: { kind: "service", userId: "key:ops", grants, adminOf: ["cam-*"] },
    });
  });

  test("with the scope for it makes tickets for its streams", async () => {
    const mailer: ApiKey = {
      name: "mailer",
      secret: { plain: LISTED },
      scopes: ["tickets"],
      streams: ["cam-*"],
      adminOf: [],
    };
    const grants = { operations: [], streams: ["cam-*"], mintsTickets: true };
    expect(await apiKeyVerifier([mailer])(LISTED, occasionAt())).toMatchObject({ principal: { grants } });
  });

  test("does not end the search, which goes on to the last", async () => {
    const twice: readonly ApiKey[] = [
      { name: "first", secret: { plain: LISTED }, scopes: ["read"], streams: [], adminOf: [] },
      { name: "last", secret: { plain: LISTED }, scopes: ["read"], streams: [], adminOf: [] },
    ];
    expect(await apiKeyVerifier(twice)(LISTED, occasionAt())).toMatchObject({ principal: { userId: "key:last" } });
  });
});

describe("is no key", () => {
  test.each([
    ["nothing", ""],
    ["another text", "another-key-0123456789abcdef"],
    ["a key without its last letter", CAMERA.slice(0, -1)],
    ["a key with one letter more", `${CAMERA}0`],
    ["a key with its last letter changed", `${CAMERA.slice(0, -1)}g`],
    ["a key in capitals", CAMERA.toUpperCase()],
    ["a key with a space behind", `${CAMERA} `],
    ["the hash of a key", hashOf(CAMERA)],
    ["the hash as the configuration writes it", `sha256:${hashOf(CAMERA)}`],
    ["the name of a key", "camera"],
    ["two keys", `${CAMERA},${ROBOT}`],
  ])("%s", async (_what, token) => {
    expect(await verify(token, occasionAt())).toEqual({ reason: "unknown-key" });
  });

  test("anything at all where none is configured", async () => {
    expect(await apiKeyVerifier([])("", occasionAt())).toEqual({ reason: "unknown-key" });
  });
});
