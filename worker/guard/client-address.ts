// One key for each client that limits count: the address that the platform saw, in the one way it is written here.

/** For who has no address, or none that can be read: as if they were one client. */
const UNKNOWN = "unknown";

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const GROUP = /^[0-9a-f]{1,4}$/;
const GROUPS = 8;

/**
 * An IPv4 address as it is. Of an IPv6 address the first 64 bits, `2001:db8:0:1::/64`: a household has all the others, and
 * would be as many clients as it likes. However it is written it is the same key (RFC 4291 §2.2), and one that stands for
 * an IPv4 address (`::ffff:192.0.2.1`, §2.5.5.2) is that.
 * @param text of the header `CF-Connecting-IP`, which the platform sets and no client can; locally it is the client's word
 */
export function addressKeyOf(text: string | null): string {
  const address = (text ?? "").trim().toLowerCase();
  if (IPV4.test(address)) return address;
  const groups = readGroups(address);
  if (groups === undefined) return UNKNOWN;
  const [a, b, c, d, e, f, g = 0, h = 0] = groups;
  const isMapped = [a, b, c, d, e].every((group) => group === 0) && f === 0xffff;
  if (isMapped) return [g >> 8, g & 255, h >> 8, h & 255].join(".");
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of 16 bits; undefined where the text is no IPv6 address. */
function readGroups(address: string): readonly number[] | undefined {
  const halves = withHexTail(address).split("::");
  if (halves.length > 2) return undefined;
  const [before = [], after] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = GROUPS - before.length - (after?.length ?? 0);
  // `::` stands for at least one group, and without it none is missing.
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => "0"), ...(after ?? [])];
  return groups.every((group) => GROUP.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : undefined;
}

/** The last 32 bits may be written as an IPv4 address. */
function withHexTail(address: string): string {
  const tail = address.slice(address.lastIndexOf(":") + 1);
  if (!IPV4.test(tail)) return address;
  const [a = 0, b = 0, c = 0, d = 0] = tail.split(".").map(Number);
  return `${address.slice(0, -tail.length)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
