// The variables API_KEYS and ADMIN_KEY: what they may look like, and that a report on them never holds a key.
import { describe, expect, test } from "vitest";
import { readAdminKey, readApiKeys } from "../../auth/api-keys.ts";
import { VariableReader } from "../../auth/variables.ts";

const HASH = "0123456789abcdef".repeat(4);
const OTHER_HASH = "fedcba9876543210".repeat(4);
const KEY = "S3cret-key-of-24-letters";
const OTHER_KEY = "0ther-S3cret-key-of-many-letters";

function read(text: unknown) {
  const variables = new VariableReader({ API_KEYS: text });
  const keys = readApiKeys(variables);
  return { keys, complaints: variables.problems.map(({ message }) => message), problems: variables.problems };
}

function json(...entries: readonly unknown[]) {
  return read(JSON.stringify(entries));
}

const ENTRY = { name: "robot", hash: `sha256:${HASH}` };

test.each([undefined, ""])("%j is no key", (text) => {
  expect(read(text)).toMatchObject({ keys: [], problems: [] });
});

describe("a comma list", () => {
  const proxyOnly = { scopes: ["proxy"], streams: [] };

  test("holds keys that may use the proxy and no stream", () => {
    expect(read(`${KEY},${OTHER_KEY}`)).toMatchObject({
      keys: [
        { name: "list-1", secret: { plain: KEY }, ...proxyOnly },
        { name: "list-2", secret: { plain: OTHER_KEY }, ...proxyOnly },
      ],
      problems: [],
    });
  });

  test.each([`${KEY},,`, ` ${KEY} , `, `,${KEY}`])("%j holds one key and no empty one", (text) => {
    expect(read(text)).toMatchObject({ keys: [{ secret: { plain: KEY } }], problems: [] });
  });

  test.each([",", " , ,"])("%j holds none, so that an empty header is no key", (text) => {
    expect(read(text).keys).toEqual([]);
  });

  test("may hold a key of 24 characters", () => {
    expect([KEY.length, read(KEY).problems]).toEqual([24, []]);
  });

  test("with a key of 23 characters is reported, and that key opens nothing", () => {
    const { keys, complaints } = read(`${KEY.slice(1)},${OTHER_KEY}`);
    expect([keys.length, complaints]).toEqual([1, ["holds a key, number 1, that is shorter than 24 characters"]]);
  });

  test("with a key that anybody could guess is reported", () => {
    expect(read(`${OTHER_KEY},${"devtoken".repeat(3)}`).complaints).toEqual([
      "holds a key, number 2, that repeats itself too much to be random",
    ]);
  });

  test("with a key that is a secret, which is never sent, is reported", () => {
    const variables = new VariableReader({ API_KEYS: KEY });
    expect(readApiKeys(variables, [OTHER_KEY, KEY])).toEqual([]);
    const message = "holds a key, number 1, that must not be a secret that is signed with";
    expect(variables.problems).toEqual([{ variable: "API_KEYS", message }]);
  });

  test("with one key twice is reported", () => {
    expect(read(`${KEY}, ${KEY}`).complaints).toEqual(["holds one key twice"]);
  });
});

describe("a JSON list", () => {
  test("gives a key the scope to read and no stream where it says no more", () => {
    expect(json(ENTRY)).toMatchObject({
      keys: [{ name: "robot", secret: { hash: HASH }, scopes: ["read"], streams: [] }],
      problems: [],
    });
  });

  test("gives a key what it names", () => {
    const scopes = ["read", "write", "tickets", "proxy", "admin"];
    const streams = ["cam-1", "cam-*", "*", "user-1:*"];
    expect(json({ ...ENTRY, scopes, streams })).toMatchObject({ keys: [{ scopes, streams }], problems: [] });
  });

  test("may stand behind white space", () => {
    expect(read(`\n [${JSON.stringify(ENTRY)}]`)).toMatchObject({ keys: [{ name: "robot" }], problems: [] });
  });

  test("may write a hash in capitals", () => {
    expect(json({ ...ENTRY, hash: `SHA256:${HASH.toUpperCase()}` }).keys).toMatchObject([{ secret: { hash: HASH } }]);
  });

  test("may be empty", () => {
    expect(json()).toMatchObject({ keys: [], problems: [] });
  });

  test.each([
    ["a text", "robot"],
    ["null", null],
    ["a list", [ENTRY]],
    ["no name", { hash: ENTRY.hash }],
    ["an empty name", { ...ENTRY, name: "" }],
    ["a name that would be another's prefix", { ...ENTRY, name: "key:robot" }],
    ["a name with a space", { ...ENTRY, name: "a robot" }],
    ["a name of 65 letters", { ...ENTRY, name: "x".repeat(65) }],
    ["no hash", { name: "robot" }],
    ["a key for a hash", { ...ENTRY, hash: KEY }],
    ["a hash without its kind", { ...ENTRY, hash: HASH }],
    ["a hash of another kind", { ...ENTRY, hash: `md5:${HASH}` }],
    ["a hash that is too short", { ...ENTRY, hash: `sha256:${HASH.slice(1)}` }],
    ["a hash that is too long", { ...ENTRY, hash: `sha256:${HASH}0` }],
    ["a hash that is not hex", { ...ENTRY, hash: `sha256:${HASH.slice(1)}g` }],
    ["a hash with a newline behind", { ...ENTRY, hash: `sha256:${HASH}\n` }],
    ["a scope that nobody knows", { ...ENTRY, scopes: ["read", "root"] }],
    ["a scope as a text", { ...ENTRY, scopes: "read" }],
    ["streams as a text", { ...ENTRY, streams: "*" }],
    ["a stream that no object has", { ...ENTRY, streams: ["a/b"] }],
    ["an empty stream", { ...ENTRY, streams: [""] }],
    ["a star in the middle", { ...ENTRY, streams: ["cam-*-1"] }],
    ["two stars", { ...ENTRY, streams: ["**"] }],
    ["33 streams", { ...ENTRY, streams: Array.from({ length: 33 }, (_, index) => `cam-${index}`) }],
  ])("with an entry that is or has %s reports its number, and the others stand", (_what, entry) => {
    const { keys, complaints } = json({ name: "good", hash: `sha256:${OTHER_HASH}` }, entry);
    expect([keys.length, complaints]).toEqual([
      1,
      ["has an entry, number 2, that is not {name, hash, scopes?, streams?}"],
    ]);
  });

  test("with one name twice is reported", () => {
    expect(json(ENTRY, { ...ENTRY, hash: `sha256:${OTHER_HASH}` }).complaints).toEqual(["names two keys alike"]);
  });

  test("with one hash twice is reported, even in other letters", () => {
    const again = { name: "other", hash: `sha256:${HASH.toUpperCase()}` };
    expect(json(ENTRY, again).complaints).toEqual(["holds one key twice"]);
  });

  test("of a thousand and one keys is reported", () => {
    const many = Array.from({ length: 1001 }, (_, index) => ({
      name: `k-${index}`,
      hash: `sha256:${String(index).padStart(64, "0")}`,
    }));
    expect([json(...many.slice(1)).complaints, json(...many).complaints]).toEqual([[], ["holds more than 1000 keys"]]);
  });

  test("that is no JSON is reported", () => {
    expect(read(`[${KEY}]`).complaints).toEqual(["is neither a comma list nor a JSON list"]);
  });
});

