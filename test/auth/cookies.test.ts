// Whether Better Auth's session is found in a Cookie header, and nothing that only resembles it.
import { describe, expect, test } from "vitest";
import { findSessionCookie } from "../../auth/cookies.ts";

const DATA = "better-auth.session_data";
const TOKEN = "better-auth.session_token";
const ABSENT = { kind: "absent" };
const UNREADABLE = { kind: "unreadable" };

function find(header: string, prefix = "better-auth"): unknown {
  return findSessionCookie(header, prefix);
}

function found(token: string): unknown {
  return { kind: "found", token };
}

describe("the names, of which the first that is present decides", () => {
  const inOrder = [`__Secure-${DATA}`, DATA, `__Secure-${TOKEN}`, TOKEN];

  test.each(inOrder)("%s is found", (name) => {
    expect(find(`a=1; ${name}=tok.e.n; b=2`)).toEqual(found("tok.e.n"));
  });

  test.each(inOrder.map((name, index) => [name, inOrder.slice(index + 1)] as const))(
    "%s comes before %j, wherever it stands",
    (name, later) => {
      const others = later.map((other) => `${other}=other`);
      const headers = [[`${name}=tok`, ...others].join("; "), [...others, `${name}=tok`].join("; ")];
      expect(headers.map((header) => find(header))).toEqual([found("tok"), found("tok")]);
    },
  );

  test.each(inOrder.slice(0, -1))("%s is not passed over where it cannot be read", (name) => {
    expect(find(`${name}=a; ${name}=b; ${TOKEN}=good`)).toEqual(UNREADABLE);
  });

  test("start with the prefix of the configuration", () => {
    expect(find(`${DATA}=other; __Secure-my.app.session_data=tok`, "my.app")).toEqual(found("tok"));
  });

  test("of another prefix hold nothing", () => {
    expect(find("my-app.session_data=tok")).toEqual(ABSENT);
  });
});

describe("a header holds no session", () => {
  test.each([
    ["nothing", ""],
    ["a name without a value", DATA],
    ["a value without a name", "=tok.e.n"],
    ["a multi-session cookie", `${TOKEN}_multi-abc=tok; __Secure-${TOKEN}_multi-abc=tok`],
    ["a dash for the dot", "better-auth-session_data=tok; better-auth-session_token=tok"],
    ["the secure prefix in small letters", `__secure-${DATA}=tok`],
    ["the secure prefix in capitals", `__SECURE-${DATA}=tok`],
    ["the secure prefix percent-encoded", `%5F_Secure-${DATA}=tok`],
    ["the other prefix of browsers", `__Host-${DATA}=tok`],
    ["the secure prefix twice", `__Secure-__Secure-${DATA}=tok`],
    ["the name in capitals", "Better-Auth.Session_Data=tok"],
    ["a quoted name", `"${DATA}"=tok`],
    ["a name with a space in it", `better-auth. session_data=tok`],
    ["a name with more in front", `x${DATA}=tok`],
    ["a name with more behind", `${DATA}x=tok`],
    ["the name as a value", `a=${DATA}`],
    ["the pair inside another value", `a=b=${DATA}=tok`],
    ["the pair behind a comma", `a=1, ${DATA}=tok`],
    ["the other cookies of Better Auth", "better-auth.dont_remember=1; better-auth.account_data=tok"],
  ])("that holds %s", (_what, header) => {
    expect(find(header)).toEqual(ABSENT);
  });
});

