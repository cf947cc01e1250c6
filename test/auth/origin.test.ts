// Which pages may use a browser's cookies at the gateway.
import { describe, expect, test } from "vitest";
import { cookieFaultOfRequest, cookieFaultOfUpgrade, isAllowed } from "../../auth/origin.ts";

const URL_HERE = new URL("https://gateway.test/streams/cam-1");
const ALLOWED: ReadonlySet<string> = new Set(["https://app.example", "http://localhost:8081"]);
const FOREIGN = "foreign-origin";

const OWN_ORIGINS = ["https://gateway.test", "https://app.example", "http://localhost:8081"];

const FOREIGN_ORIGINS = [
  ["nobody's origin", "null"],
  ["an empty one", ""],
  ["a file", "file://"],
  ["another site", "https://evil.example"],
  ["a host that ends with an allowed one", "https://evilapp.example"],
  ["a host below an allowed one", "https://sub.app.example"],
  ["a host that starts with an allowed one", "https://app.example.evil.test"],
  ["the host above", "https://example"],
  ["another scheme", "http://app.example"],
  ["the scheme of sockets", "wss://gateway.test"],
  ["another port", "https://app.example:8443"],
  ["the port of the scheme, which no browser writes", "https://app.example:443"],
  ["no port", "http://localhost"],
  ["the host in capitals", "https://APP.example"],
  ["the scheme in capitals", "HTTPS://app.example"],
  ["a dot behind the host", "https://app.example."],
  ["a slash behind the host", "https://app.example/"],
  ["a user", "https://app.example@evil.test"],
  ["an allowed user of another host", "https://user@app.example"],
  ["a letter that looks alike", "https://аpp.example"],
  ["the same letter as browsers write it", "https://xn--pp-6kc.example"],
  ["a space behind", "https://app.example "],
  ["two at once", "https://app.example, https://app.example"],
  ["two without a comma", "https://app.example https://evil.test"],
  ["another spelling of this machine", "http://127.0.0.1:8081"],
  ["a star", "*"],
] as const;

test.each(OWN_ORIGINS)("%s may use cookies", (origin) => {
  expect(isAllowed(origin, URL_HERE, ALLOWED)).toBe(true);
});

test.each(FOREIGN_ORIGINS)("%s may not: %j", (_what, origin) => {
  expect(isAllowed(origin, URL_HERE, ALLOWED)).toBe(false);
});

test.each(["https://gateway.test.evil.test", "http://gateway.test", "https://gateway.test:8443"])(
  "%s is not the gateway's own origin",
  (origin) => {
    expect(isAllowed(origin, URL_HERE, new Set())).toBe(false);
  },
);

describe("an upgrade", () => {
  test.each(OWN_ORIGINS)("from %s may use cookies", (Origin) => {
    expect(cookieFaultOfUpgrade(new Headers({ Origin }), URL_HERE, ALLOWED)).toBeUndefined();
  });

  test("without an Origin comes from a native client, which may too", () => {
    expect(cookieFaultOfUpgrade(new Headers(), URL_HERE, ALLOWED)).toBeUndefined();
  });

  test("from React Native names the host that it connects to, and may too", () => {
    const url = new URL("http://192.168.1.5:8787/ws");
    expect(cookieFaultOfUpgrade(new Headers({ Origin: "http://192.168.1.5:8787" }), url, ALLOWED)).toBeUndefined();
  });

  test.each(["null", "", "https://evil.example"])("from %j may not", (Origin) => {
    expect(cookieFaultOfUpgrade(new Headers({ Origin }), URL_HERE, ALLOWED)).toBe(FOREIGN);
  });

  test("may not for two Origins, even where both are allowed", () => {
    const headers = new Headers({ Origin: "https://app.example" });
    headers.append("Origin", "https://app.example");
    expect(cookieFaultOfUpgrade(headers, URL_HERE, ALLOWED)).toBe(FOREIGN);
  });
});

describe("a request that is no upgrade", () => {
  test.each(OWN_ORIGINS)("from %s may use cookies, whatever else it says", (Origin) => {
    const headers = new Headers({ Origin, "Sec-Fetch-Site": "cross-site" });
    expect(cookieFaultOfRequest(headers, URL_HERE, ALLOWED)).toBeUndefined();
  });

  test("from another site may not, whatever else it says", () => {
    const headers = new Headers({ Origin: "https://evil.example", "Sec-Fetch-Site": "same-origin" });
    expect(cookieFaultOfRequest(headers, URL_HERE, ALLOWED)).toBe(FOREIGN);
  });

  test("without an Origin and a word on its site comes from no browser, and may", () => {
    expect(cookieFaultOfRequest(new Headers(), URL_HERE, ALLOWED)).toBeUndefined();
  });

  test.each(["same-origin", "none"])("without an Origin may where its site is %s", (site) => {
    expect(cookieFaultOfRequest(new Headers({ "Sec-Fetch-Site": site }), URL_HERE, ALLOWED)).toBeUndefined();
  });

  test.each(["cross-site", "same-site", "", "Same-Origin", "same-origin, none"])(
    "without an Origin may not where its site is %j",
    (site) => {
      expect(cookieFaultOfRequest(new Headers({ "Sec-Fetch-Site": site }), URL_HERE, ALLOWED)).toBe(FOREIGN);
    },
  );
});
