// What an operator must be able to look up later: who came in by which key, who was refused and why, what was done to streams.
import { type Authenticated, isAuthenticated } from "../auth/authenticator.ts";
import type { Slot } from "../auth/credential.ts";
import { type AuthFailure, toPublic } from "../auth/failure.ts";
import type { Principal } from "../auth/principal.ts";
import type { TokenKind } from "../auth/verifier.ts";
import type { Code } from "../protocol/codes.ts";

/**
 * The events, and how many of each a minute and isolate tells one by one at each place; what is above is counted. Whatever
 * strangers can repeat is told seldom, what members do often, and what changes a stream always.
 */
const TOLD_PER_MINUTE = {
  "credential-refused": 100,
  "rate-limited": 100,
  "connection-refused": 100,
  "request-refused": 100,
  /** The platform's counter cannot be asked. */
  "limit-broken": 100,
  "sink-trouble": 100,
  /** An upstream did not answer. */
  "upstream-trouble": 100,
  "credential-accepted": 1000,
  joined: 1000,
  left: 1000,
  /** A WebSocket of somebody who is known, on a route. */
  "upstream-opened": 1000,
  "upstream-closed": 1000,
  claimed: Infinity,
  "access-changed": Infinity,
  "stream-deleted": Infinity,
  drained: Infinity,
  disconnected: Infinity,
  revoked: Infinity,
  "ticket-made": 1000,
  /** An operator asked what somebody may do. */
  explained: 1000,
  misconfigured: Infinity,
  /** So many more events of a kind than were told. */
  suppressed: Infinity,
} as const;

export type AuditEventName = keyof typeof TOLD_PER_MINUTE;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object literal has its own names and no others
export const AUDIT_EVENTS = Object.keys(TOLD_PER_MINUTE) as readonly AuditEventName[];

/** How it came: with an upgrade, by a message (the first, or one that renews), over HTTP, over a service binding. */
export type Place = "upgrade" | "message" | "http" | "rpc";

interface TextFields {
  readonly event: AuditEventName;
  /** What the client was told. */
  readonly code: Code;
  /** Why, from a closed list: richer than what the client was told. */
  readonly reason: string;
  /** The claim that was missing or wrong, by its name. */
  readonly claim: string;
  readonly place: Place;
  readonly slot: Slot;
  readonly tokenKind: TokenKind;
  readonly keyId: string;
  readonly principal: Principal["kind"];
  readonly userId: string;
  /** Names a session and opens nothing. */
  readonly sessionId: string;
  readonly streamId: string;
  readonly connectionId: string;
  /** As limits count it: an IPv6 client by its /64. */
  readonly address: string;
  readonly country: string;
  /** The platform's name of the request. */
  readonly ray: string;
  /** Name of a binding; of an upstream, as the configuration names it. */
  readonly sink: string;
  /** Names of variables, a comma list. */
  readonly variables: string;
  /** Of which event more were not told. */
  readonly of: AuditEventName;
  /** Whom an operator's act or question, or a ticket, concerns: the id of a user or a program. */
  readonly target: string;
}

interface NumberFields {
  /** How many events it stands for. */
  readonly count: number;
  readonly closeCode: number;
  /** The place of the secret that made a token among those configured, from 0. */
  readonly keyNumber: number;
  readonly members: number;
}

/** Nothing else leaves, whatever an event carries; in the order of the columns of a dataset. */
export const TEXT_FIELDS = [
  ...(["event", "code", "reason", "claim", "place", "slot", "tokenKind", "keyId", "principal", "userId"] as const),
  ...([
    "sessionId",
    "streamId",
    "connectionId",
    "address",
    "country",
    "ray",
    "sink",
    "variables",
    "of",
    "target",
  ] as const),
] as const satisfies readonly (keyof TextFields)[];
export const NUMBER_FIELDS = [
  "count",
  "closeCode",
  "keyNumber",
  "members",
] as const satisfies readonly (keyof NumberFields)[];

export type AuditEvent = Pick<TextFields, "event"> & {
  readonly [Name in keyof Omit<TextFields, "event">]?: TextFields[Name] | undefined;
} & { readonly [Name in keyof NumberFields]?: NumberFields[Name] | undefined };

/** Where events go. May throw: nobody who is served learns of it. */
export type AuditSink = (event: AuditEvent) => void;

/** Writes an event down, or counts it. Never throws. */
export type Note = (event: AuditEvent) => void;

/** Who a verified principal is, in the fields of an event. */
export function identityOf(principal: Principal): Pick<AuditEvent, "principal" | "userId" | "sessionId"> {
  const { kind, userId } = principal;
  return { principal: kind, userId, sessionId: kind === "user" ? principal.sessionId : undefined };
}

/** What came of a look at a credential; a refusal says why in more words than its client is told. */
export function credentialEvent(result: Authenticated | AuthFailure, where: Omit<AuditEvent, "event">): AuditEvent {
  if (isAuthenticated(result)) {
    return { event: "credential-accepted", ...where, ...result.shown, ...identityOf(result.principal) };
  }
  const claim = "claim" in result ? result.claim : undefined;
  return { event: "credential-refused", ...where, code: toPublic(result).code, reason: result.reason, claim };
}

const MINUTE_MS = 60_000;

interface Told {
  readonly event: AuditEvent;
  times: number;
}

/** @param now milliseconds since 1970 */
export function makeNote(sinks: readonly AuditSink[], now: () => number): Note {
  let minute = 0;
  const told = new Map<string, Told>();
  const write = (event: AuditEvent): void => {
    for (const sink of sinks) {
      try {
        sink(event);
      } catch {
        // A log that cannot be written is no reason to refuse anybody.
      }
    }
  };
  /** No timer runs for it: what was counted is told before the next event of a later minute. */
  const beginMinute = (): void => {
    for (const { event, times } of told.values()) {
      const count = times - TOLD_PER_MINUTE[event.event];
      if (count > 0) write({ event: "suppressed", of: event.event, place: event.place, count });
    }
    told.clear();
  };
  return (event) => {
    const current = Math.floor(now() / MINUTE_MS);
    if (current !== minute) beginMinute();
    minute = current;
    const kind = `${event.event} ${event.place ?? ""}`;
    const known = told.get(kind) ?? { event, times: 0 };
    told.set(kind, known);
    known.times += 1;
    if (known.times <= TOLD_PER_MINUTE[event.event]) write(event);
  };
}
