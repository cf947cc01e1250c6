// Adds to package-lock.json the optional platform packages that npm left out, so that `npm ci` accepts it.
//
// npm drops an optional dependency that its registry does not list at that version, but `npm ci` then refuses the
// lockfile because the parent still names it. Run after every `npm install` that rewrote the lockfile. The entries
// carry no integrity hash, because none is known where the package is not listed: an install with full registry
// access fills them in.
import { readFileSync, writeFileSync } from "node:fs";

interface LockedPackage {
  version?: string;
  license?: string | undefined;
  optionalDependencies?: Record<string, string>;
  [key: string]: unknown;
}
interface Lockfile {
  packages: Record<string, LockedPackage>;
}

/** The last part of `@scope/name-linux-x64-musl`, in npm's words for os, cpu and libc. */
const PLATFORM =
  /(?:^|[-/])(android|darwin|freebsd|linux|openharmony|win32|windows)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64|64)(?:-([a-z]+))?$/;

function platformOf(name: string): { os: string[]; cpu: string[]; libc?: string[] } | undefined {
  const match = PLATFORM.exec(name);
  if (match === null) return undefined;
  const [, os = "", cpu = "", abi = ""] = match;
  const libc = abi.startsWith("gnu") ? ["glibc"] : abi.startsWith("musl") ? ["musl"] : undefined;
  return {
    os: [os === "windows" ? "win32" : os],
    cpu: [cpu === "64" ? "x64" : cpu],
    ...(libc && os === "linux" ? { libc } : {}),
  };
}

const path = new URL("../package-lock.json", import.meta.url);
const lockfile = JSON.parse(readFileSync(path, "utf8")) as Lockfile;
const added: string[] = [];

for (const [parent, { license, optionalDependencies = {} }] of Object.entries(lockfile.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const nested = `${parent}/node_modules/${name}`;
    const hoisted = `node_modules/${name}`;
    const platform = platformOf(name);
    if (nested in lockfile.packages || hoisted in lockfile.packages || platform === undefined) continue;
    lockfile.packages[hoisted] = { version, dev: true, license, optional: true, ...platform };
    added.push(`${name}@${version}`);
  }
}

if (added.length > 0) {
  const packages = Object.entries(lockfile.packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
  lockfile.packages = Object.fromEntries(packages);
  writeFileSync(path, `${JSON.stringify(lockfile, null, 2)}\n`);
}
console.log(added.length > 0 ? `added ${added.length}:\n${added.join("\n")}` : "the lockfile is complete");
