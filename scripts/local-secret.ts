// The secrets of local development: random, made on the first run, in a file that git ignores.
import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, existsSync, readFileSync } from "node:fs";
import { ROOT } from "./wrangler.ts";

const NAMES = ["BETTER_AUTH_SECRET", "ADMIN_KEY"] as const;
const SECRET_BYTES = 32;

/**
 * Makes those that are missing, and says which.
 * @param path the file that wrangler reads for every Worker whose configuration names them as required
 */
export function ensureSecrets(path = `${ROOT}.env`): readonly string[] {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const missing = NAMES.filter((name) => !new RegExp(`^${name}=.`, "m").test(text));
  if (missing.length === 0) return [];
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  const lines = missing.map((name) => `${name}=${randomBytes(SECRET_BYTES).toString("base64url")}\n`);
  appendFileSync(path, `${separator}${lines.join("")}`, { mode: 0o600 });
  chmodSync(path, 0o600); // the mode above only holds for a new file
  return missing;
}
