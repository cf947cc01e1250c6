// The platform's rate limit, as a test needs it: lets so many pass for each key, and breaks when it is told to.
import type { Limiter } from "../../worker/guard/limiter.ts";

export class FakeLimiter implements Limiter {
  readonly keys: string[] = [];
  isBroken = false;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  limit({ key }: { readonly key: string }): Promise<{ readonly success: boolean }> {
    if (this.isBroken) return Promise.reject(new Error("no limit can be reached"));
    this.keys.push(key);
    return Promise.resolve({ success: this.keys.filter((one) => one === key).length <= this.#limit });
  }
}
