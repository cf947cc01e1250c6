// Who a client is, as the gate says in a header of the connection that it opened for him.
import type { IncomingHttpHeaders } from "node:http";

/** @returns undefined where no gate said it, so that somebody came around the gate */
export function userIdIn(headers: IncomingHttpHeaders): string | undefined {
  const { "x-auth-user-id": userId } = headers;
  // Two headers of that name are joined by a comma, of which no gate sends one.
  return typeof userId === "string" && /^[^,\s]+$/.test(userId) ? userId : undefined;
}
