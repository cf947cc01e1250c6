// Who stands at the door before anything is verified: what the platform says of a request, and nothing that its client says.
import { addressKeyOf } from "./client-address.ts";

export interface Visitor {
  /** What limits count by. */
  readonly address: string;
  /** Two letters (ISO 3166-1), or what the platform writes in their place; undefined where it does not say. */
  readonly country: string | undefined;
  /** The platform's name of this request. */
  readonly ray: string | undefined;
}

const COUNTRY = /^[A-Z][A-Z0-9]$/;
/** 64 bits, and the data centre. Locally the header is the client's word, and could be any text. */
const RAY = /^[0-9a-f]{16}(?:-[A-Z]{3})?$/;

export function visitorOf({ headers, cf }: { readonly headers: Headers; readonly cf?: unknown }): Visitor {
  const ray = headers.get("CF-Ray");
  const country = typeof cf === "object" && cf !== null && "country" in cf ? cf.country : undefined;
  return {
    // Never X-Forwarded-For or the like: whoever sends those would be as many clients as he likes.
    address: addressKeyOf(headers.get("CF-Connecting-IP")),
    country: typeof country === "string" && COUNTRY.test(country) ? country : undefined,
    ray: ray !== null && RAY.test(ray) ? ray : undefined,
  };
}
