// What a revocation ends, and what it leaves alone: by user, by session, by the second of the token.
import { describe, expect, test } from "vitest";
import { type Revocation, revokes, type Subject, subjectOf } from "../../auth/revocation.ts";
import { service, user } from "../support/members.ts";
import { holder } from "../support/tickets.ts";

const SUBJECT: Subject = { userId: "anna", sessionId: "s-1", issuedAtS: 1000 };

const of = (change: Partial<Revocation>): Revocation => ({
  userId: "anna",
  sessionId: undefined,
  issuedBeforeS: 1000,
  ...change,
});

describe("a revocation", () => {
  test.each([
    ["of all sessions ends each of the user's", of({}), true],
    ["of a session ends that one", of({ sessionId: "s-1" }), true],
    ["of a session leaves the others", of({ sessionId: "s-2" }), false],
    ["of another user ends nothing", of({ userId: "bob" }), false],
    ["of another user's session of the same name ends nothing", of({ userId: "bob", sessionId: "s-1" }), false],
    ["ends what was vouched for in the same second", of({ issuedBeforeS: 1000 }), true],
    ["ends what was vouched for long before", of({ issuedBeforeS: 9000 }), true],
    ["leaves what was vouched for a second later", of({ issuedBeforeS: 999 }), false],
    ["of a session leaves what was vouched for later", of({ sessionId: "s-1", issuedBeforeS: 999 }), false],
  ])("%s", (_what, revocation, isRevoked) => {
    expect(revokes(revocation, SUBJECT)).toBe(isRevoked);
  });
});

test("A user is who he is, by his session, since he was vouched for", () => {
  expect(subjectOf({ principal: user("anna"), issuedAtS: 7 })).toEqual({
    userId: "anna",
    sessionId: "session-of-anna",
    issuedAtS: 7,
  });
});

test("Of whom nobody knows when he was vouched for, any revocation ends", () => {
  expect(subjectOf({ principal: user("anna"), issuedAtS: undefined })).toMatchObject({ issuedAtS: 0 });
});

test("A program is nobody's session", () => {
  expect(subjectOf({ principal: service("robot"), issuedAtS: undefined })).toBeUndefined();
});

test("A ticket is its user's, and one that a program made in its own name is nobody's", () => {
  const issuedAtS = 7;
  expect(subjectOf({ principal: holder({ userId: "anna" }), issuedAtS })).toMatchObject({ userId: "anna", issuedAtS });
  expect(subjectOf({ principal: holder({ userId: "key:mailer" }), issuedAtS })).toBeUndefined();
});
