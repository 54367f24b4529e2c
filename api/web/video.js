/**
 * A piece of live video as it comes over the socket: the byte 1, three bytes header length (big endian), the header as
 * JSON, the piece of fragmented MP4. Knows the shape; playing is the player's work.
 *
 * @typedef {import("./types.js").VideoHeader} VideoHeader
 * @typedef {{header: VideoHeader, capturedAt: number, data: Uint8Array<ArrayBuffer>}} Piece `capturedAt` in ms of the epoch
 */

const MARK = 1;
const KINDS = ["init", "key", "delta", "tracks", "end"];
const BARE = ["tracks", "end"];

/** A message that begins like a piece of video and is none. */
export class BrokenVideoError extends Error {}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** @param {ArrayBuffer} message */
export function isVideo(message) {
  return message.byteLength > 0 && new Uint8Array(message, 0, 1)[0] === MARK;
}

/** @param {ArrayBuffer} message @returns {Piece} */
export function parseVideo(message) {
  if (message.byteLength < 4) throw new BrokenVideoError("no header length");
  const end = 4 + (new DataView(message).getUint32(0) & 0xffffff);
  if (message.byteLength < end) throw new BrokenVideoError("shorter than its header says");
  const header = readHeader(new Uint8Array(message, 4, end - 4));
  const capturedAt = Date.parse(header.captured_at);
  const data = new Uint8Array(message, end);
  if (typeof header.camera !== "string" || Number.isNaN(capturedAt) || !KINDS.includes(header.kind)) {
    throw new BrokenVideoError("header lacks fields");
  }
  if (BARE.includes(header.kind) !== (data.length === 0)) throw new BrokenVideoError("piece does not fit its header");
  return { header: { ...header, tracks: header.tracks ?? [] }, capturedAt, data };
}

function readHeader(bytes) {
  try {
    const header = JSON.parse(decoder.decode(bytes));
    if (header !== null && typeof header === "object") return header;
  } catch {
    // falls through to the one complaint below
  }
  throw new BrokenVideoError("header is not JSON");
}
