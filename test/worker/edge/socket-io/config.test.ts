// Where Socket.IO clients connect: what may be configured, that each fault is reported, and whose stream is whose.
import { describe, expect, test } from "vitest";
import { VariableReader, type Variables } from "../../../../auth/variables.ts";
import { isStreamId } from "../../../../protocol/stream-id.ts";
import {
  defaultStreamOf,
  readSocketIoConfig,
  refusalTextOf,
  socketIoPathOf,
} from "../../../../worker/edge/socket-io/config.ts";
import { service, user } from "../../../support/members.ts";
import { holder } from "../../../support/tickets.ts";

const UNAUTHORIZED = { missing: "unauthorized", invalid: "unauthorized", forbidden: "unauthorized" };
const DEFAULTS = ["/socket.io", "/runs"].map((path) => ({ path, refusal: "io-use", texts: UNAUTHORIZED }));

function read(variables: Variables, authPath?: string) {
  const reader = new VariableReader(variables);
  const config = readSocketIoConfig(reader, authPath);
  return { config, problems: reader.problems };
}

function readPaths(paths: unknown, authPath?: string) {
  return read({ SOCKET_IO_PATHS: typeof paths === "string" ? paths : JSON.stringify(paths) }, authPath);
}

describe("SOCKET_IO_PATHS", () => {
  test("is /socket.io and /runs, which refuse as io.use does, where it is not set", () => {
    for (const variables of [{}, { SOCKET_IO_PATHS: "" }]) {
      expect(read(variables)).toEqual({ config: { paths: DEFAULTS, defaultStream: undefined }, problems: [] });
    }
  });

  test("may say each path's own way and words", () => {
    const { config, problems } = readPaths([
      { path: "/a/b.c_d~e-f/" },
      { path: "/runs", refusal: "nestjs", texts: { invalid: "Authentication error" } },
      { path: "/streamsy", refusal: "io-use", texts: { missing: "a", invalid: "b", forbidden: "c".repeat(200) } },
    ]);
    expect(problems).toEqual([]);
    expect(config.paths).toEqual([
      { path: "/a/b.c_d~e-f", refusal: "io-use", texts: UNAUTHORIZED },
      { path: "/runs", refusal: "nestjs", texts: { ...UNAUTHORIZED, invalid: "Authentication error" } },
      {
        path: "/streamsy",
        refusal: "io-use",
        texts: { missing: "a", invalid: "b", forbidden: "c".repeat(200) },
      },
    ]);
  });

  test("may be none at all", () => {
    expect(readPaths([])).toEqual({ config: { paths: [], defaultStream: undefined }, problems: [] });
  });

  const NO_LIST = "must be a JSON list of {path, refusal, texts}";
  const NO_PATH = "has an entry whose path is none, such as /socket.io";
  const OWN_PATH = "has an entry whose path is the gateway's own";
  const NO_REFUSAL = "has an entry whose refusal is neither io-use nor nestjs";
  const NO_TEXTS = "has an entry whose texts are not {missing, invalid, forbidden}";
  test.each<[string, unknown, string]>([
    ["no JSON", "/socket.io", NO_LIST],
    ["an object", { path: "/a" }, NO_LIST],
    ["null", "null", NO_LIST],
    ["a list of texts", ["/a"], NO_LIST],
    ["a list with null", [null], NO_LIST],
    ["a list of lists", [[]], NO_LIST],
    ["another name", [{ path: "/a", style: "nestjs" }], "has an entry with other names than path, refusal, texts"],
    ["a prototype", '[{"path":"/a","__proto__":{}}]', "has an entry with other names than path, refusal, texts"],
    ["no path", [{}], NO_PATH],
    ["a path that is a number", [{ path: 7 }], NO_PATH],
    ["an empty path", [{ path: "" }], NO_PATH],
    ["the root", [{ path: "/" }], NO_PATH],
    ["a path without a slash", [{ path: "a" }], NO_PATH],
    ["an empty segment", [{ path: "/a//b" }], NO_PATH],
    ["two slashes at the end", [{ path: "/a//" }], NO_PATH],
    ["a query", [{ path: "/a?b" }], NO_PATH],
    ["an escape", [{ path: "/a%20b" }], NO_PATH],
    ["a line", [{ path: "/a\n" }], NO_PATH],
    ["a segment that is a dot", [{ path: "/a/./b" }], NO_PATH],
    ["a segment that is two", [{ path: "/a/.." }], NO_PATH],
    ["an endpoint", [{ path: "/ws" }], OWN_PATH],
    ["an endpoint with a slash", [{ path: "/health/" }], OWN_PATH],
    ["what is below one", [{ path: "/streams/socket.io" }], OWN_PATH],
    ["a well-known one", [{ path: "/.well-known/x" }], OWN_PATH],
    ["another refusal", [{ path: "/a", refusal: "event" }], NO_REFUSAL],
    ["a refusal that is null", [{ path: "/a", refusal: null }], NO_REFUSAL],
    ["texts that are one", [{ path: "/a", texts: "unauthorized" }], NO_TEXTS],
    ["texts that are null", [{ path: "/a", texts: null }], NO_TEXTS],
    ["texts that are a list", [{ path: "/a", texts: ["x"] }], NO_TEXTS],
    ["a text of another name", [{ path: "/a", texts: { expired: "x" } }], NO_TEXTS],
    ["a text of a name that every object has", [{ path: "/a", texts: { toString: "x" } }], NO_TEXTS],
    ["texts with a prototype", '[{"path":"/a","texts":{"__proto__":"x"}}]', NO_TEXTS],
    ["an empty text", [{ path: "/a", texts: { missing: "" } }], NO_TEXTS],
    ["a text that is a number", [{ path: "/a", texts: { missing: 7 } }], NO_TEXTS],
    ["a text that is too long", [{ path: "/a", texts: { missing: "x".repeat(201) } }], NO_TEXTS],
    ["a path twice", [{ path: "/a" }, { path: "/a/", refusal: "nestjs" }], "names a path twice"],
  ])("%s is reported", (_name, paths, message) => {
    expect(readPaths(paths).problems).toEqual([{ variable: "SOCKET_IO_PATHS", message }]);
  });

  test.each(["/api/auth", "/api/auth/", "/api/auth/socket.io"])(
    "%s is reported where the auth server is there, which nobody would reach at it",
    (path) => {
      const message = "has an entry whose path is the auth server's (AUTH_PATH)";
      expect(readPaths([{ path }], "/api/auth").problems).toEqual([{ variable: "SOCKET_IO_PATHS", message }]);
      expect(readPaths([{ path }]).problems).toEqual([]);
    },
  );

  test.each(["/api", "/api/authors", "/auth"])("%s is not, which lies beside it", (path) => {
    expect(readPaths([{ path }], "/api/auth").problems).toEqual([]);
  });

  test("has each of its faults reported, and both variables theirs", () => {
    const paths = [{ path: "/" }, { path: "/ok" }, { path: "/ok" }, { path: "/a", refusal: "x" }];
    const { problems } = read({ SOCKET_IO_PATHS: JSON.stringify(paths), SOCKET_IO_DEFAULT_STREAM: "x" });
    expect(problems.map(({ message }) => message)).toEqual([
      NO_PATH,
      NO_REFUSAL,
      "names a path twice",
      "must be a stream id with {userId} in it, so that each user has his own",
    ]);
  });

  test("that is no text is reported as such", () => {
    expect(read({ SOCKET_IO_PATHS: [] }).problems).toEqual([
      { variable: "SOCKET_IO_PATHS", message: "must be a string" },
    ]);
  });
});

