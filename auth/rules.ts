// What can decide whether somebody may do something on a stream: a closed list of words, for an operator's eyes.

export const RULES = [
  /** Whose the stream is by its claim. */
  "owner",
  /** The stream's id begins with the user's. */
  "prefix-owner",
  "access-list-reader",
  "access-list-writer",
  /** The access list lets every principal read. */
  "public",
  /** What the operator wrote beside a key of API_KEYS. */
  "api-key-grant",
  /** What the operator wrote beside a service binding. */
  "binding-props",
  /** The policy `open`. */
  "open",
  /** The policy `open` or `delegate`, and the operator granted this program less. */
  "not-granted",
  /** Whoever waits on a stream that nobody owns. */
  "unclaimed-read",
  /** It becomes his by that. */
  "would-claim",
  /** The stream is not made yet, and this one cannot make it. */
  "cannot-claim",
  /** Nobody ever can: the policy `prefix`, and an id without one. */
  "nobody-owns",
  /** The Worker that decides said so. */
  "delegated",
  "delegate-unreachable",
  /** What stands on the ticket, and nothing else. */
  "ticket",
  "other-stream",
  /** The ticket is of a stream that was deleted since. */
  "other-epoch",
  "ticket-used-up",
  /** The token was refused, so nobody asked about rights. */
  "credential-refused",
  "revoked",
  /** Nobody can say now what of this user is revoked. */
  "revocations-unknown",
  /** None of them allows it. */
  "no-rule",
] as const;

export type Rule = (typeof RULES)[number];
