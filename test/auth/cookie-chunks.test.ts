// Whether a session that was cut into several cookies is put together whole or not at all.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findSessionCookie } from "../../auth/cookies.ts";

const SEED = 20_261;
const NAME = "better-auth.session_data";
const UNREADABLE = { kind: "unreadable" };

function find(pairs: readonly string[]): unknown {
  return findSessionCookie(pairs.join("; "), "better-auth");
}

function found(token: string): unknown {
  return { kind: "found", token };
}

/** Cookies whose names end with these numbers, or what pretends to be one. */
function chunks(...suffixes: readonly string[]): readonly string[] {
  return suffixes.map((suffix) => `${NAME}.${suffix}=<${suffix}>`);
}

describe("chunks give the value", () => {
  test.each([
    ["where there is one", chunks("0"), "<0>"],
    ["in their order", chunks("0", "1", "2"), "<0><1><2>"],
    ["in any order", chunks("2", "0", "1"), "<0><1><2>"],
    ["by number and not by letter", chunks(...Array.from({ length: 11 }, (_, index) => String(index))), undefined],
    ["where one stands twice alike", [...chunks("0", "1"), ...chunks("1")], "<0><1>"],
    ["percent-encoded or not", [`${NAME}.0=a%2E`, `${NAME}.1=b.`], "a.b."],
    ["beside the whole that says the same", [`${NAME}=ab`, `${NAME}.0=a`, `${NAME}.1=b`], "ab"],
  ])("%s", (_when, pairs, token = "<0><1><2><3><4><5><6><7><8><9><10>") => {
    expect(find(pairs)).toEqual(found(token));
  });

  test("under the name that only https can set before the whole under the bare one", () => {
    expect(find([`${NAME}=bare`, `__Secure-${NAME}.0=sec`, `__Secure-${NAME}.1=ure`])).toEqual(found("secure"));
  });

  test("where there are a hundred", () => {
    const pairs = Array.from({ length: 100 }, (_, index) => `${NAME}.${index}=x`);
    expect(find(pairs)).toEqual(found("x".repeat(100)));
  });

  test("of 16 KiB together", () => {
    expect(find([`${NAME}.0=${"a".repeat(16_000)}`, `${NAME}.1=${"b".repeat(384)}`])).toMatchObject({ kind: "found" });
  });
});

describe("chunks cannot be read", () => {
  test.each([
    ["that start at 1", chunks("1", "2")],
    ["with a gap", chunks("0", "2")],
    ["of which one stands twice and different", [...chunks("0", "1"), `${NAME}.1=other`]],
    ["of which one is empty", [...chunks("0"), `${NAME}.1=`]],
    ["of which one has a stray percent sign", [...chunks("0"), `${NAME}.1=%`]],
    ["beside a whole that says something else", [`${NAME}=other`, ...chunks("0", "1")]],
    ["beside a whole that is empty", [`${NAME}=`, ...chunks("0", "1")]],
    ["beside a whole that says more", [`${NAME}=<0><1>x`, ...chunks("0", "1")]],
    ["of 16 KiB and a character together", [`${NAME}.0=${"a".repeat(16_000)}`, `${NAME}.1=${"b".repeat(385)}`]],
    ["of which there are 101", Array.from({ length: 101 }, (_, index) => `${NAME}.${index}=x`)],
  ])("%s", (_what, pairs) => {
    expect(find(pairs)).toEqual(UNREADABLE);
  });

  test.each(["00", "01", "1e0", "-1", "+1", "0x1", "1.0", "a", "", "0.0", "٠", "1_0"])(
    "with another whose number is written %j",
    (suffix) => {
      expect(find(chunks("0", suffix))).toEqual(UNREADABLE);
    },
  );

  test.each(["00", "1e0", "-0", "0.0"])("alone under the number %s", (suffix) => {
    expect(find(chunks(suffix))).toEqual(UNREADABLE);
  });

  test("and are not passed over for another cookie", () => {
    expect(find([...chunks("1"), "better-auth.session_token=good"])).toEqual(UNREADABLE);
  });
});

describe("a value that is cut anywhere", () => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/=";
  /** Pieces that are each at least a character, as a browser would send them, and in what order. */
  const cut = fc
    .array(fc.string({ unit: fc.constantFrom(...Array.from(letters)), minLength: 1, maxLength: 30 }), {
      minLength: 1,
      maxLength: 15,
    })
    .chain((pieces) =>
      fc.record({
        pieces: fc.constant(pieces),
        encoded: fc.boolean(),
        order: fc.shuffledSubarray([...pieces.keys()], { minLength: pieces.length, maxLength: pieces.length }),
        victim: fc.nat(pieces.length - 1),
      }),
    );

  function pairsOf({ pieces, encoded, order }: { pieces: string[]; encoded: boolean; order: number[] }) {
    return order.map((index) => {
      const piece = pieces[index] ?? "";
      return `${NAME}.${index}=${encoded ? encodeURIComponent(piece) : piece}`;
    });
  }

  test("comes back whole from its chunks in any order", () => {
    fc.assert(
      fc.property(cut, (how) => {
        expect(find(pairsOf(how))).toEqual(found(how.pieces.join("")));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test("cannot be read where one chunk but the last is lost", () => {
    fc.assert(
      fc.property(cut, (how) => {
        fc.pre(how.victim < how.pieces.length - 1);
        const rest = pairsOf(how).filter((pair) => !pair.startsWith(`${NAME}.${how.victim}=`));
        expect(find(rest)).toEqual(UNREADABLE);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test("cannot be read where one chunk stands a second time with another value, wherever that stands", () => {
    fc.assert(
      fc.property(cut, fc.boolean(), (how, first) => {
        const other = `${NAME}.${how.victim}=${how.pieces[how.victim] ?? ""}x`;
        const pairs = pairsOf(how);
        expect(find(first ? [other, ...pairs] : [...pairs, other])).toEqual(UNREADABLE);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

test("any header at all is answered without throwing", () => {
  const part = fc.constantFrom(
    NAME,
    `${NAME}.0`,
    "__Secure-",
    "=",
    ";",
    " ",
    '"',
    "%",
    "%2",
    "%41",
    ",",
    ".1",
    "\u0000",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      expect(["found", "absent", "unreadable"]).toContain(findSessionCookie(parts.join(""), "better-auth").kind);
    }),
    { seed: SEED, numRuns: 1000 },
  );
});
