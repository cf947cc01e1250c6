// The names of headers in every spelling that a server may take for the same.
import * as fc from "fast-check";

/** In any mix of case, with any of its dashes as underscores. */
export function anySpelling(names: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...names).chain((name) =>
    fc
      .array(fc.record({ capital: fc.boolean(), underscore: fc.boolean() }), {
        minLength: name.length,
        maxLength: name.length,
      })
      .map((choices) =>
        Array.from(name, (letter, index) => {
          const { capital = false, underscore = false } = choices[index] ?? {};
          if (letter === "-") return underscore ? "_" : "-";
          return capital ? letter.toUpperCase() : letter;
        }).join(""),
      ),
  );
}

/** What a name is to a server that folds case and underscores. */
export function foldedName(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}
