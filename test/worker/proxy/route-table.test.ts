// Which route a path belongs to, and that no server behind the gate reads a path as one of another route.
import { posix } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameOf, type Route, RouteTable } from "../../../worker/proxy/route-table.ts";

const SEED = 20_262;
const UPSTREAM = { kind: "url", origin: "https://api.example" } as const;
const OTHER = { kind: "service", binding: "SITE" } as const;

function route(path: string, more: Partial<Route> = {}): Route {
  const rest = { stripPrefix: false, methods: undefined, socketIo: false, timeoutMs: 1000, setHeaders: [] };
  return { path, upstream: UPSTREAM, auth: "required", ...rest, ...more };
}

/** The path of the route, or what came of it. */
function match(table: RouteTable, pathname: string): string {
  const found = table.match(pathname);
  return found.kind === "route" ? found.route.path : found.kind;
}

describe("the longest prefix on a segment boundary", () => {
  const table = new RouteTable([route("/api"), route("/api/admin/keys"), route("/api/admin"), route("/other")]);

  test.each([
    ["/api", "/api"],
    ["/api/", "/api"],
    ["/api/users", "/api"],
    ["/api/admin", "/api/admin"],
    ["/api/administrator", "/api"],
    ["/api/admin/keys/1", "/api/admin/keys"],
    ["/apix", "none"],
    ["/", "none"],
    ["/api.json", "none"],
    ["/API", "none"],
  ])("of %s is %s", (pathname, path) => {
    expect(match(table, pathname)).toBe(path);
  });

  test("is the root where no other is", () => {
    const withRoot = new RouteTable([route("/"), route("/api")]);
    expect(["/", "/x/y", "/api/x"].map((pathname) => match(withRoot, pathname))).toEqual(["/", "/", "/api"]);
  });

  test("is none in an empty table", () => {
    expect(match(new RouteTable([]), "/")).toBe("none");
  });
});

describe("where an open route lies around a guarded one of the same upstream", () => {
  const table = new RouteTable([route("/", { auth: "none" }), route("/admin")]);

  test.each(["/ADMIN/x", "/%61dmin/x", "/admin;x=1/y", "/admin%3b/y", "/admin./y", "/admin%3fy", "/adm%C4%B1n"])(
    "%s is refused, since the upstream may take it for the guarded one",
    (pathname) => {
      expect(match(table, pathname)).toBe("ambiguous");
    },
  );

  test.each(["//admin/x", "/x/..%2fadmin", "/x/..;/admin", "/%2fadmin", "/x%5c..%5cadmin", "/%252e%252e/admin"])(
    "%s is refused, since it can be read in two ways",
    (pathname) => {
      expect(match(table, pathname)).toBe("ambiguous");
    },
  );

  test.each(["/Pictures/A.jpg", "/x;v=1", "/administrators", "/100%25", "/a%20b"])("%s passes", (pathname) => {
    expect(match(table, pathname)).toBe("/");
  });
});

test("an upstream that asks nobody who it is gets any path", () => {
  const table = new RouteTable([route("/", { auth: "none", upstream: OTHER }), route("/admin")]);
  expect(["/a%2fb", "//x", "/..;/x"].map((pathname) => match(table, pathname))).toEqual(["/", "/", "/"]);
});

test("one that is told of whoever shows a credential gets none that is ambiguous", () => {
  expect(match(new RouteTable([route("/", { auth: "optional" })]), "/a%2fb")).toBe("ambiguous");
});

test("an upstream is named as it was configured", () => {
  expect([nameOf(UPSTREAM), nameOf(OTHER)]).toEqual(["https://api.example", "service:SITE"]);
});

/** Ways in which servers are known to read a path before they look for what is there. */
const READINGS: Record<string, (pathname: string) => string> = {
  "as it is": (pathname) => pathname,
  "decoded once": (pathname) => decoded(pathname),
  "decoded twice": (pathname) => decoded(decoded(pathname)),
  "decoded and resolved": (pathname) => posix.normalize(decoded(pathname)),
  "resolved without slashes in a row": (pathname) => posix.normalize(pathname.replaceAll(/\/+/g, "/")),
  "without regard to case": (pathname) => pathname.toLowerCase(),
  "decoded, without regard to case": (pathname) => decoded(pathname).toLowerCase(),
  "without parameters, then decoded and resolved": (pathname) =>
    posix.normalize(decoded(pathname.replaceAll(/;[^/]*/g, ""))),
  "decoded, then without parameters and resolved": (pathname) =>
    posix.normalize(decoded(pathname).replaceAll(/;[^/]*/g, "")),
  "with backslashes for slashes": (pathname) => posix.normalize(decoded(pathname).replaceAll("\\", "/").toLowerCase()),
  "up to a NUL": (pathname) => decoded(pathname).split("\u0000")[0] ?? "",
  "up to a question mark that was encoded": (pathname) => decoded(pathname).split("?")[0] ?? "",
  "without dots and blanks behind names": (pathname) => decoded(pathname).replaceAll(/[. ]+(?=\/|$)/g, ""),
};

function decoded(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

describe("however an upstream reads a path that passes, it is one of the route by which it was judged", () => {
  const routes = [route("/", { auth: "none" }), route("/admin"), route("/admin/open", { auth: "none" }), route("/b.c")];
  const table = new RouteTable(routes);
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("admin", "ADMIN", "open", "b.c", "B.C", "x", "") },
    fc.constantFrom(
      "%61dmin",
      "%2561dmin",
      "%25%36%31dmin",
      "adm%256%39n",
      "adm%69n",
      "b%2ec",
      "b%2Ec",
      "%6fpen",
      "admin%20",
      "admin.",
    ),
    fc.constantFrom("..", ".", "%2e%2e", ".%2e", "..;", "..;x=1", "..%3b", "%252e%252e", "..%00", "...", "%2e"),
    fc.constantFrom(";", ";x=1", "admin;x=1", "open;", "%3b", "x%3f", "admin%3fx", "admin%23", "%00", "admin%00"),
    fc.constantFrom(
      "x%2f..%2fadmin",
      "x%5c..%5cadmin",
      "%2fadmin",
      "admin%2fopen",
      "%5cadmin",
      "x\\..\\admin",
      "%c0%af",
    ),
  );
  const anyPath = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => `/${pieces.join("/")}`);

  test.each(Object.entries(READINGS))("%s", (_how, read) => {
    let passed = 0;
    fc.assert(
      fc.property(anyPath, (text) => {
        // As the platform hands it over.
        const { pathname } = new URL(`https://gate.example${text}`);
        const found = table.match(pathname);
        if (found.kind !== "route") return;
        passed += 1;
        const owner = routes.toSorted((one, other) => other.path.length - one.path.length);
        const seen = read(pathname);
        const reached = owner.find(({ path }) => path === "/" || seen === path || seen.startsWith(`${path}/`));
        expect([text, reached?.path]).toEqual([text, found.route.path]);
      }),
      { seed: SEED, numRuns: 3000 },
    );
    expect(passed).toBeGreaterThan(300);
  });

  test("and decoding it once leaves nothing to decode", () => {
    fc.assert(
      fc.property(anyPath, (text) => {
        const { pathname } = new URL(`https://gate.example${text}`);
        if (table.match(pathname).kind !== "route") return;
        expect(decoded(decoded(pathname))).toBe(decoded(pathname));
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });
});