describe("a path", () => {
  const { config } = read({});

  test.each(["/socket.io", "/socket.io/", "/runs", "/runs/"])("%s is found", (path) => {
    expect(socketIoPathOf(config, path)?.path).toBe(path.replace(/\/$/, ""));
  });

  test.each(["/", "", "/socket.io//", "/socket.io/x", "/socket.iox", "/SOCKET.IO/", "/socket", "/run"])(
    "%s is none",
    (path) => expect(socketIoPathOf(config, path)).toBeUndefined(),
  );
});

describe("SOCKET_IO_DEFAULT_STREAM", () => {
  test.each(["user-{userId}", "{userId}", "a.{userId}:{userId}_b", `${"x".repeat(127)}{userId}`])(
    "%s is one",
    (text) => {
      expect(read({ SOCKET_IO_DEFAULT_STREAM: text })).toMatchObject({ config: { defaultStream: text }, problems: [] });
    },
  );

  test.each(["user", "user-{userid}", "user-{{userId}}", "user/{userId}", "{userId} ", `${"x".repeat(128)}{userId}`])(
    "%s is none",
    (text) => {
      const { config, problems } = read({ SOCKET_IO_DEFAULT_STREAM: text });
      expect(config.defaultStream).toBeUndefined();
      expect(problems).toEqual([
        {
          variable: "SOCKET_IO_DEFAULT_STREAM",
          message: "must be a stream id with {userId} in it, so that each user has his own",
        },
      ]);
    },
  );

  const { config } = read({ SOCKET_IO_DEFAULT_STREAM: "user-{userId}" });

  test.each([
    ["anna", "user-anna"],
    ["A-b_9", "user-A-b_9"],
    ["anna@example.test", "user-YW5uYUBleGFtcGxlLnRlc3Q"],
    ["a.b", "user-YS5i"],
    ["$&", "user-JCY"],
    ["$1{userId}", "user-JDF7dXNlcklkfQ"],
    ["é", "user-w6k"],
    ["👁️", "user-8J-Rge-4jw"],
    [" ", "user-IA"],
    ["../..", "user-Li4vLi4"],
    ["\u0000\n", "user-AAo"],
  ])("gives the user %j the stream %s", (userId, streamId) => {
    expect(defaultStreamOf(config, user(userId))).toBe(streamId);
    expect(isStreamId(streamId)).toBe(true);
  });

  test("puts the user wherever it says so", () => {
    const twice = read({ SOCKET_IO_DEFAULT_STREAM: "{userId}.{userId}" }).config;
    expect(defaultStreamOf(twice, user("a b"))).toBe("YSBi.YSBi");
  });

  test("gives a user whose id is too long for a stream id one that is none, so that he is told so", () => {
    expect(isStreamId(defaultStreamOf(config, user("é".repeat(60))))).toBe(false);
  });

  test("gives programs and guests none, and nobody where it is not set", () => {
    expect([defaultStreamOf(config, service("robot")), defaultStreamOf(config, holder())]).toEqual([
      undefined,
      undefined,
    ]);
    expect(defaultStreamOf(read({}).config, user("anna"))).toBeUndefined();
  });
});

test("a code that no text is for leaves the word to its own sentence", () => {
  expect(refusalTextOf("TOO_LARGE", UNAUTHORIZED)).toBeUndefined();
});
