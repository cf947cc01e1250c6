// A bound Worker that does what each frame and each alert tells it to: hang, throw, answer nonsense of every kind.
import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

class Stub extends RpcTarget {
  type = "alert";

  message(): string {
    return "of a stub";
  }
}

const cycle: Record<string, unknown> = { message: "round and round" };
cycle["self"] = cycle;

/** What comes back for each word; a word that is not here is an alert's message. */
const ANSWERS: Record<string, () => unknown> = {
  nothing: () => undefined,
  // With a timer: where nothing is left that could resolve it, the runtime gives a call up by itself.
  hang: () => scheduler.wait(3_600_000),
  throw: () => {
    throw new Error("a secret of the model's");
  },
  text: () => "smoke",
  number: () => 42,
  object: () => ({ 0: { message: "smoke" }, length: 1 }),
  "seventeen alerts": () => Array.from({ length: 17 }, (_, n) => ({ message: String(n) })),
  "a text as an alert": () => ["smoke"],
  "a cycle": () => [cycle],
  "a large number": () => [{ count: 1n }],
  "a function": () => [() => "smoke"],
  "a stub": () => [new Stub()],
  "a function inside": () => [{ message: "inside", act: () => "smoke" }],
  "a stub inside": () => [{ message: "inside", stub: new Stub() }],
  "a huge alert": () => [{ message: "x".repeat(2_000_000) }],
  "more than a call may carry": () => [{ message: "x".repeat(40_000_000) }],
  "what cannot be sent": () => [new WeakMap()],
};

async function answer(word: string): Promise<unknown> {
  const known = ANSWERS[word];
  return known === undefined ? [{ message: word }] : await known();
}

export class FrameSink extends WorkerEntrypoint {
  onFrame(_meta: unknown, bytes: ArrayBuffer): Promise<unknown> {
    return answer(new TextDecoder().decode(bytes));
  }
}

export class AlertSink extends WorkerEntrypoint {
  async onAlert({ message }: { readonly message: string }): Promise<void> {
    await answer(message);
  }
}

/** As an auth server it fails, and not in a way that local development would answer a page for. */
export default {
  fetch: () => Response.error(),
} satisfies ExportedHandler;
