// Which clients count as one, by their address: however it is written, and whatever else stands there.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressKeyOf } from "../../../worker/guard/client-address.ts";

test.each(["192.0.2.1", "0.0.0.0", "255.255.255.255"])("the IPv4 address %s is its own key", (address) => {
  expect(addressKeyOf(address)).toBe(address);
});

test.each([
  ["2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
  ["2001:DB8:0000:0001::5", "2001:db8:0:1::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:db8:0:0:ffff::", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["fe80:1:2:3::192.0.2.1", "fe80:1:2:3::/64"],
  ["1:2:3:4:5:6:7::", "1:2:3:4::/64"],
  // Whoever has 64 bits could otherwise be any IPv4 client that he likes.
  ["2001:db8:0:1:0:ffff:192.0.2.1", "2001:db8:0:1::/64"],
  ["0:0:0:1:0:ffff:192.0.2.1", "0:0:0:1::/64"],
  ["0:0:0:0:1:ffff:192.0.2.1", "0:0:0:0::/64"],
])("the IPv6 address %s counts with its 64 bits, %s", (address, key) => {
  expect(addressKeyOf(address)).toBe(key);
});

test.each(["::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"])(
  "%s is the IPv4 address that it stands for",
  (address) => {
    expect(addressKeyOf(address)).toBe("192.0.2.1");
  },
);

test("of an address that stands for one of IPv4 each bit counts", () => {
  for (const address of ["255.0.255.1", "1.254.2.255"]) expect(addressKeyOf(`::ffff:${address}`)).toBe(address);
});

describe("who has no address that can be read", () => {
  test.each([
    null,
    "",
    "somewhere",
    "192.0.2",
    "192.0.2.256",
    "192.0.2.01",
    "192.0.2.1, 192.0.2.2",
    "192.0.2.1:443",
    "2001:db8",
    "2001:db8:::1",
    "1::2::3",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "2001:db8::12345",
    "2001:db8::g",
    "fe80::1%eth0",
    "[2001:db8::1]",
    "::192.0.2",
    "\r\n2001",
  ])("is one of the unknown: %j", (text) => {
    expect(addressKeyOf(text)).toBe("unknown");
  });
});

test("every way to write an IPv6 address is the same key, and another 64 bits another one", () => {
  const group = fc.nat(0xffff);
  // None of the addresses that stand for IPv4.
  const first = fc.integer({ min: 2, max: 0xffff });
  fc.assert(
    fc.property(fc.tuple(first, group, group, group), fc.array(group, { minLength: 4, maxLength: 4 }), (net, host) => {
      const long = [...net, ...host].map((value) => value.toString(16).padStart(4, "0")).join(":");
      const short = [...net, ...host].map((value) => value.toString(16).toUpperCase()).join(":");
      const other = [net[0] ^ 1, ...net.slice(1), ...host].map((value) => value.toString(16)).join(":");
      expect(addressKeyOf(short)).toBe(addressKeyOf(long));
      expect(addressKeyOf(other)).not.toBe(addressKeyOf(long));
    }),
  );
});

test("a key never holds what its client wrote beside an address", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
      expect(addressKeyOf(text)).toMatch(/^(?:unknown|[0-9.]{7,15}|[0-9a-f:]{7,19}::\/64)$/);
    }),
  );
});
