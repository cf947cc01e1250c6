// Who stands at the door before anything is verified: what the platform says of a request, and nothing that its client says.
import { addressKeyOf } from "./client-address.ts";

export interface Visitor {
  /** What limits count by. */
  readonly address: string;
}

export function visitorOf({ headers }: { readonly headers: Headers }): Visitor {
  // Never X-Forwarded-For or the like: whoever sends those would be as many clients as he likes.
  return { address: addressKeyOf(headers.get("CF-Connecting-IP")) };
}
