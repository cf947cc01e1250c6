// Whom an access list lets in, and which changes of it are taken.
import { describe, expect, test } from "vitest";
import {
  type AccessList,
  changeAccess,
  NO_ACCESS,
  readAccessChange,
  readRule,
  writeRule,
} from "../../auth/access-list.ts";

const LIST: AccessList = {
  public: false,
  readers: ["anna"],
  writers: { bob: ["alert", "note"], robot: ["*"], nobody: [] },
};

describe("reading", () => {
  test("is for the readers, or for everyone where the list is public", () => {
    expect([readRule(LIST, "anna"), readRule(LIST, "bob"), readRule(NO_ACCESS, "anna")]).toEqual([
      "access-list-reader",
      undefined,
      undefined,
    ]);
    expect(readRule({ ...NO_ACCESS, public: true }, "anyone")).toBe("public");
  });

  test("is a named reader's by name, so that he keeps it when the list is public no more", () => {
    expect(readRule({ ...LIST, public: true }, "anna")).toBe("access-list-reader");
  });
});

describe("writing", () => {
  test.each([
    ["bob", ["alert"], true],
    ["bob", ["alert", "note"], true],
    ["bob", ["alert", "video-frame"], false],
    ["bob", ["*"], false],
    ["bob", [], true],
    ["robot", ["anything"], true],
    ["robot", ["*"], true],
    ["anna", ["alert"], false],
    ["anna", [], false],
    ["nobody", [], false],
    ["toString", [], false],
    ["__proto__", [], false],
  ])("%s writing %j is allowed: %s", (userId, types, allowed) => {
    expect(writeRule(LIST, userId, types)).toBe(allowed ? "access-list-writer" : undefined);
  });
});

describe("a change", () => {
  test("replaces the keys that it names, and leaves the others", () => {
    const change = readAccessChange({ readers: ["carla", "carla"], note: "not a key of the list" });
    expect(change).toEqual({ readers: ["carla"] });
    expect(changeAccess(LIST, change ?? {})).toEqual({ ...LIST, readers: ["carla"] });
  });

  test.each([
    { public: 1 },
    { readers: "anna" },
    { readers: [""] },
    { readers: ["a\n"] },
    { writers: ["bob"] },
    { writers: { bob: "alert" } },
    { writers: { bob: ["error"] } },
    { writers: { bob: Array.from({ length: 33 }, (_, index) => `t${index}`) } },
  ])("%j is none", (body) => {
    expect(readAccessChange(body)).toBeUndefined();
  });

  test("may not let in more than 256 ids, readers and writers together", () => {
    const readers = Array.from({ length: 253 }, (_, index) => `reader-${index}`);
    expect(changeAccess(LIST, { readers })?.readers).toHaveLength(253);
    expect(changeAccess(LIST, { readers: [...readers, "one more"] })).toBeUndefined();
  });
});
