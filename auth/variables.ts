// Reads configuration variables and collects every problem, so that an operator sees all of them at once.

/** What is wrong with a variable. Never its value: it may be a secret in the wrong place. */
export interface Problem {
  readonly variable: string;
  readonly message: string;
}

/** The bindings and variables of a Worker, before any of them was looked at. */
export type Variables = Readonly<Record<string, unknown>>;

/** A variable that cannot be used is reported and stands for its default, so that no caller has a third case. */
export class VariableReader {
  readonly problems: Problem[] = [];
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  report(variable: string, message: string): void {
    this.problems.push({ variable, message });
  }

  /** The text of a variable; undefined where it is not set or empty. */
  text(name: string): string | undefined {
    const value = this.#variables[name];
    if (value === undefined || value === "") return undefined;
    if (typeof value === "string") return value;
    this.report(name, "must be a string");
    return undefined;
  }

  /** An integer; wrangler hands numbers of a TOML file over as numbers, and those of a dashboard as text. */
  integer(name: string, defaultValue: number, min: number, max: number): number {
    const value = this.#variables[name];
    if (value === undefined || value === "") return defaultValue;
    const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isInteger(number) && number >= min && number <= max) return number;
    this.report(name, `must be an integer from ${min} to ${max}`);
    return defaultValue;
  }

  oneOf<const Choice extends string>(name: string, choices: readonly Choice[], defaultValue: Choice): Choice {
    const value = this.text(name);
    if (value === undefined) return defaultValue;
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) this.report(name, `must be one of ${choices.join(", ")}`);
    return choice ?? defaultValue;
  }

  /** Yes or no; wrangler hands those of a TOML file over as booleans. */
  flag(name: string): boolean {
    const value = this.#variables[name];
    if (value === true || value === "true") return true;
    if (value !== undefined && value !== "" && value !== false && value !== "false") {
      this.report(name, "must be true or false");
    }
    return false;
  }

  /** A comma list without empty items; undefined where the variable is not set. */
  list(name: string): readonly string[] | undefined {
    return this.text(name)
      ?.split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }

  binding(name: string): unknown {
    return this.#variables[name];
  }
}
