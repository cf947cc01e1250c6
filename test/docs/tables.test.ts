// The tables of the documents say what the code does: codes, and the names and defaults of variables.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RULES } from "../../auth/rules.ts";
import { VariableReader } from "../../auth/variables.ts";
import { AUDIT_EVENTS, TEXT_FIELDS } from "../../connection/audit.ts";
import { readStreamConfig } from "../../durable-objects/config.ts";
import { CODES } from "../../protocol/codes.ts";
import { ROOT } from "../../scripts/wrangler.ts";
import { readConfig } from "../../worker/config.ts";

/** The cells of all table rows below a heading. */
function tableBelow(document: string, heading: string): readonly (readonly string[])[] {
  const text = readFileSync(`${ROOT}${document}`, "utf8");
  const section = text.split(/^#{2,3} /m).find((part) => part.startsWith(heading)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("the table of codes in docs/PROTOCOL.md is the one in the code", () => {
  const said = tableBelow("docs/PROTOCOL.md", "Codes");
  const meant = Object.entries(CODES).map(([code, { httpStatus, staysOpen, closeCode, temporary, reauth }]) => [
    `\`${code}\``,
    String(httpStatus ?? "–"),
    staysOpen ? "open" : String(closeCode),
    temporary ? "yes" : "no",
    reauth ? "yes" : "no",
  ]);
  expect(said).toEqual(meant);
});

test("the table of rules in docs/PROTOCOL.md is the list in the code, in its order", () => {
  const said = tableBelow("docs/PROTOCOL.md", "Why\n").map(([rule = ""]) => rule.replaceAll("`", ""));
  expect(said).toEqual(RULES);
});

test("the README names each variable that is read, and no other", () => {
  const read = new Set<string>();
  readConfig(new Proxy({}, { get: (_target, name) => void read.add(String(name)) }));
  const named = tableBelow("README.md", "Configure it").flatMap(([names = ""]) =>
    names.replaceAll(/`| \((?:secret|bindings?)\)/g, "").split(", "),
  );
  expect(named.toSorted()).toEqual([...read].toSorted());
});

test.each(["README.md", "docs/OPERATIONS.md"])("each command that %s names is there", (document) => {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { scripts: Record<string, string> };
  const named = [...readFileSync(`${ROOT}${document}`, "utf8").matchAll(/npm run ([a-z]+)/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(0);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});

test.each(["README.md", "docs/OPERATIONS.md"])("the doctor knows each flag that %s names behind it", (document) => {
  const lines = [...readFileSync(`${ROOT}${document}`, "utf8").matchAll(/npm run doctor -- (.*)/g)];
  const flags = lines.flatMap(([, line = ""]) => [...line.matchAll(/--([a-z]+)/g)].map(([, flag = ""]) => flag));
  expect(flags.length).toBeGreaterThan(0);
  const code = readFileSync(`${ROOT}scripts/doctor.ts`, "utf8");
  for (const flag of flags) expect(code).toMatch(new RegExp(`^ +${flag}: \\{ type:`, "m"));
});

test("the README's numbers are the defaults", () => {
  const config = readStreamConfig(new VariableReader({}));
  const text = tableBelow("README.md", "Configure it")
    .map(([, defaults = ""]) => defaults)
    .join(" ");
  const numbers = [
    config.maxMessageBytes,
    config.rate.maxMessagesPerS,
    config.rate.maxBytesPerS,
    config.maxMembers,
    config.outbox.consumerBufferBytes,
    config.outbox.objectBufferBytes,
    config.replayMax,
    config.frameSinkTimeoutMs,
    config.authGraceMs / 1000,
    config.authExpiringNoticeMs / 1000,
  ];
  for (const number of numbers) expect(text).toMatch(new RegExp(`\\b${number}\\b`));
});

test("each test that docs/SECURITY.md names is there", () => {
  const text = readFileSync(`${ROOT}docs/SECURITY.md`, "utf8");
  const named = [...text.matchAll(/`([a-z/-]+\/[a-z0-9.-]+\.(?:ts|json))`/g)].map(([, path = ""]) => path);
  const missing = named.filter(
    (path) => !existsSync(`${ROOT}${path.startsWith("auth/published") ? "" : "test/"}${path}`),
  );
  expect([named.length > 200, missing]).toEqual([true, []]);
});

test("each row of docs/SECURITY.md names a test that shows it", () => {
  const rows = readFileSync(`${ROOT}docs/SECURITY.md`, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| ---") && !line.endsWith("| tried in |"));
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => !/\| `[a-z/-]+\/[^|]+\.ts` \|$/.test(row))).toEqual([]);
});

test("OPERATIONS.md names each audit event, and the columns of a data point in their order", () => {
  const events = tableBelow("docs/OPERATIONS.md", "The audit").map(([name = ""]) => name.replaceAll("`", ""));
  expect(events.toSorted()).toEqual([...AUDIT_EVENTS].toSorted());
  const text = readFileSync(`${ROOT}docs/OPERATIONS.md`, "utf8").replaceAll(/\s+/g, " ");
  expect(text).toContain(`\`blob1\` to \`blob${TEXT_FIELDS.length}\` are \`${TEXT_FIELDS.join("`, `")}\`,`);
});
