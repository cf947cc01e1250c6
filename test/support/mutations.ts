// What Wycheproof's vectors do to a signed token, done to a good session token of the gateway's own secret.
import { claims, encode, GOOD_HEADER, handMadeToken, otherTextsOfSameBytes, signTexts } from "./hostile-token.ts";

export interface Mutation {
  /** Of the vector that does this to another token. */
  readonly tcId: number;
  readonly what: string;
  readonly token: string;
}

/** @param session claims that are good when the token is looked at; those of `NOW_MS` unless given */
export function mutationsOfSession(session = claims()): {
  readonly good: string;
  readonly mutations: readonly Mutation[];
} {
  const good = tokenWithSpareBits(session);
  const [header = "", payload = "", signature = ""] = good.split(".");
  const [otherPayload = ""] = otherTextsOfSameBytes(payload);
  const json = { payload, signatures: [{ protected: header, header: { unknown: "x" }, signature }] };
  const mutations: readonly (readonly [number, string, string])[] = [
    [2, "another signature", `${header}.${payload}.${exchange(signature)}`],
    [3, "no signature", `${header}.${payload}.`],
    [4, "no signature and no dot before it", `${header}.${payload}`],
    [5, "another payload", `${header}.${exchange(payload)}.${signature}`],
    [6, "no payload", `${header}..${signature}`],
    [7, "no payload and no dot behind it", `${header}.${signature}`],
    [8, "another header", `${exchange(header)}.${payload}.${signature}`],
    [9, "no header", `.${payload}.${signature}`],
    [10, "no header and no dot behind it", `${payload}.${signature}`],
    [11, "a payload and two dots", `.${payload}.`],
    [12, "a payload alone", payload],
    [13, "nothing", ""],
    [14, "a dot behind", `${good}.`],
    [15, "a fourth part", `${good}.foo`],
    [16, "the algorithm none", `${encode('{"alg":"none"}')}.${payload}.`],
    [17, "another serialisation", JSON.stringify(json)],
    [360, "spaces before the signature", `${header}.${payload}.    ${signature}`],
    [361, "a sign before the signature", `${header}.${payload}.?${signature}`],
    [362, "a sign behind the signature", `${good}?`],
    [363, "a sign in the place of a letter of the signature", `${header}.${payload}.?${signature.slice(1)}`],
    [364, "signs in the place of four", `${header}.${payload}.????${signature.slice(4)}`],
    [365, "spaces behind the header, signed so", signTexts(`${header}    `, payload)],
    [366, "signs behind the header, signed so", signTexts(`${header}####`, payload)],
    [367, "padding behind the header, signed so", signTexts(`${header}=`, payload)],
    [368, "spaces before the payload, signed so", signTexts(header, `    ${payload}`)],
    [369, "signs before the payload, signed so", signTexts(header, `####${payload}`)],
    [370, "padding behind the payload, signed so", signTexts(header, `${payload}==`)],
    [371, "a sign before the payload, signed so", signTexts(header, `?${payload}`)],
    [372, "a sign inside the header", `${header.slice(0, -1)}?${header.slice(-1)}.${payload}.${signature}`],
    [373, "a sign behind the payload", `${header}.${payload}?.${signature}`],
    [374, "other spare bits in the payload", `${header}.${otherPayload}.${signature}`],
    [375, "other spare bits in the payload, signed so", signTexts(header, otherPayload)],
    [376, "spaces in the JSON of the header", handMadeToken({ header: '{ "alg" : "HS256" , "kid" : "1" }' })],
    [377, "a tab and a newline in the JSON of the header", handMadeToken({ header: '{"kid":"1",\t\n"alg":"HS256"}' })],
  ];
  return { good, mutations: mutations.map(([tcId, what, token]) => ({ tcId, what, token })) };
}

/** A good token whose payload ends in a character that holds bits which nobody uses. */
function tokenWithSpareBits(session: Record<string, unknown>): string {
  const candidates = ["", "x", "xx"].map((padding) => JSON.stringify({ ...session, padding }));
  const payload = candidates.find((text) => otherTextsOfSameBytes(encode(text)).length > 0) ?? "";
  return handMadeToken({ header: GOOD_HEADER, payload });
}

/** The same with another letter in the middle. */
function exchange(part: string): string {
  const at = Math.floor(part.length / 2);
  return part.slice(0, at) + (part[at] === "A" ? "B" : "A") + part.slice(at + 1);
}
