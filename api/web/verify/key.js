/** The public key of an export: read from PEM, named by its fingerprint, and asked about a signature. */
import { hashes, verify } from "../vendor/noble/ed25519.js";
import { sha512 } from "../vendor/noble/sha2.js";
import { sha256Of } from "./digest.js";

hashes.sha512 = sha512;

const HEAD = "-----BEGIN PUBLIC KEY-----\n";
const TAIL = "\n-----END PUBLIC KEY-----\n";
const PREFIX = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const LENGTH = PREFIX.length + 32;

/** The key in a PEM text that is written in the one usual way, else null.
 * @param {Uint8Array} pem @returns {{id: string, raw: Uint8Array}|null} */
export function readKey(pem) {
  const text = String.fromCharCode(...pem);
  if (!text.startsWith(HEAD) || !text.endsWith(TAIL)) return null;
  const body = text.slice(HEAD.length, -TAIL.length);
  const der = decoded(body);
  if (der === null || der.length !== LENGTH || btoa(String.fromCharCode(...der)) !== body) return null;
  if (PREFIX.some((byte, at) => der[at] !== byte)) return null;
  return { id: sha256Of(der), raw: der.slice(PREFIX.length) };
}

/** @param {{raw: Uint8Array}} key @param {Uint8Array} signature @param {Uint8Array} data */
export function signed(key, signature, data) {
  try {
    return verify(signature, data, key.raw, { zip215: false });
  } catch {
    return false; // no signature at all, or no point of the curve
  }
}

/** What a person typed or pasted as a fingerprint, or null. @param {string} text */
export function fingerprint(text) {
  const digits = text.toLowerCase().replace(/^sha-?256:?/, "").replace(/[\s:.-]/g, "");
  return /^[0-9a-f]{64}$/.test(digits) ? digits : null;
}

function decoded(text) {
  try {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  } catch {
    return null;
  }
}
