// How much memory the runtime of a soak fills: before, at most, and at moments that are noted.
import type { RunningGateway } from "../support/gateway-on-disk.ts";

const LOOK_EVERY_MS = 250;

export class MemoryWatch {
  readonly #gateway: RunningGateway;
  readonly #looking: ReturnType<typeof setInterval>;
  readonly #beforeBytes: number;
  readonly #notes: string[] = [];
  #highestBytes: number;

  constructor(gateway: RunningGateway) {
    this.#gateway = gateway;
    this.#beforeBytes = gateway.residentBytes;
    this.#highestBytes = this.#beforeBytes;
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  note(moment: string): void {
    this.#notes.push(`${inMb(this.#look())} ${moment}`);
  }

  stop(): void {
    clearInterval(this.#looking);
  }

  get growthBytes(): number {
    return this.#highestBytes - this.#beforeBytes;
  }

  get figures(): string {
    return [`${inMb(this.#beforeBytes)} before`, `${inMb(this.#highestBytes)} at most`, ...this.#notes].join(", ");
  }

  #look(): number {
    const { residentBytes } = this.#gateway;
    this.#highestBytes = Math.max(this.#highestBytes, residentBytes);
    return residentBytes;
  }
}

function inMb(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`;
}
