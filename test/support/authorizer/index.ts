// A Worker that decides who may do what on a stream, as the stream's own name tells it: allow, deny, hang, throw, nonsense.
import { WorkerEntrypoint } from "cloudflare:workers";

interface Question {
  readonly principal: { readonly kind: string; readonly userId: string; readonly sessionId?: string };
  readonly streamId: string;
  readonly operation: string;
  readonly types?: readonly string[];
}

/** What the first word of a stream's id makes of a question. */
const ANSWERS: Record<string, (question: Question) => unknown> = {
  all: () => ({ allowed: true, ttlMs: 60_000 }),
  none: () => ({ allowed: false, ttlMs: 60_000 }),
  // With a timer: where nothing is left that could resolve it, the runtime gives a call up by itself.
  hang: () => scheduler.wait(3_600_000),
  throw: () => {
    throw new Error("a secret of the Worker's");
  },
  nonsense: () => "yes",
  function: () => () => true,
  /** `until-<milliseconds>-…`: for everybody until then, with words that live for a second. */
  until: ({ streamId }) => ({ allowed: Date.now() < Number(streamId.split("-")[1]), ttlMs: 1000 }),
  /** `notes-<userId>`: he writes notes and whatever else, everybody reads. */
  notes: ({ streamId, principal, operation, types = ["note"] }) => ({
    allowed: operation === "read" || (streamId === `notes-${principal.userId}` && types.includes("note")),
    ttlMs: 60_000,
  }),
  /** Sessions alone: programs have none. */
  people: ({ principal }) => ({
    allowed: principal.kind === "user" && principal.sessionId !== undefined,
    ttlMs: 60_000,
  }),
};

export class Authorizer extends WorkerEntrypoint {
  async authorize(question: Question): Promise<unknown> {
    return await ANSWERS[question.streamId.split("-")[0] ?? ""]?.(question);
  }
}

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler;
