/**
 * Whether an export of evidence is untouched. The same decisions as api/evidence_check.py, with the same codes.
 *
 * @typedef {{code: string, path: string|null}} Fault
 * @typedef {import("./archive.js").Member} Member
 * @typedef {"untouched"|"touched"|"unreadable"} State
 * @typedef {{state: State, faults: Fault[], manifest: any, keyId: string|null, members: Member[]}} Verdict
 */
import { ArchiveError, bytesOf, readMembers } from "./archive.js";
import { contentsOf } from "./digest.js";
import { readKey, signed } from "./key.js";

const [KEY, MANIFEST, SIGNATURE] = ["key.pem", "manifest.json", "manifest.sig"];
const UNNAMED = [KEY, MANIFEST, SIGNATURE];
const FORMAT = 1;
const MAX_MANIFEST = 4 * 1024 * 1024;
const MAX_KEY = 400;
const SIGNATURE_LENGTH = 64;

const UNREADABLE = new Set(["no_archive", "no_export", "too_large", "too_many_files", "unknown_format", "invalid"]);

/** Reads an export and judges it. @param {Blob} file @param {(share: number) => void} [heard] how much is read, from 0 to 1
 * @returns {Promise<Verdict>} */
export async function check(file, heard = () => {}) {
  let members;
  try {
    members = await readMembers(file);
  } catch (error) {
    if (error instanceof ArchiveError) return verdict([fault(error.code, error.path)]);
    throw error;
  }
  const missing = UNNAMED.filter((name) => !members.some(({ path }) => path === name));
  if (missing.length === UNNAMED.length) return verdict([fault("no_export")]);
  if (missing.length > 0) return verdict(missing.map((name) => fault("file_missing", name)));
  const small = (name, most) => {
    const { place, size } = /** @type {Member} */ (members.find(({ path }) => path === name));
    return bytesOf(file, place, Math.min(size, most + 1));
  };
  const parts = {
    manifest: await small(MANIFEST, MAX_MANIFEST),
    signature: await small(SIGNATURE, SIGNATURE_LENGTH),
    pem: await small(KEY, MAX_KEY),
  };
  const found = [];
  let read = 0;
  for (const member of members) {
    const contents = await contentsOf(file, member.place, member.size, (bytes) => heard((read += bytes) / file.size));
    found.push({ path: member.path, crc: member.crc, contents });
  }
  return { ...judge(found, parts), members };
}

/** The verdict on the files of an archive that is written as the centre writes them.
 * @returns {Verdict} */
export function judge(found, { manifest: bytes, signature, pem }) {
  const faults = [];
  const key = readKey(pem);
  const [manifest, broken] = readManifest(bytes);
  if (key === null || (manifest !== null && manifest.key_id !== key.id)) faults.push(fault("key_changed", KEY));
  const holds = key !== null && signed(key, signature, bytes);
  if (!holds) faults.push(fault("signature_wrong"));
  if (broken !== null) faults.push(fault(holds ? broken : "manifest_broken", MANIFEST));
  if (manifest !== null) faults.push(...compared(found, manifest));
  const said = new Set(faults.map(({ path }) => path));
  for (const { path, crc, contents } of found) {
    if (crc !== contents.crc && !said.has(path)) faults.push(fault("header_changed", path));
  }
  return verdict(faults, manifest, key?.id ?? null);
}

/** @param {Fault[]} faults @param {any} [manifest] @param {string|null} [keyId] @returns {Verdict} */
function verdict(faults, manifest = null, keyId = null) {
  /** @type {State} */
  let state = "touched";
  if (faults.length === 0) state = "untouched";
  else if (faults.every(({ code }) => UNREADABLE.has(code))) state = "unreadable";
  return { state, faults, manifest, keyId, members: [] };
}

/** @param {string} code @param {string|null} [path] @returns {Fault} */
function fault(code, path = null) {
  return { code, path };
}

/** The manifest, or why it cannot be read. */
function readManifest(bytes) {
  let said;
  try {
    said = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return [null, "invalid"];
  }
  if (said?.product !== "phoan") return [null, "invalid"];
  if (said.format !== FORMAT) return [null, "unknown_format"];
  return isManifest(said) ? [said, null] : [null, "invalid"];
}

function isManifest({ files, absent, scenes, detectors, export: made, subject, ward, chain, key_id: keyId }) {
  const whole = [files, absent, scenes, detectors].every(Array.isArray) && [made, subject, ward, chain].every((part) => part);
  const listed = whole && files.every(({ path, bytes, sha256 }) => typeof path === "string" && Number.isInteger(bytes) && typeof sha256 === "string");
  return listed && typeof keyId === "string";
}

/** Where the archive's files are not those of the manifest. @returns {Fault[]} */
function compared(found, manifest) {
  const faults = [];
  const listed = new Map(manifest.files.map((file) => [file.path, file]));
  const there = new Map(found.filter(({ path }) => !UNNAMED.includes(path)).map((file) => [file.path, file.contents]));
  for (const [path, { bytes, sha256 }] of listed) {
    const contents = there.get(path);
    if (contents === undefined) faults.push(fault("file_missing", path));
    else if (contents.size !== bytes || contents.sha256 !== sha256) faults.push(fault("file_changed", path));
  }
  for (const path of there.keys()) if (!listed.has(path)) faults.push(fault("file_added", path));
  const expected = [...manifest.files.map(({ path }) => path), ...UNNAMED];
  const order = found.map(({ path }) => path);
  const all = new Set(expected);
  if (order.every((path) => all.has(path)) && new Set(order).size === all.size && order.join("\n") !== expected.join("\n")) {
    faults.push(fault("order_changed"));
  }
  return faults;
}
