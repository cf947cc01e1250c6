// Client code as documents print it: taken out of one of the five or our own, with a token and a URL put in, and made to run.
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/wrangler.ts";

/** The one code block of one of the five documents that holds a text. */
export function printedCode(document: string, holds: string): string {
  return codeIn(`test/data/sources/${document}`, holds);
}

/** The same of a document of the project's own, by its path. */
export function codeIn(document: string, holds: string): string {
  const text = readFileSync(`${ROOT}${document}`, "utf8");
  const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  const [block, ...others] = blocks.filter((code) => code.includes(holds));
  if (block === undefined || others.length > 0)
    throw new Error(`${document} has ${others.length} more blocks with ${holds}`);
  return block;
}

/** Replaces what the document leaves to its reader; fails where the document does not say it. */
export function putIn(code: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((text, [printed, real]) => {
    if (!text.includes(printed)) throw new Error(`the document does not print ${printed}`);
    return text.replaceAll(printed, real);
  }, code);
}

/** Runs files beside each other as modules of their own and returns what the last one exports. */
export async function runPrinted(files: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  // Inside the project, so that packages are found, and where nothing is kept.
  const folder = join(ROOT, ".wrangler", "printed-clients", randomUUID());
  mkdirSync(folder, { recursive: true });
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code);
  const main = Object.keys(files).at(-1) ?? "";
  return (await import(/* @vite-ignore */ join(folder, main))) as Record<string, unknown>;
}
