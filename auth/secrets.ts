// The variables BETTER_AUTH_SECRET and BETTER_AUTH_SECRETS: the auth server's secrets, the current one first.
import { secretFault } from "./secret-strength.ts";
import type { VariableReader } from "./variables.ts";

export interface AuthServerSecret {
  readonly value: string;
  /** From then on it verifies nothing here; undefined where it counts until it is taken away. */
  readonly endsAtMs: number | undefined;
}

const NAME = "BETTER_AUTH_SECRET";
const LIST_NAME = "BETTER_AUTH_SECRETS";
/** Each is tried on a token that names none, so a list is a few. */
const SECRETS_MAX = 8;
/** `<version>:<secret>` as Better Auth reads it, and behind an old secret, for the gateway alone, `@<ISO date>`. */
const ENTRY = /^(\d{1,15}):(.*?)(?:@(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?))?$/s;

/**
 * The list first and the single one last, as Better Auth orders them (`packages/better-auth/src/context/secret-utils.ts`).
 * Empty where one of them is not usable: a fault was reported then.
 */
export function readSecrets(variables: VariableReader): readonly AuthServerSecret[] {
  const single = variables.text(NAME);
  const list = variables.text(LIST_NAME);
  const listed = list === undefined ? [] : readList(list, variables);
  if (single === undefined && list !== undefined) return listed ?? [];
  const fault = secretFault(single);
  if (fault !== undefined) variables.report(NAME, fault);
  if (single === undefined || fault !== undefined || listed === undefined) return [];
  // One that is in the list already, perhaps with an end, is not brought back without one.
  return listed.some(({ value }) => value === single) ? listed : [...listed, { value: single, endsAtMs: undefined }];
}

/** Undefined where an entry cannot be used. */
function readList(text: string, variables: VariableReader): readonly AuthServerSecret[] | undefined {
  const entries = text.split(",").map((entry) => ENTRY.exec(entry.trim()));
  const versions = new Set(entries.map((entry) => Number(entry?.[1])));
  const faults = entries.flatMap((entry, index) => {
    const fault = entryFault(entry, index);
    return fault === undefined ? [] : [`has an entry, number ${index + 1}, that ${fault}`];
  });
  if (faults.length === 0 && versions.size < entries.length) faults.push("has two entries of one version");
  if (entries.length > SECRETS_MAX) faults.push(`has more than ${SECRETS_MAX} entries`);
  for (const fault of faults) variables.report(LIST_NAME, fault);
  if (faults.length > 0) return undefined;
  return entries.map((entry) => ({ value: entry?.[2] ?? "", endsAtMs: endOf(entry) }));
}

/** Words for the operator that hold nothing of the secret. */
function entryFault(entry: RegExpExecArray | null, index: number): string | undefined {
  if (entry === null) return "is not <version>:<secret>";
  const fault = secretFault(entry[2]);
  if (fault !== undefined) return fault;
  if (entry[3] === undefined) return undefined;
  // The auth server signs with the first: an end would lock everybody out at a date that was long forgotten.
  if (index === 0) return "is the current secret and has an end";
  return Number.isNaN(endOf(entry)) ? "ends at no date" : undefined;
}

function endOf(entry: RegExpExecArray | null): number | undefined {
  return entry?.[3] === undefined ? undefined : Date.parse(entry[3]);
}
