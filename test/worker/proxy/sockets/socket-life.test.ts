// What is written down of WebSockets on routes: where they lead, whose they are, how they ended; and of whom nothing is.
import { expect, test } from "vitest";
import type { AuditEvent } from "../../../../connection/audit.ts";
import { noteOpened, type RouteSocket } from "../../../../worker/proxy/sockets/socket-life.ts";
import { service, user } from "../../../support/members.ts";

const VISITOR = { address: "192.0.2.1", country: "AT", ray: undefined };
const SOCKET: RouteSocket = {
  visitor: VISITOR,
  place: "upgrade",
  principal: user("anna"),
  route: { upstream: { kind: "service", binding: "API" } },
  connectionId: "c-1",
};
const REVOKED = { reason: "gateway", closeCode: 4410, code: "SESSION_REVOKED" } as const;

function opened(socket: Partial<RouteSocket> = {}) {
  const noted: AuditEvent[] = [];
  return { noted, close: noteOpened({ ...SOCKET, ...socket }, (event) => void noted.push(event)) };
}

test("its beginning and its end say whose it is, where it leads and from where it came, and why it ended", () => {
  const { noted, close } = opened();
  close(REVOKED);
  const socket = {
    ...VISITOR,
    place: "upgrade",
    principal: "user",
    userId: "anna",
    sessionId: "session-of-anna",
    connectionId: "c-1",
    sink: "service:API",
  };
  expect(noted).toEqual([
    { event: "upstream-opened", ...socket },
    { event: "upstream-closed", ...socket, ...REVOKED },
  ]);
});

test("one whose end nobody sees has no name that would lead to it", () => {
  const upstream = { kind: "url", origin: "https://api.example" } as const;
  const { noted } = opened({ connectionId: undefined, principal: service("robot"), route: { upstream } });
  expect(noted).toMatchObject([{ userId: "svc:robot", connectionId: undefined, sink: "https://api.example" }]);
});

test("of a stranger's nothing is said", () => {
  const { noted, close } = opened({ principal: undefined });
  close(REVOKED);
  expect(noted).toEqual([]);
});
