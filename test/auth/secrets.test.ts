// Which secrets of the auth server count, in which order and until when, and that a bad one lets nobody in.
import { describe, expect, test } from "vitest";
import { readSecrets } from "../../auth/secrets.ts";
import { VariableReader } from "../../auth/variables.ts";
import { TEST_SECRET } from "../support/session-token.ts";

const NEW = "new-8Qw2eR4tY6uI1oP3aS5dF7gH9jK0lZxCvB";
const OLD = "old-1Lk0jH9gF8dS7aP6oI5uY4tR3eW2qMnBvC";
const LIST = "BETTER_AUTH_SECRETS";

function read(list: string | undefined, single?: string) {
  const variables = new VariableReader({ BETTER_AUTH_SECRETS: list, BETTER_AUTH_SECRET: single });
  const secrets = readSecrets(variables).map(({ value, endsAtMs }) =>
    endsAtMs === undefined ? value : [value, endsAtMs],
  );
  return { secrets, problems: variables.problems };
}

describe("the secrets", () => {
  test.each([
    ["the single one alone", undefined, TEST_SECRET, [TEST_SECRET]],
    ["the list alone, the current one first", `2:${NEW},1:${OLD}`, undefined, [NEW, OLD]],
    ["the order of the list, whatever its numbers", `1:${NEW},2:${OLD}`, undefined, [NEW, OLD]],
    ["the list first and the single one last", `2:${NEW},1:${OLD}`, TEST_SECRET, [NEW, OLD, TEST_SECRET]],
    ["a single one that is in the list only there", `2:${NEW},1:${OLD}`, NEW, [NEW, OLD]],
    ["white space between entries as none", ` 2:${NEW} , 1:${OLD} `, undefined, [NEW, OLD]],
    ["a secret that holds a colon and an at", `0:${NEW}:a@b`, undefined, [`${NEW}:a@b`]],
  ])("are %s", (_what, list, single, secrets) => {
    expect(read(list, single)).toEqual({ secrets, problems: [] });
  });

  test.each([
    ["2027-01-31", Date.UTC(2027, 0, 31)],
    ["2027-01-31T12:30Z", Date.UTC(2027, 0, 31, 12, 30)],
    ["2027-01-31T12:30:00.000Z", Date.UTC(2027, 0, 31, 12, 30)],
  ])("may end with @%s", (end, endsAtMs) => {
    expect(read(`2:${NEW},1:${OLD}@${end}`)).toEqual({ secrets: [NEW, [OLD, endsAtMs]], problems: [] });
  });

  test("keep their end where the single one is the same", () => {
    const { secrets } = read(`2:${NEW},1:${OLD}@2027-01-31`, OLD);
    expect(secrets).toEqual([NEW, [OLD, Date.UTC(2027, 0, 31)]]);
  });
});

describe("nobody gets in, and the operator is told without a secret being repeated,", () => {
  test.each([
    ["where none is set", undefined, undefined, "BETTER_AUTH_SECRET", "is not set"],
    ["where the single one is weak beside a good list", `1:${NEW}`, "short", "BETTER_AUTH_SECRET", "is shorter"],
    ["where a secret has no number", NEW, undefined, LIST, "number 1, that is not <version>:<secret>"],
    ["where a number is none", `v2:${NEW}`, undefined, LIST, "number 1, that is not <version>:<secret>"],
    ["where a comma is too many", `1:${NEW},`, undefined, LIST, "number 2, that is not <version>:<secret>"],
    ["where an entry is empty", `1:${NEW},2:`, undefined, LIST, "number 2, that is shorter"],
    ["where an old one is weak", `2:${NEW},1:old`, undefined, LIST, "number 2, that is shorter"],
    [
      "where an old one is published",
      `2:${NEW},1:better-auth-secret-12345678901234567890`,
      undefined,
      LIST,
      "published",
    ],
    ["where two have one number", `1:${NEW},1:${OLD}`, undefined, LIST, "two entries of one version"],
    ["where two have one number, written apart", `1:${NEW},01:${OLD}`, undefined, LIST, "two entries of one version"],
    [
      "where the current one has an end",
      `2:${NEW}@2027-01-31`,
      undefined,
      LIST,
      "is the current secret and has an end",
    ],
    ["where an end is no date", `2:${NEW},1:${OLD}@2027-13-31`, undefined, LIST, "number 2, that ends at no date"],
    ["where there are nine", nine(), undefined, LIST, "more than 8 entries"],
  ])("%s", (_why, list, single, variable, message) => {
    const { secrets, problems } = read(list, single);
    expect(secrets).toEqual([]);
    expect(problems).toEqual([{ variable, message: expect.stringContaining(message) }]);
    expect(JSON.stringify(problems)).not.toMatch(/8Qw2|1Lk0/);
  });

  test("both variables at once", () => {
    expect(read("1:short", "short").problems.map(({ variable }) => variable)).toEqual([LIST, "BETTER_AUTH_SECRET"]);
  });
});

function nine(): string {
  return Array.from({ length: 9 }, (_, index) => `${index}:${NEW}${index}`).join(",");
}
