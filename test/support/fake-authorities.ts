// Who is asked about tokens on live connections: tells a test what was asked, and answers when the test says so.
import { setImmediate } from "node:timers/promises";
import type { Authenticated } from "../../auth/authenticator.ts";
import type { PublicFailure } from "../../auth/failure.ts";
import type { RenewalPorts } from "../../durable-objects/stream/sessions/renewing.ts";

interface Question {
  readonly token: string;
  readonly origin: string;
  /** Resolves once the stream has heard it. */
  readonly answer: (verdict: Authenticated | PublicFailure) => Promise<void>;
  /** A bug. */
  readonly fail: () => Promise<void>;
}

export class FakeAuthorities implements Pick<RenewalPorts, "verify"> {
  readonly asked: Question[] = [];
  readonly verify: RenewalPorts["verify"] = (token, { origin }) => {
    const { promise, resolve, reject } = Promise.withResolvers<Authenticated | PublicFailure>();
    const answer = (verdict: Authenticated | PublicFailure): Promise<void> => {
      resolve(verdict);
      return setImmediate();
    };
    const fail = (): Promise<void> => {
      reject(new Error("a bug"));
      return setImmediate();
    };
    this.asked.push({ token, origin, answer, fail });
    return promise;
  };
}
