/**
 * Reads the archive that evidence leaves in, and no other: every byte around the files must be as the centre writes it.
 * The same decisions as contracts/archive.py.
 *
 * @typedef {{path: string, place: number, size: number, crc: number}} Member `place` is where its bytes begin
 */

export const MAX_FILES = 1000;
export const MAX_BYTES = 2 * 1024 * 1024 * 1024;
const MAX_PATH = 120;
const PATH = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*){0,4}$/;

const LOCAL = 30;
const CENTRAL = 46;
const END = 22;
const VERSION = 10;
const MADE_BY = (3 << 8) | 20;
const DATE = 0x21;
const UNIX_FILE = 0o100644 * 65536;

/** Not an archive as the centre writes it. `path` is the file whose part is wrong, or null for the whole. */
export class ArchiveError extends Error {
  /** @param {string} code @param {string|null} [path] */
  constructor(code, path = null) {
    super(code);
    this.code = code;
    this.path = path;
  }
}

/** The files of an archive. @param {Blob} file @returns {Promise<Member[]>} */
export async function readMembers(file) {
  if (file.size > MAX_BYTES) throw new ArchiveError("too_large");
  const mark = viewOf(await bytesOf(file, 0, 4));
  if (mark.byteLength < 4 || ![0x04034b50, 0x06054b50].includes(mark.getUint32(0, true))) {
    throw new ArchiveError("no_archive");
  }
  const directory = await readDirectory(file);
  const members = listed(directory);
  if (new Set(members.map(({ path }) => path.toLowerCase())).size < members.length) throw new ArchiveError("not_as_written");
  const last = members.at(-1);
  const end = last ? last.place + last.size : 0;
  if (end + directory.length !== file.size || !same(directory, directoryOf(members, end))) {
    throw new ArchiveError("not_as_written");
  }
  for (const member of members) {
    const length = LOCAL + member.path.length;
    if (!same(await bytesOf(file, member.place - length, length), localOf(member))) {
      throw new ArchiveError("header_changed", member.path);
    }
  }
  return members;
}

/** @param {Blob} file @param {number} begin @param {number} length @returns {Promise<Uint8Array>} */
export async function bytesOf(file, begin, length) {
  return new Uint8Array(await file.slice(begin, begin + length).arrayBuffer());
}

/** @param {Uint8Array} a @param {Uint8Array} b */
export function same(a, b) {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

async function readDirectory(file) {
  if (file.size < END) throw new ArchiveError("cut_off");
  const end = viewOf(await bytesOf(file, file.size - END, END));
  if (end.getUint32(0, true) !== 0x06054b50) throw new ArchiveError("cut_off");
  const [count, length, place] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  if (count > MAX_FILES) throw new ArchiveError("too_many_files");
  if (place + length + END !== file.size || length > count * (CENTRAL + MAX_PATH)) throw new ArchiveError("not_as_written");
  return bytesOf(file, place, file.size - place);
}

/** The files as the directory names them, whatever else it says of them. @returns {Member[]} */
function listed(directory) {
  const view = viewOf(directory);
  const end = directory.length - END;
  const found = [];
  let at = 0;
  let begin = 0;
  while (at < end) {
    if (at + CENTRAL > end || view.getUint32(at, true) !== 0x02014b50) throw new ArchiveError("not_as_written");
    const [crc, size, length] = [view.getUint32(at + 16, true), view.getUint32(at + 24, true), view.getUint16(at + 28, true)];
    const path = String.fromCharCode(...directory.subarray(at + CENTRAL, at + CENTRAL + length));
    if (path.length > MAX_PATH || !PATH.test(path)) throw new ArchiveError("not_as_written");
    found.push({ path, place: begin + LOCAL + length, size, crc });
    begin += LOCAL + length + size;
    at += CENTRAL + length;
  }
  return found;
}

/** @param {Member} member @returns {Uint8Array} */
function localOf({ path, size, crc }) {
  const header = new Uint8Array(LOCAL + path.length);
  const view = viewOf(header);
  view.setUint32(0, 0x04034b50, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(12, DATE, true);
  view.setUint32(14, crc, true);
  view.setUint32(18, size, true);
  view.setUint32(22, size, true);
  view.setUint16(26, path.length, true);
  write(header, LOCAL, path);
  return header;
}

/** The archive's end: the directory of all files, which begins at `place`. @param {Member[]} members @param {number} place */
function directoryOf(members, place) {
  const length = members.reduce((sum, { path }) => sum + CENTRAL + path.length, 0);
  const bytes = new Uint8Array(length + END);
  const view = viewOf(bytes);
  let at = 0;
  for (const { path, place: begin, size, crc } of members) {
    view.setUint32(at, 0x02014b50, true);
    view.setUint16(at + 4, MADE_BY, true);
    view.setUint16(at + 6, VERSION, true);
    view.setUint16(at + 14, DATE, true);
    view.setUint32(at + 16, crc, true);
    view.setUint32(at + 20, size, true);
    view.setUint32(at + 24, size, true);
    view.setUint16(at + 28, path.length, true);
    view.setUint32(at + 38, UNIX_FILE, true);
    view.setUint32(at + 42, begin - LOCAL - path.length, true);
    write(bytes, at + CENTRAL, path);
    at += CENTRAL + path.length;
  }
  view.setUint32(at, 0x06054b50, true);
  view.setUint16(at + 8, members.length, true);
  view.setUint16(at + 10, members.length, true);
  view.setUint32(at + 12, length, true);
  view.setUint32(at + 16, place, true);
  return bytes;
}

function write(bytes, at, text) {
  for (let n = 0; n < text.length; n += 1) bytes[at + n] = text.charCodeAt(n);
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