describe("the scope admin", () => {
  test.each([
    ["names no stream is an admin of all", ["admin"], undefined, [["*"], []]],
    ["names streams is an admin of those", ["admin", "read"], ["cam-*"], [["cam-*"], ["cam-*"]]],
    ["names an empty list is an admin of none", ["admin"], [], [[], []]],
    ["has other scopes is an admin of none", ["read", "write", "tickets", "proxy"], ["*"], [[], ["*"]]],
  ])("of a key that %s", (_what, scopes, streams, [adminOf, granted]) => {
    const entry = { ...ENTRY, scopes, ...(streams === undefined ? {} : { streams }) };
    expect(json(entry)).toMatchObject({ keys: [{ adminOf, streams: granted }], problems: [] });
  });

  test("is none of a key of the comma list", () => {
    expect(read(KEY).keys).toMatchObject([{ adminOf: [] }]);
  });
});

describe("ADMIN_KEY", () => {
  function readAdmin(text: unknown) {
    const variables = new VariableReader({ ADMIN_KEY: text });
    return { key: readAdminKey(variables), problems: variables.problems };
  }

  test.each([undefined, ""])("as %j is none, and nobody's fault", (text) => {
    expect(readAdmin(text)).toEqual({ key: undefined, problems: [] });
  });

  test("of 24 characters is an admin of all streams, and may do nothing else", () => {
    expect(readAdmin(KEY)).toEqual({
      key: { name: "ADMIN_KEY", secret: { plain: KEY }, scopes: ["admin"], streams: [], adminOf: ["*"] },
      problems: [],
    });
  });

  test.each(["k".repeat(24), "change-me-to-something-else", " S3cret-key-of-24-letters"])("as %j is no key", (text) => {
    expect(readAdmin(text)).toMatchObject({ key: undefined, problems: [{ variable: "ADMIN_KEY" }] });
  });

  test("that is a secret is none, since a secret is never sent", () => {
    const variables = new VariableReader({ ADMIN_KEY: KEY });
    expect(readAdminKey(variables, [KEY])).toBeUndefined();
    expect(variables.problems).toEqual([
      { variable: "ADMIN_KEY", message: "must not be a secret that is signed with" },
    ]);
  });

  test.each([KEY.slice(1), "x", 7])("as %j is reported and opens nothing", (text) => {
    const { key, problems } = readAdmin(text);
    expect([key, problems.map(({ variable }) => variable)]).toEqual([undefined, ["ADMIN_KEY"]]);
    expect(JSON.stringify(problems)).not.toContain("3cret");
  });
});

test("several problems are reported at once", () => {
  expect(json(ENTRY, ENTRY, null).complaints).toHaveLength(3);
});

test.each([
  ["a short key", KEY.slice(1)],
  ["a key twice", `${KEY},${KEY}`],
  ["a key for a hash", JSON.stringify([{ ...ENTRY, hash: KEY }])],
  ["broken JSON", `[{"name":"${KEY}`],
  ["a name twice", JSON.stringify([ENTRY, ENTRY, { ...ENTRY, name: KEY, hash: "x" }])],
  ["a value that is no text", { key: KEY }],
])("a report on %s holds nothing of it", (_what, text) => {
  const { problems } = read(text);
  expect([problems.length > 0, JSON.stringify(problems)]).toEqual([
    true,
    expect.not.stringMatching(/S3cret|3cret|0123/),
  ]);
});
