// Better Auth's session in a Cookie header: its names, its chunks, and what makes a header ambiguous.

export type CookieSearch =
  | { readonly kind: "found"; readonly token: string }
  | { readonly kind: "absent" }
  /** Two values for one name, or chunks that do not make a whole: nobody can say which one is meant. */
  | { readonly kind: "unreadable" };

/** A browser keeps about 4 KB in one cookie; Better Auth cuts longer values into `name.0`, `name.1`, … */
const CHUNKS_MAX = 100;
/** Before anything in it is looked at: two tokens of the longest kind, and a stranger can send more. */
const HEADER_MAX_CHARS = 32_768;
/** Longest value put together from chunks. */
export const COOKIE_TOKEN_MAX_CHARS = 16_384;

/**
 * The first name that is present decides: the signed copy of the session before its opaque token, and the name that
 * only https can set before the bare one, which a neighbouring site may be able to write.
 * Source: `packages/better-auth/src/cookies/index.ts`, `session-store.ts`.
 * @param prefix Better Auth's `advanced.cookiePrefix`
 */
export function findSessionCookie(header: string, prefix: string): CookieSearch {
  if (header.length > HEADER_MAX_CHARS) return { kind: "unreadable" };
  const cookies = parseCookies(header);
  for (const name of [`${prefix}.session_data`, `${prefix}.session_token`]) {
    for (const candidate of [`__Secure-${name}`, name]) {
      const search = readCookie(cookies, candidate);
      if (search.kind !== "absent") return search;
    }
  }
  return { kind: "absent" };
}

/** Every value of every name. A comma never ends a value: two header lines joined by one then name nothing twice. */
function parseCookies(header: string): ReadonlyMap<string, ReadonlySet<string>> {
  const cookies = new Map<string, Set<string>>();
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    // None before the `=`: to a browser a name with a space behind is another name, without the protection of `__Secure-`.
    const name = withoutBlanksBefore(pair.slice(0, equals));
    const value = unquote(withoutBlanksBehind(withoutBlanksBefore(pair.slice(equals + 1))));
    const values = cookies.get(name);
    if (values === undefined) cookies.set(name, new Set([value]));
    else values.add(value);
  }
  return cookies;
}

function readCookie(cookies: ReadonlyMap<string, ReadonlySet<string>>, name: string): CookieSearch {
  const whole = only(cookies.get(name));
  const joined = joinChunks(cookies, name);
  if (whole.kind === "unreadable" || joined.kind === "unreadable") return { kind: "unreadable" };
  if (whole.kind === "absent") return joined;
  return joined.kind === "absent" || joined.token === whole.token ? whole : { kind: "unreadable" };
}

/** Stricter than Better Auth, which sorts whatever integers it finds: chunks are 0 to n without a gap, written plainly. */
function joinChunks(cookies: ReadonlyMap<string, ReadonlySet<string>>, name: string): CookieSearch {
  const suffixes = [...cookies.keys()]
    .filter((key) => key.startsWith(`${name}.`))
    .map((key) => key.slice(name.length + 1));
  if (suffixes.length === 0) return { kind: "absent" };
  if (suffixes.length > CHUNKS_MAX) return { kind: "unreadable" };
  let text = "";
  for (let index = 0; index < suffixes.length; index += 1) {
    const chunk = only(cookies.get(`${name}.${index}`));
    if (chunk.kind !== "found") return { kind: "unreadable" };
    text += chunk.token;
  }
  return text.length <= COOKIE_TOKEN_MAX_CHARS ? { kind: "found", token: text } : { kind: "unreadable" };
}

function only(values: ReadonlySet<string> | undefined): CookieSearch {
  const [first, ...others] = values ?? [];
  if (first === undefined) return { kind: "absent" };
  const token = decode(first);
  if (others.length > 0 || token === undefined || token === "") return { kind: "unreadable" };
  return token.length <= COOKIE_TOKEN_MAX_CHARS ? { kind: "found", token } : { kind: "unreadable" };
}

/** Browsers send what was set, percent-encoded; Expo's client sends values decoded. */
function decode(value: string): string | undefined {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** Space and tab only: `trim()` takes other spaces too, and makes a name this one that to a browser is another. */
function withoutBlanksBefore(text: string): string {
  let start = 0;
  while (isBlank(text, start)) start += 1;
  return text.slice(start);
}

/** By hand, since an expression for blanks at the end looks for them from each blank that there is. */
function withoutBlanksBehind(text: string): string {
  let end = text.length;
  while (isBlank(text, end - 1)) end -= 1;
  return text.slice(0, end);
}

function isBlank(text: string, at: number): boolean {
  return text[at] === " " || text[at] === "\t";
}

function unquote(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
