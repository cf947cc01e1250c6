// Whom the owner of a stream lets in beside himself, and how that is changed from outside.
import { isJsonObject, isTextList, type JsonObject } from "../protocol/json.ts";
import { ANY_TYPE, isPayloadType } from "../protocol/message-type.ts";
import { isPlainId } from "./principal.ts";
import type { Rule } from "./rules.ts";

export interface AccessList {
  /** Whether any authenticated principal may read. */
  readonly public: boolean;
  /** Who may read, by the id that stamps show. */
  readonly readers: readonly string[];
  /** Who may write which types; `*` is every type. Writing does not include reading. */
  readonly writers: Readonly<Record<string, readonly string[]>>;
}

/** The keys that a change names; the others stay as they are. */
export type AccessChange = Partial<AccessList>;

export const NO_ACCESS: AccessList = { public: false, readers: [], writers: {} };

/** Readers and writers together. A list longer than this is a group, and belongs into another system. */
const IDS_MAX = 256;
const TYPES_MAX = 32;

/** By which rule somebody may read; undefined where by none. */
export function readRule(list: AccessList, userId: string): Extract<Rule, "access-list-reader" | "public"> | undefined {
  if (list.readers.includes(userId)) return "access-list-reader";
  return list.public ? "public" : undefined;
}

/**
 * By which rule somebody may write; undefined where by none.
 * @param types all of which must be allowed; none at all asks for any right to write
 */
export function writeRule(
  list: AccessList,
  userId: string,
  types: readonly string[],
): Extract<Rule, "access-list-writer"> | undefined {
  const allowed = writableBy(list, userId);
  const mayWrite = allowed.includes(ANY_TYPE) || (allowed.length > 0 && types.every((type) => allowed.includes(type)));
  return mayWrite ? "access-list-writer" : undefined;
}

/** The types that somebody may write; `*` is every type. */
export function writableBy({ writers }: AccessList, userId: string): readonly string[] {
  return Object.hasOwn(writers, userId) ? (writers[userId] ?? []) : [];
}

/** Reads the body of a change; undefined where it is not one. */
export function readAccessChange(body: JsonObject): AccessChange | undefined {
  const { public: isPublic, readers, writers } = body;
  if (isPublic !== undefined && typeof isPublic !== "boolean") return undefined;
  if (readers !== undefined && !(isTextList(readers) && readers.every(isPlainId))) return undefined;
  if (writers !== undefined && !isWriters(writers)) return undefined;
  return {
    ...(isPublic === undefined ? {} : { public: isPublic }),
    ...(readers === undefined ? {} : { readers: [...new Set(readers)] }),
    ...(writers === undefined ? {} : { writers }),
  };
}

/** The list after a change; undefined where it would be too long. */
export function changeAccess(list: AccessList, change: AccessChange): AccessList | undefined {
  const changed = { ...list, ...change };
  return changed.readers.length + Object.keys(changed.writers).length <= IDS_MAX ? changed : undefined;
}

function isWriters(value: unknown): value is AccessList["writers"] {
  if (!isJsonObject(value)) return false;
  return Object.entries(value).every(
    ([userId, types]) =>
      isPlainId(userId) &&
      isTextList(types) &&
      types.length <= TYPES_MAX &&
      types.every((type) => type === ANY_TYPE || isPayloadType(type)),
  );
}
