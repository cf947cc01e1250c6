// The shared secret of local development: random, made on the first run, in a file that git ignores.
import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, existsSync, readFileSync } from "node:fs";
import { ROOT } from "./wrangler.ts";

const NAME = "BETTER_AUTH_SECRET";
const SECRET_BYTES = 32;

/** @param path the file that wrangler reads for every Worker whose configuration names the secret as required */
export function ensureSecret(path = `${ROOT}.env`): "made" | "present" {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (new RegExp(`^${NAME}=.`, "m").test(text)) return "present";
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  appendFileSync(path, `${separator}${NAME}=${randomBytes(SECRET_BYTES).toString("base64url")}\n`, { mode: 0o600 });
  chmodSync(path, 0o600); // the mode above only holds for a new file
  return "made";
}
