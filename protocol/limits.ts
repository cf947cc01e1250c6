// Every number of the wire that no operator changes, with its reason.

/** Longest stream id; with the alphabet of stream-id.ts it is safe in paths, names of objects and logs. */
export const STREAM_ID_MAX_CHARS = 128;

/** Longest header of a binary envelope, stamps included; small enough that a lying length costs nothing to refuse. */
export const ENVELOPE_HEADER_MAX_BYTES = 4096;

/** Messages that one text may hold, separated by newlines; each counts as a message everywhere. */
export const BATCH_MAX_MESSAGES = 256;

/** `clientType` is a label for rosters, not a place to keep data. */
export const CLIENT_TYPE_MAX_CHARS = 32;

/** Types in one `produces` or `consumes`; both lists must fit into the 16 KiB that survive hibernation. */
export const DECLARED_TYPES_MAX = 32;

/** A `ref` is repeated in each answer, so it stays short. */
export const REF_MAX_CHARS = 128;

/** A durable message's `id` is stored beside each row and in an index. */
export const DURABLE_ID_MAX_CHARS = 128;

/** An `epoch` as clients send it back in `resume`. */
export const EPOCH_MAX_CHARS = 32;

/** Credits a client may ask for in `window`. */
export const WINDOW_MAX_CREDITS = 64;

/** Longest token that is looked at; the cap comes before any parsing, since cost grows with length. */
export const TOKEN_MAX_CHARS = 8192;

/** Errors within `ERROR_FLOOD_WINDOW_MS` after which a socket is closed: a client in a loop, not a client with a bug. */
export const ERROR_FLOOD_COUNT = 10;
export const ERROR_FLOOD_WINDOW_MS = 10_000;

/** How often a client should send the keepalive: idle sockets were seen dropped by networks within 1–2 minutes. */
export const KEEPALIVE_MS = 25_000;

/** Alerts that a frame sink may return for one frame. */
export const SINK_ALERTS_MAX = 16;

/** Bytes that an unauthenticated socket may send, its `auth` included: a token and nothing else is due. */
export const BEFORE_AUTH_MAX_BYTES = 16_384;

/** `AUTH_REQUIRED` answers after which a socket that does not authenticate is closed. */
export const AUTH_REQUIRED_MAX = 3;

/** Messages that may wait while a decision is under way, and their bytes as long as it is the decision who it is. */
export const WAITING_MAX_MESSAGES = 64;
export const WAITING_BEFORE_AUTH_MAX_BYTES = 65_536;

/** A page of the history ends after this much, so that a page of large alerts costs no more memory than one of many. */
export const HISTORY_PAGE_MAX_BYTES = 1_048_576;

/** Alerts on a page of the history. */
export const HISTORY_PAGE_MAX = 1000;
export const HISTORY_PAGE_DEFAULT = 100;

/** A list of members ends after this much: each may have declared 64 types with long names, and there may be thousands. */
export const MEMBER_LIST_MAX_BYTES = 262_144;

/** Connections of a stream that are told who comes and goes: each coming and going is a message to all of them. */
export const WATCHERS_MAX = 64;

/** How deep objects and lists of a request's body may stand in each other; alerts are flat. */
export const BODY_MAX_DEPTH = 256;

/** When a client that is sent away comes back: full jitter, so that a thousand of them are no flood. */
export const RECONNECT_MIN_MS = 500;
export const RECONNECT_MAX_MS = 20_000;

/** How long a ticket may be shown, by default and at most: it stands in URLs, and URLs are logged. */
export const TICKET_TTL_DEFAULT_S = 60;
export const TICKET_TTL_MAX_S = 3600;

/** How often one ticket may be used at most. */
export const TICKET_USES_MAX = 1000;

/** Tickets of a stream that may be used still: each is a row until it is used up or over. */
export const TICKETS_OUTSTANDING_MAX = 10_000;
