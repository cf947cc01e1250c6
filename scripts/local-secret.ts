// The secrets of local development: random, made on the first run, in a file that git ignores.
import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, existsSync, readFileSync } from "node:fs";
import { ROOT } from "./wrangler.ts";

export const SECRETS_FILE = `${ROOT}.env`;

export const LOCAL_SECRETS = ["BETTER_AUTH_SECRET", "ADMIN_KEY"] as const;
const SECRET_BYTES = 32;

/** Makes those that are missing, and says which. */
export function ensureSecrets(path = SECRETS_FILE): readonly string[] {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const missing = LOCAL_SECRETS.filter((name) => !new RegExp(`^${name}=.`, "m").test(text));
  if (missing.length === 0) return [];
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  const lines = missing.map((name) => `${name}=${randomBytes(SECRET_BYTES).toString("base64url")}\n`);
  appendFileSync(path, `${separator}${lines.join("")}`, { mode: 0o600 });
  chmodSync(path, 0o600); // the mode above only holds for a new file
  return missing;
}
