// The bench's end of the process that is all clients: one command at a time, and its answer.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Command } from "./load.ts";

/** The process has its own, shorter patience, and says what is missing. */
const PATIENCE_MS = 90_000;

export class LoadProcess {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL("./load.ts", import.meta.url)), { execArgv: process.execArgv });
  }

  /** How long it took, in milliseconds; rejects where not everything arrived as it should. */
  async tell(command: Command): Promise<number> {
    const { wallMs, problem } = await this.#ask(command);
    if (problem !== undefined) throw new Error(`${JSON.stringify(command).slice(0, 120)}: ${problem}`);
    return wallMs;
  }

  stop(): void {
    this.#child.kill();
  }

  #ask(command: Command): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error(`no answer to ${command.kind}`)), PATIENCE_MS);
      const settle = (): void => {
        clearTimeout(patience);
        this.#child.removeAllListeners();
      };
      this.#child.once("message", (answer) => {
        settle();
        resolve(answer as Answer);
      });
      this.#child.once("exit", (code) => {
        settle();
        reject(new Error(`the process of the clients ended with ${code}`));
      });
      this.#child.send(command);
    });
  }
}
