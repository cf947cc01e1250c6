// Checks which room imports which: downward only, each package only where it belongs, no TypeScript-private over RPC.
//
// Written by hand because the linter would need one rule set a folder, and the ready-made tools read no source with
// TypeScript 7 and then pass. For the same reason this fails when it sees no files.
import { globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path";

interface Room {
  /** The rooms whose files it may import, beside its own. */
  readonly rooms: readonly string[];
  /** Packages and platform modules that it may import. */
  readonly packages: readonly string[];
}

/** From the bottom up. */
const ROOMS: Record<string, Room> = {
  protocol: { rooms: [], packages: [] },
  auth: { rooms: ["protocol"], packages: ["jose"] },
  connection: { rooms: ["auth", "protocol"], packages: [] },
  "durable-objects": { rooms: ["connection", "auth", "protocol"], packages: ["cloudflare:workers"] },
  worker: { rooms: ["durable-objects", "connection", "auth", "protocol"], packages: ["hono", "cloudflare:workers"] },
  /** Runs in a browser, which loads no TypeScript: what it shares with the protocol is the protocol's document. */
  console: { rooms: [], packages: [] },
  "examples/auth-worker": { rooms: [], packages: ["better-auth", "cloudflare:workers"] },
  "examples/ml-worker": { rooms: [], packages: ["cloudflare:workers", "@jsquash/jpeg"] },
  "examples/notify-worker": { rooms: [], packages: ["cloudflare:workers"] },
  "examples/webhook-worker": { rooms: [], packages: [] },
  "examples/nestjs-behind-the-gate": {
    rooms: [],
    packages: ["node:child_process", "node:http", "node:util", "@nestjs", "jose", "socket.io"],
  },
  "examples/camera": { rooms: [], packages: builtinModules.map((name) => `node:${name}`) },
};

/** Folders that only the named file may reach into. */
const DOORS: Record<string, string> = { "auth/verifiers": "auth/compose.ts" };

/** Classes that RPC can reach: TypeScript's `private` and `protected` methods would be callable. */
const RPC_CLASS = /extends\s+(?:DurableObject|WorkerEntrypoint|RpcTarget)\b/;

/** All complaints, a sentence each. */
export function checkLayers(root: string): readonly string[] {
  return Object.entries(ROOMS).flatMap(([name, room]) => {
    const files = globSync(`${name}/**/*.{ts,js}`, { cwd: root }).filter((file) => !file.endsWith(".d.ts"));
    if (files.length === 0) return [`${name}: no files seen, so nothing was checked`];
    return files.flatMap((file) => checkFile(file, readFileSync(join(root, file), "utf8"), name, room));
  });
}

export function checkFile(
  file: string,
  text: string,
  roomName: string,
  room: Room = roomOf(roomName),
): readonly string[] {
  const complaints = importsOf(text).flatMap((target) => {
    const complaint = target.startsWith(".") ? checkPath(file, target, roomName, room) : checkPackage(target, room);
    return complaint === undefined ? [] : [`${file}: ${complaint}`];
  });
  if (!text.startsWith("// ")) complaints.push(`${file}: the first line does not say what the file is for`);
  if (RPC_CLASS.test(text) && /^\s+(?:private|protected)\s/m.test(text)) {
    complaints.push(`${file}: RPC can call what is private only to TypeScript; use #names`);
  }
  return complaints;
}

function checkPath(file: string, target: string, roomName: string, room: Room): string | undefined {
  const path = normalize(join(dirname(file), target));
  const targetRoom = Object.keys(ROOMS).find((name) => path.startsWith(`${name}/`));
  if (targetRoom === undefined) return `imports ${path}, which is in no room`;
  if (targetRoom !== roomName && !room.rooms.includes(targetRoom))
    return `imports ${path}: ${roomName} may not see ${targetRoom}`;
  const door = Object.entries(DOORS).find(
    ([folder]) => path.startsWith(`${folder}/`) && !file.startsWith(`${folder}/`),
  );
  return door === undefined || door[1] === file ? undefined : `imports ${path}: only ${door[1]} may reach in there`;
}

function checkPackage(target: string, room: Room): string | undefined {
  const allowed = room.packages.some((name) => target === name || target.startsWith(`${name}/`));
  return allowed ? undefined : `imports the package ${target}, which belongs elsewhere`;
}

function importsOf(text: string): readonly string[] {
  const statements = text.matchAll(
    /^(?:import|export)\b[^;'"]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return [...statements].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? "");
}

function roomOf(name: string): Room {
  const room = ROOMS[name];
  if (room === undefined) throw new Error(`no room ${name}`);
  return room;
}

if (process.argv[1] === import.meta.filename) {
  const complaints = checkLayers(new URL("..", import.meta.url).pathname);
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length > 0 ? 1 : 0;
}
