// The live line: what was sent, what a viewer saw and missed, which alerts came back.
import type { Judgement } from "./judge.ts";

const CLEAR_LINE = "\r\u001b[2K";

export class Tally {
  readonly #startMs = Date.now();
  #sent = 0;
  #seen = 0;
  #dropped = 0;
  #alerts = 0;
  #note = "";
  #printedAtMs = 0;

  get sent(): number {
    return this.#sent;
  }

  noteSent(): void {
    this.#sent += 1;
    this.#print();
  }

  noteSeen(dropped: unknown): void {
    this.#seen += 1;
    if (typeof dropped === "number") this.#dropped += dropped;
  }

  noteAlert(region: unknown, judgement: Judgement): void {
    this.#alerts += 1;
    this.#note = `motion at ${describe(region)}${judgement === "still" ? " where nothing moves!" : ""}`;
  }

  noteTrouble(what: unknown): void {
    this.#note = String(what);
  }

  end(): void {
    this.#printedAtMs = 0;
    this.#print();
    if (process.stdout.isTTY) process.stdout.write("\n");
  }

  /** One line that is written over; where nobody watches, one line a second. */
  #print(): void {
    const nowMs = Date.now();
    const line =
      `${((nowMs - this.#startMs) / 1000).toFixed(1).padStart(6)} s   frames sent ${this.#sent}, seen ${this.#seen}, ` +
      `dropped ${this.#dropped}   alerts ${this.#alerts}   ${this.#note}`;
    if (process.stdout.isTTY) process.stdout.write(CLEAR_LINE + line.slice(0, process.stdout.columns));
    else if (nowMs - this.#printedAtMs >= 1000) {
      this.#printedAtMs = nowMs;
      console.log(line);
    }
  }
}

function describe(region: unknown): string {
  if (typeof region !== "object" || region === null) return "an unknown place";
  const { x, y, width, height } = region as Record<string, unknown>;
  return `${String(x)},${String(y)} (${String(width)}×${String(height)})`;
}
