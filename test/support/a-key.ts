// Keys of programs as the operator lists them.
import { createHash } from "node:crypto";

/** An entry of `API_KEYS` for a key. @param streams left out where it names none */
export function keyEntry(key: string, name: string, scopes: readonly string[], streams?: readonly string[]): object {
  return { name, hash: `sha256:${createHash("sha256").update(key).digest("hex")}`, scopes, streams };
}
