// What a gateway has written down, as a test reads it.
import { vi } from "vitest";
import type { TestHarness } from "wrangler";

export type AuditLine = Readonly<Record<string, unknown>>;

/** All lines, or those that have these fields. */
export function auditLines(harness: TestHarness, fields: AuditLine = {}): readonly AuditLine[] {
  const events = harness.getLogs().filter(({ message }) => message.startsWith('{"event":'));
  const lines = events.map(({ message }) => JSON.parse(message) as AuditLine);
  return lines.filter((line) => Object.entries(fields).every(([name, is]) => line[name] === is));
}

/** Those with these fields, once there are so many: they come by another way than answers do. */
export async function awaitLines(harness: TestHarness, fields: AuditLine, count = 1): Promise<readonly AuditLine[]> {
  await vi.waitUntil(() => auditLines(harness, fields).length >= count, { timeout: 10_000 });
  return auditLines(harness, fields);
}
