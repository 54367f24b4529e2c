/**
 * A live picture as it comes over the socket: 4 bytes header length (big endian), the header as JSON, the JPEG.
 * Knows the shape; decoding and drawing the JPEG is the tile's work.
 *
 * @typedef {import("./types.js").PictureHeader} PictureHeader
 */

/** A binary message that is no picture. */
export class BrokenPictureError extends Error {}

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * @param {ArrayBuffer} message
 * @returns {{header: PictureHeader, capturedAt: number, jpeg: Uint8Array}} `capturedAt` in milliseconds of the epoch
 */
export function parsePicture(message) {
  if (message.byteLength < 4) throw new BrokenPictureError("no header length");
  const end = 4 + new DataView(message).getUint32(0);
  if (message.byteLength <= end) throw new BrokenPictureError("shorter than its header says");
  const jpeg = new Uint8Array(message, end);
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new BrokenPictureError("no JPEG behind the header");
  const header = readHeader(new Uint8Array(message, 4, end - 4));
  const capturedAt = Date.parse(header.captured_at);
  if (typeof header.camera !== "string" || Number.isNaN(capturedAt)) throw new BrokenPictureError("header lacks fields");
  return { header: { ...header, tracks: header.tracks ?? [] }, capturedAt, jpeg };
}

function readHeader(bytes) {
  try {
    const header = JSON.parse(decoder.decode(bytes));
    if (header !== null && typeof header === "object") return header;
  } catch {
    // falls through to the one complaint below
  }
  throw new BrokenPictureError("header is not JSON");
}
