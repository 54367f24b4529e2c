/**
 * The audit log's entries as rows: what was asked of the log, how an entry is said, and the table that is saved. Pure.
 *
 * @typedef {import("./translate.js").Translator} Translator
 * @typedef {object} Entry
 * @property {number} seq
 * @property {string} at
 * @property {string} actor
 * @property {string} action
 * @property {string} object
 * @property {string|null} ward
 * @property {string} client
 * @property {Record<string, unknown>} details
 * @property {string} digest
 */
import { fromLocal } from "./access.js";
import { dateOf, timeOfDay } from "./format.js";
import { codeWords } from "./translate.js";

/** First words of the codes of actions, in the order of the filter. */
export const FAMILIES = [
  "live", "picture", "playback", "recording", "evidence", "incident", "handover", "session", "user", "totp", "grant", "audit", "payment", "box", "release",
];
/** The families in which somebody saw something. */
export const LOOKS = ["live", "picture", "playback", "recording", "evidence"];

/** What the API is asked, from the filters in the page's address. @param {Record<string, string>} filters
 * @param {number|null} [before] @param {number} [limit] @returns {string} */
export function queryOf({ actor, action, object, start, end }, before = null, limit = 100) {
  const asked = {
    actor: actor?.trim(), action, object: object?.trim(), start: start ? fromLocal(start) : null, end: end ? fromLocal(end) : null,
    before: before === null ? null : String(before), limit: String(limit),
  };
  return new URLSearchParams(Object.entries(asked).flatMap(([key, value]) => (value ? [[key, value]] : []))).toString();
}

/** What was done, in words: those of the code, or of its family. @param {Translator} t @param {string} action */
export function actionWords(t, action) {
  return codeWords(t, "action", action);
}

/** What it was done to: the kind of thing in words, and its name where the page knows it.
 * @param {Translator} t @param {string} object @param {Record<string, string>} names @returns {string} */
export function objectWords(t, object, names) {
  const [kind, id = ""] = split(object);
  const known = t(`object.${kind}`);
  const thing = known === `object.${kind}` ? kind : known;
  return id === "" ? thing : `${thing} ${names[object] ?? (kind === "user" ? id : short(id))}`;
}

/** What an entry tells beside: keys in words, values as they are. @param {Translator} t @param {Record<string, unknown>} details
 * @returns {{key: string, name: string, value: string}[]} */
export function detailRows(t, details) {
  return Object.entries(details).filter(([, value]) => value !== null && value !== "").map(([key, value]) =>
    ({ key, name: codeWords(t, "audit.detail", key), value: plain(t, value) }));
}

/** @param {Translator} t @param {Entry[]} entries @param {Record<string, string>} names @returns {(string|number)[][]} */
export function table(t, entries, names) {
  const columns = ["seq", "date", "time", "actor", "action", "object", "code", "thing", "client", "details", "digest"];
  return [
    columns.map((column) => t(`audit.column.${column}`)),
    ...entries.map((entry) => [
      entry.seq, dateOf(Date.parse(entry.at)), timeOfDay(Date.parse(entry.at)), entry.actor, actionWords(t, entry.action),
      objectWords(t, entry.object, names), entry.action, entry.object, entry.client, JSON.stringify(entry.details), entry.digest,
    ]),
  ];
}

function plain(t, value) {
  if (Array.isArray(value)) return value.map((part) => plain(t, part)).join(", ") || "–";
  if (typeof value === "object" && value !== null) {
    return detailRows(t, /** @type {Record<string, unknown>} */ (value)).map((row) => `${row.name}: ${row.value}`).join("; ");
  }
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  const text = String(value);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? `${timeOfDay(Date.parse(text))} ${dateOf(Date.parse(text))}` : text;
}

function split(object) {
  const at = object.indexOf(":");
  return at < 0 ? [object] : [object.slice(0, at), object.slice(at + 1)];
}

/** Ids are long and tell nothing; their end is enough to recognise them. */
function short(id) {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id) ? `…${id.slice(-8)}` : id;
}