describe("a value", () => {
  test.each([
    ["between spaces", `${DATA}=  tok.e.n `, "tok.e.n"],
    ["between tabs", `\t${DATA}=\t tok.e.n \t`, "tok.e.n"],
    ["behind a leading semicolon", `; ${DATA}=tok.e.n`, "tok.e.n"],
    ["before a trailing semicolon", `${DATA}=tok.e.n;`, "tok.e.n"],
    ["between semicolons without spaces", `a=1;${DATA}=tok.e.n;b=2`, "tok.e.n"],
    ["in quotes, which are taken off once", `${DATA}="tok.e.n"`, "tok.e.n"],
    ["in two pairs of quotes", `${DATA}=""tok""`, '"tok"'],
    ["with a quote on one side", `${DATA}="tok`, '"tok'],
    ["with the signs of base64 as Expo sends them", `${TOKEN}=abc.a+/b=`, "abc.a+/b="],
    ["percent-encoded as browsers send it", `${TOKEN}=abc.a%2B%2Fb%3D`, "abc.a+/b="],
    ["percent-encoded once, decoded once", `${DATA}=a%252Eb`, "a%2Eb"],
    ["that is not ASCII, percent-encoded", `${DATA}=%F0%9F%98%80`, "😀"],
    ["twice the same", `${DATA}=tok; ${DATA}=tok`, "tok"],
    ["of the longest kind", `${DATA}=${"x".repeat(16_384)}`, "x".repeat(16_384)],
  ])("%s is found", (_how, header, token) => {
    expect(find(header)).toEqual(found(token));
  });

  test.each([
    ["that is empty", `${DATA}=`],
    ["of quotes alone", `${DATA}=""`],
    ["twice and different", `${DATA}=a; ${DATA}=b`],
    ["twice, once empty", `${DATA}=a; ${DATA}=`],
    ["twice, once encoded", `${DATA}=a.; ${DATA}=a%2E`],
    ["three times, the last different", `${DATA}=a; ${DATA}=a; ${DATA}=b`],
    ["with a stray percent sign", `${DATA}=100%`],
    ["with a bad escape", `${DATA}=%zz`],
    ["whose escapes are no text", `${DATA}=%ff%fe`],
    ["of one character more than the longest", `${DATA}=${"x".repeat(16_385)}`],
  ])("%s cannot be read", (_how, header) => {
    expect(find(header)).toEqual(UNREADABLE);
  });
});

test.each([
  ["two sessions", `${DATA}=one, ${DATA}=two`],
  ["a session and another cookie", `${DATA}=one, a=1`],
  ["another cookie and a session", `a=1, ${DATA}=one`],
  ["a session with chunks", `${DATA}.0=one, ${DATA}.1=two`],
])("two header lines that arrive joined by a comma, with %s, never give one of the two values", (_what, header) => {
  expect([found("one"), found("two"), found("onetwo")]).not.toContainEqual(find(header));
});

describe("a name that only looks like another", () => {
  // What a neighbouring site may set: the browser does not know these names as its own `__Secure-` ones.
  test.each(["\u00a0", "\u2000", "\ufeff", "\v"])(
    "through the space %j in front is not the name behind it",
    (space) => {
      expect(find(`${space}__Secure-${DATA}=evil; __Secure-${DATA}=tok`)).toEqual(found("tok"));
      expect(find(`${space}__Secure-${DATA}=evil`)).toEqual(ABSENT);
    },
  );

  test("through a space behind it is another name", () => {
    expect(find(`${DATA} =evil`)).toEqual(ABSENT);
  });
});

describe("a header that is long", () => {
  const longest = `${DATA}=tok; a=`;

  test("is looked at up to 32 KiB", () => {
    expect(find(longest + "x".repeat(32_768 - longest.length))).toEqual(found("tok"));
  });

  test("is not looked at beyond that", () => {
    expect(find(longest + "x".repeat(32_769 - longest.length))).toEqual(UNREADABLE);
  });

  test.each([
    ["a value", `a=x${" ".repeat(30_000)}y`],
    ["a name", `${"\t ".repeat(15_000)}x=y`],
    ["all of it", " ".repeat(32_000)],
    ["values of one letter", "a=;".repeat(10_000)],
  ])("takes no longer for the spaces and signs in %s", (_where, header) => {
    const beganMs = performance.now();
    expect(find(header)).toEqual(ABSENT);
    // Milliseconds where each character is looked at once, seconds where each is looked at again for each other.
    expect(performance.now() - beganMs).toBeLessThan(400);
  });
});
