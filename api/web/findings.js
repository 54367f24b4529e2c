/**
 * What a box's doctor found, in words: a code and its values become the sentence `finding.<code>`. Pure. The box has the
 * same table (edge/doctor/words), so what a technician reads on the box and here is the same.
 *
 * @typedef {"ok"|"warn"|"bad"} Level
 * @typedef {{code: string, level: Level, values: Record<string, string|number>}} Finding
 * @typedef {{box: string, at: string, received_at: string, level: Level, version: string, seconds: number, findings: Finding[]}} Report
 * @typedef {import("./translate.js").Translator} Translator
 */
import { number } from "./format.js";

/** Values that are codes with words of their own. */
const TRANSLATED = ["stream", "reason", "whose"];
/** The value that is a length of time in seconds. */
const SPAN = "off_s";
/** @type {[string, number][]} */
const UNITS = [["days", 86_400], ["hours", 3_600], ["minutes", 60], ["seconds", 1]];
const RANK = { bad: 0, warn: 1, ok: 2 };

/** The finding in words; its bare code where a newer box has one that this page lacks. @param {Translator} t @param {Finding} finding @returns {string} */
export function sentence(t, finding) {
  const key = `finding.${finding.code}`;
  const values = Object.fromEntries(Object.entries(finding.values).map(([name, value]) => [name, shown(t, name, value)]));
  const words = t(key, values);
  return words === key ? finding.code : words;
}

/** @param {Translator} t @param {string} name @param {string|number} value */
function shown(t, name, value) {
  if (typeof value === "string") {
    const key = `finding.value.${value}`;
    return TRANSLATED.includes(name) && t(key) !== key ? t(key) : value;
  }
  return name === SPAN ? span(t, Math.abs(value)) : plain(t, value);
}

/** A length of time in the unit that says most: 2 giờ. @param {Translator} t @param {number} seconds */
function span(t, seconds) {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[UNITS.length - 1];
  return t(`finding.value.${unit}`, { n: plain(t, size === 1 ? seconds : Math.round(seconds / size)) });
}

const plain = (t, value) => Math.abs(value) >= 100 ? String(Math.round(value)) : number(t, value);

/** Those of the report that somebody must do something about, the gravest first. @param {Report} report @returns {Finding[]} */
export function faults(report) {
  return report.findings.filter(({ level }) => level !== "ok").sort((a, b) => RANK[a.level] - RANK[b.level]);
}

/** @param {Report} report @returns {Finding[]} */
export const goods = (report) => report.findings.filter(({ level }) => level === "ok");

/** How many of each level. @param {Report} report @returns {Record<Level, number>} */
export function counts(report) {
  const found = { bad: 0, warn: 0, ok: 0 };
  for (const { level } of report.findings) found[level] += 1;
  return found;
}

/** The role that looks after boxes reads their reports. @param {{role: string}|null|undefined} user */
export const readsReports = (user) => ["admin", "operator", "technician"].includes(user?.role ?? "");
