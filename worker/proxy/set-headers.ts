// `setHeaders` of a route: what the operator has an upstream sent, such as its API key out of a secret.
import type { VariableReader } from "../../auth/variables.ts";
import { isJsonObject } from "../../protocol/json.ts";
import { isOfTheGate, isOfTheHop } from "./identity/headers.ts";

/** RFC 9110 §5.6.2. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
const VALUE = /^[\u0021-\u007e](?:[\u0020-\u007e]{0,8190}[\u0021-\u007e])?$/;
/** As variables are usually written; a key that begins with a dollar sign should not be read as the name of one. */
const REFERENCE = /^\$([A-Z][A-Z0-9_]{0,63})$/;
/** Beside other words it would be sent as it is, and the upstream's refusal would not say why. */
const REFERENCE_BESIDE = /(?:^| )\$[A-Z][A-Z0-9_]{0,63}(?: |$)/;
const HEADERS_MAX = 32;
/** What the gate lives by; an upstream that knew one of these could let anybody in. */
const OWN_SECRETS: ReadonlySet<string> = new Set([
  "BETTER_AUTH_SECRET",
  "BETTER_AUTH_SECRETS",
  "JWT_SECRET",
  "ADMIN_KEY",
  "API_KEYS",
  "ASSERTION_KEY",
]);

/**
 * `{name: value}`; the value `"$NAME"` stands for the variable of this name. What cannot be used is reported, and never a
 * value.
 * @param report of what is wrong with the entry itself; a variable that it names is reported by its own name
 */
export function readSetHeaders(
  value: unknown,
  variables: VariableReader,
  report: (message: string) => void,
): readonly (readonly [name: string, value: string])[] {
  if (value === undefined) return [];
  if (!isJsonObject(value) || Object.keys(value).length > HEADERS_MAX) {
    report(`\`setHeaders\` must be an object of at most ${HEADERS_MAX} headers`);
    return [];
  }
  const headers = Object.entries(value).flatMap(([name, given]): readonly (readonly [string, string])[] => {
    if (!HEADER_NAME.test(name) || isOfTheGate(name) || isOfTheHop(name)) {
      report("`setHeaders` has a name that is no header's, or one that the gateway sets itself");
      return [];
    }
    const meant = readValue(given, variables, report);
    return meant === undefined ? [] : [[name.toLowerCase(), meant]];
  });
  if (new Set(headers.map(([name]) => name)).size < headers.length) report("`setHeaders` names a header twice");
  return headers;
}

function readValue(given: unknown, variables: VariableReader, report: (message: string) => void): string | undefined {
  const reference = typeof given === "string" ? REFERENCE.exec(given)?.[1] : undefined;
  if (reference === undefined) {
    if (typeof given === "string" && REFERENCE_BESIDE.test(given)) {
      report("`setHeaders` has a value in which $NAME is only a part: the variable must hold all of it");
      return undefined;
    }
    if (typeof given === "string" && !given.startsWith("$") && VALUE.test(given)) return given;
    report("`setHeaders` has a value that is neither printable ASCII nor $NAME in capitals");
    return undefined;
  }
  if (OWN_SECRETS.has(reference)) {
    report("`setHeaders` would send a secret of the gateway's own");
    return undefined;
  }
  const text = variables.text(reference);
  if (text !== undefined && VALUE.test(text)) return text;
  if (text !== undefined) variables.report(reference, "must be printable ASCII, as ROUTES sends it in a header");
  const isSet = (variables.binding(reference) ?? "") !== "";
  // One that is set and no text was reported by the reader.
  if (!isSet) variables.report(reference, "is not set, and ROUTES sends it in a header");
  return undefined;
}
