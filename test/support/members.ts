// Principals and members of a stream for tests that need no whole stream around them.
import { NO_GRANTS, type ServicePrincipal, type StreamGrants, type UserPrincipal } from "../../auth/principal.ts";
import { type Attachment, writeAttachment } from "../../connection/attachment.ts";
import { Member, type MemberOptions } from "../../durable-objects/stream/members/member.ts";
import { FakeSocket } from "./fake-socket.ts";
import { GATEWAY_ORIGIN } from "./occasion.ts";

export function user(userId: string): UserPrincipal {
  return { kind: "user", userId, sessionId: `session-of-${userId}` };
}

/** A program; without grants it may do nothing on a stream that somebody owns. */
export function service(name: string, grants: StreamGrants = NO_GRANTS): ServicePrincipal {
  return { kind: "service", userId: `svc:${name}`, grants };
}

export const GENEROUS_RATE = { maxMessagesPerS: 1000, maxBytesPerS: 1_000_000 };

export const MEMBER_OPTIONS: MemberOptions = {
  rate: GENEROUS_RATE,
  outbox: { consumerBufferBytes: 10_000, objectBufferBytes: 100_000, stallMs: 30_000 },
  heardGrainMs: 12_000,
  dropped: () => undefined,
};

/** The attachment of a connection that has not registered. */
export function attachmentOf(userId: string): Attachment {
  const principal = user(userId);
  return {
    streamId: "cam-1",
    connectionId: `connection-of-${userId}`,
    hop: "direct",
    origin: GATEWAY_ORIGIN,
    principal,
    issuedAtS: 0,
    endsAtMs: 5000,
    noticeAtMs: Infinity,
    revoked: undefined,
    registration: undefined,
    joinedAtMs: 0,
    heardAtMs: 0,
  };
}

/** A member as it is after it joined and, where lists are given, registered. */
export function memberOf(
  lists?: { readonly produces?: readonly string[]; readonly consumes?: readonly string[] },
  socket = new FakeSocket(),
): Member & { readonly socket: FakeSocket } {
  const attachment = attachmentOf("anna");
  socket.serializeAttachment(writeAttachment(attachment));
  const member = new Member(socket, attachment, MEMBER_OPTIONS, 0);
  if (lists !== undefined) {
    member.register({ clientType: undefined, window: undefined, batch: false, produces: [], consumes: [], ...lists });
  }
  return Object.assign(member, { socket });
}
