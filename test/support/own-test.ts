// Which test it is that runs, where several run at once: Vitest itself knows only which one began last.
import { AsyncLocalStorage } from "node:async_hooks";
import { aroundEach, onTestFinished, type TestContext } from "vitest";

const running = new AsyncLocalStorage<Pick<TestContext, "onTestFinished">>();

/** For the tests of the file or suite that calls it; those that run beside others need it. */
export function tellTestsApart(): void {
  aroundEach((run, context) => running.run(context, run));
}

/** Once the test that calls it is over, which fails where this does. */
export function whenTestIsOver(what: () => void | Promise<void>): void {
  const test = running.getStore();
  if (test === undefined) onTestFinished(what);
  else test.onTestFinished(what);
}
