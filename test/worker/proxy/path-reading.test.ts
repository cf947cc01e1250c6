// Which paths a server could read in two ways, and how the most lenient of them reads a path.
import { describe, expect, test } from "vitest";
import { foldPath, isAmbiguous } from "../../../worker/proxy/path-reading.ts";

describe("a path is read in one way only", () => {
  test.each([
    "/",
    "/api",
    "/api/",
    "/api/v1.2/users",
    "/a%20b",
    "/%C3%BC",
    "/100%25",
    "/a%2Bb",
    "/a+b",
    "/@me/~user",
    "/x.tar.gz",
    "/files/what%3F.txt",
    "/matrix;v=1/x",
    "/.well-known/x",
    "/...x",
    "/%E2%82%AC",
  ])("%s", (path) => {
    expect(isAmbiguous(path)).toBe(false);
  });
});

describe("a path has two readings", () => {
  test.each([
    ["an encoded slash", "/public/..%2fadmin"],
    ["an encoded slash in capitals", "/a%2Fb"],
    ["an encoded backslash", "/a%5cb"],
    ["a backslash", "/a\\b"],
    ["an encoded NUL", "/a%00b"],
    ["encoded ends of a line", "/a%0d%0aX-Auth-User-Id:%20evil"],
    ["an encoded DEL", "/a%7f"],
    ["an empty segment", "//admin"],
    ["an empty segment further on", "/a//b"],
    ["an empty segment at its end", "/a//"],
    ["dots with a parameter", "/public/..;/admin"],
    ["one dot with a parameter", "/a/.;x=1/b"],
    ["dots with an encoded parameter", "/a/..%3b/b"],
    ["dots with a blank", "/a/..%20/b"],
    ["dots that the platform left", "/a/../b"],
    ["a segment that is a parameter alone", "/;x=1/admin"],
    ["a slash that was encoded twice", "/a%252fb"],
    ["a dot that was encoded twice", "/a/%252e%252e/b"],
    ["a slash of which each character was encoded", "/a%25%32%66b"],
    ["a letter of which one digit was encoded", "/adm%256%39n"],
    ["a percent sign that was encoded twice", "/a%252525"],
    ["an escape without digits", "/a%zz"],
    ["half of an escape", "/a%2"],
    ["a slash in too many bytes", "/a%c0%afb"],
    ["bytes that are no UTF-8", "/a%ff"],
  ])("with %s", (_what, path) => {
    expect(isAmbiguous(path)).toBe(true);
  });
});

test.each([
  ["/API/Users", "/api/users"],
  ["/%61pi/x", "/api/x"],
  ["/%41PI", "/api"],
  ["/api;v=1/x", "/api/x"],
  ["/api%3bv=1", "/api"],
  ["/api%3Fx", "/api"],
  ["/api%23x", "/api"],
  ["/api./x", "/api/x"],
  ["/api%20/x", "/api/x"],
  ["/ap%C4%B1", "/api"], // a dotless i, whose capital is that of ours
  ["/stream%C5%BF", "/streams"], // a long s
  ["/%E2%84%AAey", "/key"], // the sign of Kelvin
])("%s is to some server %s", (path, read) => {
  expect(foldPath(path)).toBe(read);
});

test("what cannot be decoded is nothing to any", () => {
  expect(foldPath("/%")).toBeUndefined();
});
