/** What a verdict means to a reader, without a browser: the headline, each file's state, places and clocks in words. */
import { dateOf, number, timeOfDay } from "../format.js";
import { codeWords } from "../translate.js";

/**
 * @typedef {import("../translate.js").Translator} Translator
 * @typedef {import("./check.js").Verdict} Verdict
 * @typedef {"unnamed"|"named"|"other"} KeyState
 */

const UNNAMED = ["key.pem", "manifest.json", "manifest.sig"];
const FORGED = new Set(["signature_wrong", "key_changed", "manifest_broken"]);
const EXACT_S = 2;

/** What the reader knows of the key. @param {string|null} keyId @param {string|null} entered @returns {KeyState} */
export function keyState(keyId, entered) {
  if (entered === null) return "unnamed";
  return entered === keyId ? "named" : "other";
}

/** Which headline the page shows. @param {Verdict} verdict @param {KeyState} key */
export function headline(verdict, key) {
  return verdict.state === "untouched" && key === "other" ? "other" : verdict.state;
}

/** Whether the manifest is the one that was signed, so that what it says may be shown as such. @param {Verdict} verdict */
export function isProven({ manifest, faults }) {
  return manifest !== null && !faults.some(({ code }) => FORGED.has(code));
}

/**
 * Every file that is or should be in the archive, with what became of it.
 * @param {Verdict} verdict
 * @returns {{path: string, bytes: number|null, sha256: string, state: "ok"|"changed"|"missing"|"added"|"absent"}[]}
 */
export function fileStates({ manifest, faults, members }) {
  const wrong = new Map(faults.filter(({ path }) => path !== null).map(({ path, code }) => [path, code]));
  const stateOf = (path) => ({ undefined: "ok", file_missing: "missing", file_added: "added" })[String(wrong.get(path))] ?? "changed";
  const listed = (manifest?.files ?? []).map(({ path, bytes, sha256 }) => ({ path, bytes, sha256, state: stateOf(path) }));
  const known = new Set([...listed.map(({ path }) => path), ...UNNAMED]);
  const added = members.filter(({ path }) => !known.has(path))
    .map(({ path, size }) => ({ path, bytes: size, sha256: "", state: /** @type {"added"} */ ("added") }));
  const absent = (manifest?.absent ?? []).map(({ path, sha256 }) => ({ path, bytes: null, sha256, state: /** @type {"absent"} */ ("absent") }));
  return [...listed, ...added, ...absent];
}

/** 12:00:05 · 10/02/2026. @param {string} at ISO 8601 */
export function momentOf(at) {
  const ms = Date.parse(at);
  return `${timeOfDay(ms)} · ${dateOf(ms)}`;
}

/** @param {{id: string, name: string|null}} place */
export function nameOf({ id, name }) {
  return name ?? id;
}

/** @param {Translator} t @param {{offset_ms: number|null, clock_note: string}} clock */
export function clockWords(t, { offset_ms: offset, clock_note: note }) {
  if (offset === null) return codeWords(t, "clock", note);
  const seconds = Math.max(0.1, Math.abs(offset) / 1000);
  const figure = number(t, Math.ceil(seconds * 10) / 10);
  if (offset > 0 && seconds > EXACT_S) return t("clock.ahead", { s: figure });
  return t("clock.exact", { s: figure });
}

/** @param {Translator} t @param {number} bytes */
export function sizeWords(t, bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${number(t, bytes / 1024 / 1024)} MB`;
}

/** A fingerprint as people read it aloud: groups of four. @param {string} id @returns {string[]} */
export function groups(id) {
  return id.match(/.{1,4}/g) ?? [];
}
