/**
 * What the bytes of a file are: SHA-256 and the archive's own checksum, piece by piece, so that a long film needs little
 * memory. Computed here and not by the browser, which lends its own only to pages that it trusts.
 */
import { sha256 } from "../vendor/noble/sha2.js";

const PIECE = 4 * 1024 * 1024;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/**
 * @param {Blob} file @param {number} begin @param {number} size
 * @param {(bytes: number) => void} [heard] of each piece
 * @returns {Promise<{size: number, crc: number, sha256: string}>}
 */
export async function contentsOf(file, begin, size, heard = () => {}) {
  const digest = sha256.create();
  let crc = 0xffffffff;
  let at = begin;
  while (at < begin + size) {
    const piece = new Uint8Array(await file.slice(at, Math.min(at + PIECE, begin + size)).arrayBuffer());
    if (piece.length === 0) break;
    digest.update(piece);
    for (let n = 0; n < piece.length; n += 1) crc = TABLE[(crc ^ piece[n]) & 255] ^ (crc >>> 8);
    at += piece.length;
    heard(piece.length);
  }
  return { size: at - begin, crc: (crc ^ 0xffffffff) >>> 0, sha256: hex(digest.digest()) };
}

/** @param {Uint8Array} bytes */
export function sha256Of(bytes) {
  return hex(sha256(bytes));
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
