// Whether variables are read as they were meant, and every problem is reported without the value it is about.
import { describe, expect, test } from "vitest";
import { VariableReader, type Variables } from "../../auth/variables.ts";

const ANSWERS = ["all", "none"] as const;

function readerOf(value: unknown): VariableReader {
  return new VariableReader({ SETTING: value });
}

describe("a text", () => {
  test("is what was set", () => {
    expect(readerOf(" a b ").text("SETTING")).toBe(" a b ");
  });

  test.each([undefined, ""])("is not set where the value is %j", (value) => {
    const reader = readerOf(value);
    expect([reader.text("SETTING"), reader.problems]).toEqual([undefined, []]);
  });

  test.each([5, true, null, {}])("is a problem where the value is %j", (value) => {
    const reader = readerOf(value);
    reader.text("SETTING");
    expect(reader.problems).toEqual([{ variable: "SETTING", message: "must be a string" }]);
  });
});

describe("a flag", () => {
  test.each([
    [true, true],
    ["true", true],
    [false, false],
    ["false", false],
    ["", false],
    [undefined, false],
  ])("is read from %j as %j", (value, expected) => {
    const reader = readerOf(value);
    expect([reader.flag("SETTING"), reader.problems]).toEqual([expected, []]);
  });

  test.each(["yes", "1", 1, "TRUE", " true", null, {}])("is a problem where the value is %j", (value) => {
    const reader = readerOf(value);
    expect(reader.flag("SETTING")).toBe(false);
    expect(reader.problems).toEqual([{ variable: "SETTING", message: "must be true or false" }]);
  });
});

describe("an integer", () => {
  test.each([
    ["a number of a TOML file", 7, 7],
    ["text of a dashboard", "7", 7],
    ["the lower bound", 1, 1],
    ["the upper bound", "10", 10],
  ])("is read from %s", (_what, value, expected) => {
    expect(readerOf(value).integer("SETTING", 5, 1, 10)).toBe(expected);
  });

  test.each([undefined, ""])("is the default where the value is %j", (value) => {
    const reader = readerOf(value);
    expect([reader.integer("SETTING", 5, 1, 10), reader.problems]).toEqual([5, []]);
  });

  test.each([0, 11, "0", "11", -1, "-1", 1.5, "1.5", "1e1", "0x5", " 7", "7s", Number.NaN, Infinity, null, true, [7]])(
    "is a problem where the value is %j, and stands for the default",
    (value) => {
      const reader = readerOf(value);
      expect([reader.integer("SETTING", 5, 1, 10), reader.problems]).toEqual([
        5,
        [{ variable: "SETTING", message: "must be an integer from 1 to 10" }],
      ]);
    },
  );
});

describe("a choice", () => {
  test("is what was set", () => {
    expect(readerOf("none").oneOf("SETTING", ANSWERS, "all")).toBe("none");
  });

  test("is the default where nothing is set", () => {
    expect(readerOf(undefined).oneOf("SETTING", ANSWERS, "all")).toBe("all");
  });

  test.each(["None", " none", "no"])("is a problem where the value is %j, and stands for the default", (value) => {
    const reader = readerOf(value);
    expect([reader.oneOf("SETTING", ANSWERS, "all"), reader.problems]).toEqual([
      "all",
      [{ variable: "SETTING", message: "must be one of all, none" }],
    ]);
  });
});

describe("a list", () => {
  test("is split at commas, without white space and empty items", () => {
    expect(readerOf(" a, b ,,c,").list("SETTING")).toEqual(["a", "b", "c"]);
  });

  test("is undefined where the variable is not set, which is not the same as empty", () => {
    expect(readerOf(undefined).list("SETTING")).toBeUndefined();
  });

  test("is empty where the variable holds nothing but commas", () => {
    expect(readerOf(" , ").list("SETTING")).toEqual([]);
  });
});

test("a binding is handed over as it is", () => {
  const binding = { fetch: () => undefined };
  expect(readerOf(binding).binding("SETTING")).toBe(binding);
});

test("every problem is reported, not only the first", () => {
  const reader = new VariableReader({ A: 5, B: "x", C: "y" });
  reader.text("A");
  reader.integer("B", 1, 1, 2);
  reader.oneOf("C", ANSWERS, "all");
  expect(reader.problems.map(({ variable }) => variable)).toEqual(["A", "B", "C"]);
});

test("no problem repeats the value, which may be a secret in the wrong place", () => {
  const variables: Variables = { A: { key: "hunter2" }, B: "hunter2", C: "hunter2" };
  const reader = new VariableReader(variables);
  reader.text("A");
  reader.integer("B", 1, 1, 2);
  reader.oneOf("C", ANSWERS, "all");
  expect(JSON.stringify(reader.problems)).not.toContain("hunter2");
});
