// Whom the owner of a stream lets in beside himself, and how that is changed from outside.
import { isJsonObject, isTextList, type JsonObject } from "../protocol/json.ts";
import { ANY_TYPE, isPayloadType } from "../protocol/message-type.ts";
import { isPlainId } from "./principal.ts";

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

export function mayRead(list: AccessList, userId: string): boolean {
  return list.public || list.readers.includes(userId);
}

/** @param types all of which must be allowed; none at all asks for any right to write */
export function mayWrite(list: AccessList, userId: string, types: readonly string[]): boolean {
  if (!Object.hasOwn(list.writers, userId)) return false;
  const allowed = list.writers[userId] ?? [];
  return allowed.includes(ANY_TYPE) || (allowed.length > 0 && types.every((type) => allowed.includes(type)));
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
