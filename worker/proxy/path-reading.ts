// How servers may read a path otherwise than it is written: what is decided for one reading must hold for all of them.

/**
 * Slashes, backslashes and control characters: some servers decode these before they look for their own paths, and some after.
 * Hexadecimal digits in either case.
 */
const SECOND_MEANINGS = /%(?:2f|5c|[01][0-9a-f]|7f)/i;
/** Where one is left in what was decoded it was encoded twice, whichever of its three characters were. */
const ESCAPE = /%[0-9a-f]{2}/i;

/**
 * Whether a path has two readings by itself: an encoded slash, an empty segment, one that is only dots once its parameters
 * are gone (`..;`), escapes that are broken, no UTF-8, or of escapes.
 * @param pathname as the platform's URL has it, so `..`, `%2e%2e` and `\` are resolved by now
 */
export function isAmbiguous(pathname: string): boolean {
  if (SECOND_MEANINGS.test(pathname) || pathname.includes("\\") || pathname.includes("//")) return true;
  const segments = segmentsOf(pathname);
  return (
    segments === undefined ||
    segments.some((segment) => ESCAPE.test(segment) || (segment !== "" && foldSegment(segment) === ""))
  );
}

/**
 * The path as the most lenient of servers compares it: decoded, without parameters, in lower case, without dots and blanks
 * behind a name. Undefined where it cannot be decoded.
 */
export function foldPath(pathname: string): string | undefined {
  return segmentsOf(pathname)?.map(foldSegment).join("/");
}

function segmentsOf(pathname: string): readonly string[] | undefined {
  try {
    return decodeURIComponent(pathname).split("/");
  } catch {
    return undefined;
  }
}

/** What stands behind a `;` is a parameter to Java's servers; `?` and `#` end a path where it is decoded too early. */
function foldSegment(segment: string): string {
  const [name = ""] = segment.split(/[;?#]/, 1);
  let end = name.length;
  while (end > 0 && (name[end - 1] === "." || name[end - 1] === " ")) end -= 1;
  // Both ways: some letters (`ſ`, the sign of Kelvin) meet those of ASCII only in one of them.
  return name.slice(0, end).toUpperCase().toLowerCase();
}
