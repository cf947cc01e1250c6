// A stream under the policy `delegate`, with a Worker of the operator's that answers what a test says.
import { expect } from "vitest";
import type { Question } from "../../durable-objects/stream/rights/delegated-answers.ts";
import { FakeStream, type JoinOptions, type Seat } from "./fake-stream.ts";

const BINDINGS = { STREAM_POLICY: "delegate", AUTHORIZER: {} };
/** How long the Worker's word counts, unless a test says otherwise. */
export const TTL_MS = 60_000;

/** A stream whose Worker allows what is in a list of `user operation`, and that is asked nothing yet. */
export function startDelegated(variables = {}) {
  const fake = new FakeStream({ ...BINDINGS, ...variables });
  const allowed = new Set(["anna write", "anna read", "bob read"]);
  const asked: Question[] = [];
  let answer = (question: Question): unknown => ({
    allowed: allowed.has(`${question.principal.userId} ${question.operation}`),
    ttlMs: TTL_MS,
  });
  fake.authorize = (question) => {
    asked.push(question);
    return new Promise((resolve) => resolve(answer(question)));
  };
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const register = async (seat: Seat, message: Record<string, unknown>): Promise<unknown> => {
    const before = seat.socket.messages.length;
    seat.send({ type: "register", ...message });
    await settled();
    return seat.socket.messages[before];
  };
  const member = async (userId: string, message: Record<string, unknown>, options: JoinOptions = {}): Promise<Seat> => {
    const seat = fake.join(userId, options);
    expect(await register(seat, message)).toMatchObject({ type: "success" });
    seat.socket.forgetSent();
    return seat;
  };
  const ring = async (): Promise<void> => {
    fake.ring();
    await settled();
  };
  /** The Worker does something else from now on. */
  const becomes = (other: (question: Question) => unknown): void => void (answer = other);
  return { allowed, asked, becomes, fake, member, register, ring, settled };
}

/** What somebody was told: codes of errors, types of the others. */
export function typesOf(seat: Seat): readonly unknown[] {
  return seat.socket.messages.map(({ type, code }) => code ?? type);
}
