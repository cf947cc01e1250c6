// Texts that are nearly packets of Socket.IO: put together by its grammar, with the parts that parsers read differently.

/** The same numbers for the same seed, from 0 up to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TYPES = ["0", "1", "2", "2", "2", "3", "3", "4", "5", "5", "5", "6", "6", "7", "9", " ", "", "a", "-", "\n", "٣"];
const COUNTS = [
  "1-",
  "1-",
  "1-",
  "1-",
  "1-",
  "1-",
  "2-",
  "2-",
  "10-",
  "10-",
  "10-",
  "11-",
  "0-",
  "01-",
  "1e0-",
  "1.0-",
  " 1-",
  "+1-",
  "0x1-",
  "-",
  "1",
];
const PLACES = ["", "", "", "", "", "", "", "", "/,", "/a,", "/a?b=1,", "/", "/a", "//,", "/\n,", "/a,/b,"];
const LONG_IDS = ["9007199254740991", "9007199254740992", "99999999999999999", "00000000000000000001"];
const USUAL_IDS = ["", "", "", "", "", "0", "1", "2", "12", "123", "007"];
const IDS = [...USUAL_IDS, ...USUAL_IDS, ...LONG_IDS, " ", "1 2", "1 ", "\t", "\ufeff", "-1", "1.5", "1e3"];
const RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
const NAMES = [
  "chat",
  "alert",
  "video-frame",
  "register",
  "x",
  "y",
  "z",
  "",
  'a"b',
  "\u0000",
  "\ud800",
  "connecting",
  7,
  -0.5,
  null,
  true,
  {},
  [],
  ...RESERVED,
];
const KEYS = ["a", "data", "type", "ref", "_placeholder", "num", "__proto__", "constructor", "0", ""];
const NUMBERS = [0, 0, 0, 0, 0, 0, 0, 1, 1, 9, 10, -1, 0.5, 1e3, "0", null];
const LEAVES = [0, 1, -1, 1.5, "", "x", '"', "é\u2028", true, false, null];
const ODD_CHARACTERS = Array.from('0123456789-/,[]{}":.eE+ \n\ttrue\\u_\ufeffé');

/** Texts without end. */
export function packetTexts(random: () => number): () => string {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const isLikely = (chance: number): boolean => random() < chance;
  const several = <Item>(make: () => Item): Item[] => Array.from({ length: Math.floor(random() * 3) }, make);

  function value(depth: number): unknown {
    if (isLikely(0.25)) return { _placeholder: isLikely(0.9) ? true : pick(LEAVES), num: pick(NUMBERS) };
    if (depth > 3 || isLikely(0.4)) return pick(LEAVES);
    if (isLikely(0.3)) return several(() => value(depth + 1));
    return Object.fromEntries(several(() => [pick(KEYS), value(depth + 1)]));
  }

  function payload(): string {
    if (isLikely(0.1)) return "";
    if (isLikely(0.2)) return JSON.stringify(value(0)) ?? "";
    const json = JSON.stringify([...(isLikely(0.05) ? [] : [pick(NAMES)]), ...several(() => value(0))]);
    return isLikely(0.1) ? json.replaceAll(",", " ,\n") : json;
  }

  function mutated(text: string): string {
    const at = Math.floor(random() * (text.length + 1));
    const piece = text.slice(at, at + Math.floor(random() * 4));
    const behind = text.slice(at + piece.length);
    return text.slice(0, at) + pick(["", pick(ODD_CHARACTERS), piece + piece, pick(ODD_CHARACTERS) + piece]) + behind;
  }

  return () => {
    const type = pick(TYPES);
    const isBinary = type === "5" || type === "6";
    const count = isBinary !== isLikely(0.02) ? pick(COUNTS) : "";
    const text = `${type}${count}${pick(PLACES)}${pick(IDS)}${payload()}`;
    return isLikely(0.3) ? mutated(isLikely(0.3) ? mutated(text) : text) : text;
  };
}
