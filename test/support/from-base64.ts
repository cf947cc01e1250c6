// `Uint8Array.fromBase64` for Node 24, which does not have it yet; the runtime of the gateway does.

const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * As the language defines it without options: white space is skipped, padding may be missing, anything else throws.
 * Returns what takes it away: whoever asks whether the runtime has it may want the options too.
 */
export function installFromBase64(): () => void {
  Object.defineProperty(Uint8Array, "fromBase64", { configurable: true, writable: true, value: fromBase64 });
  return () => void Reflect.deleteProperty(Uint8Array, "fromBase64");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const compact = text.replaceAll(/[\t\n\f\r ]/g, "");
  const digits = compact.replaceAll("=", "");
  const padded = compact.length > digits.length;
  if (!ALPHABET.test(compact) || digits.length % 4 === 1 || (padded && compact.length % 4 !== 0)) {
    throw new SyntaxError("not base64");
  }
  return new Uint8Array(Buffer.from(digits, "base64"));
}
