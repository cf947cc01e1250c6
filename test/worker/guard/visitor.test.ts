// What is known of a client before it shows anything: the platform's words, and only in the form that the platform writes.
import { expect, test } from "vitest";
import { visitorOf } from "../../../worker/guard/visitor.ts";

const visitorWith = (headers: Record<string, string>, cf?: unknown) => visitorOf({ headers: new Headers(headers), cf });

test("is its address, its country and the name of its request", () => {
  const headers = { "CF-Connecting-IP": "2001:db8::1", "CF-Ray": "0123456789abcdef-VIE" };
  expect(visitorWith(headers, { country: "AT" })).toEqual({
    address: "2001:db8:0:0::/64",
    country: "AT",
    ray: "0123456789abcdef-VIE",
  });
});

test("may be nothing at all", () => {
  expect(visitorWith({})).toEqual({ address: "unknown", country: undefined, ray: undefined });
});

test.each(["X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IPv6", "CF-Pseudo-IPv4", "Forwarded"])(
  "is nothing of what %s says",
  (name) => {
    expect(visitorWith({ [name]: "192.0.2.1" }).address).toBe("unknown");
  },
);

test.each(["eyJhbGciOiJIUzI1NiJ9.e30.x", "0123456789ABCDEF", "0123456789abcdef-vienna", ""])(
  "has no ray that is %j",
  (ray) => {
    expect(visitorWith({ "CF-Ray": ray }).ray).toBeUndefined();
  },
);

test.each([{ country: "Austria" }, { country: 7 }, { country: "at" }, {}, "AT", null])("has no country in %j", (cf) => {
  expect(visitorWith({}, cf).country).toBeUndefined();
});

test.each(["T1", "XX"])("may come from where the platform writes %s", (country) => {
  expect(visitorWith({}, { country }).country).toBe(country);
});
