// The process that is all clients: opens fans and runs them at the word of the bench, whose own work stays outside.
import type { Cell } from "./cell.ts";
import { Fan, type Target } from "./fan.ts";

export type Command =
  | { readonly kind: "open"; readonly fan: string; readonly target: Target; readonly cell: Cell }
  | { readonly kind: "run"; readonly fan: string; readonly messages: number }
  | { readonly kind: "close" };

/** One for each command, in order. */
export interface Answer {
  readonly wallMs: number;
  /** What went wrong; the figures of the command are worth nothing then. */
  readonly problem?: string;
}

const fans = new Map<string, Fan>();

async function obey(command: Command): Promise<void> {
  switch (command.kind) {
    case "open":
      fans.set(command.fan, await Fan.open(command.target, command.cell));
      break;
    case "run":
      await fans.get(command.fan)?.run(command.messages);
      break;
    case "close":
      await Promise.all([...fans.values()].map((fan) => fan.close()));
      fans.clear();
      break;
  }
}

async function answer(command: Command): Promise<Answer> {
  const startMs = performance.now();
  try {
    await obey(command);
    return { wallMs: performance.now() - startMs };
  } catch (error) {
    return { wallMs: performance.now() - startMs, problem: String(error) };
  }
}

process.on("message", (command: Command) => {
  void answer(command).then((result) => process.send?.(result));
});
// Without the bench there is nobody to load for.
process.on("disconnect", () => process.exit());
