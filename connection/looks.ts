// How often a client that is behind is looked at again: nothing tells when there is room, and nothing when there never is.

/** While a frame waits: it leaves within 50 ms of room. */
export const LOOK_SOON_MS = 40;
/** While somebody has not read all. */
export const LOOK_LATER_MS = 1000;
