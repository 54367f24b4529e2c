/**
 * A search for alerts, as the address of its page carries it, and what that asks of the centre. Pure; times are
 * milliseconds of the epoch, days are those of Việt Nam.
 *
 * @typedef {object} Search
 * @property {string} text what was typed: places, cameras, kinds
 * @property {string[]} kinds chosen beside the text
 * @property {string} severity the least, or ""
 * @property {string} site
 * @property {string} camera
 * @property {"today"|"yesterday"|"week"|"month"|"all"|"span"} when
 * @property {string} from local day, 2026-11-22, for `span`
 * @property {string} to the last local day
 * @property {boolean} clip
 */
import { understand } from "./fold.js";
import { dayOf, momentOf } from "./timeline.js";

const DAY = 86_400_000;
const WHENS = ["today", "yesterday", "week", "month", "all", "span"];
const SEVERITIES = ["medium", "high", "critical"];
const DAY_TEXT = /^\d{4}-\d{2}-\d{2}$/;

/** @param {Record<string, string>} query of the address @returns {Search} */
export function readSearch(query) {
  const pick = (value, from, other) => (from.includes(value) ? value : other);
  return {
    text: query.q ?? "",
    kinds: (query.kind ?? "").split(",").filter(Boolean),
    severity: pick(query.severity, SEVERITIES, ""),
    site: query.site ?? "",
    camera: query.camera ?? "",
    when: pick(query.when, WHENS, "week"),
    from: DAY_TEXT.test(query.from ?? "") ? query.from : "",
    to: DAY_TEXT.test(query.to ?? "") ? query.to : "",
    clip: query.clip === "1",
  };
}

/** @param {Search} search @returns {Record<string, string>} what stands in the address; nothing for what is usual */
export function writeSearch({ text, kinds, severity, site, camera, when, from, to, clip }) {
  const spans = when === "span" ? { from, to } : {};
  const usual = when === "week" ? "" : when;
  const all = { q: text, kind: kinds.join(","), severity, site, camera, when: usual, clip: clip ? "1" : "", ...spans };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

/** When it was: from the first moment to before the last one; null where it is open.
 * @param {Search} search @param {number} now @returns {{from: number|null, to: number|null}} */
export function spanOf({ when, from, to }, now) {
  const today = dayOf(now);
  if (when === "today") return { from: today, to: null };
  if (when === "yesterday") return { from: today - DAY, to: today };
  if (when === "week") return { from: today - 6 * DAY, to: null };
  if (when === "month") return { from: today - 29 * DAY, to: null };
  if (when === "all") return { from: null, to: null };
  const last = to ? momentOf(`${to}T00:00:00`) : null;
  return { from: from ? momentOf(`${from}T00:00:00`) : null, to: last === null ? null : last + DAY };
}

/** Whether the span ends before it begins. @param {Search} search */
export function isBackwards({ when, from, to }) {
  return when === "span" && from !== "" && to !== "" && to < from;
}

/**
 * The parameters of `GET /events`. Kinds that the text names join those that were chosen.
 * @param {Search} search @param {Record<string, string[]>} namesOfKinds @param {number} now
 * @returns {URLSearchParams}
 */
export function parametersOf(search, namesOfKinds, now) {
  const { kinds, rest } = understand(search.text, namesOfKinds);
  const { from, to } = spanOf(search, now);
  const found = new URLSearchParams();
  if (rest) found.set("q", rest);
  for (const kind of new Set([...search.kinds, ...kinds])) found.append("kind", kind);
  if (search.severity) found.set("severity", search.severity);
  if (search.site) found.set("site", search.site);
  if (search.camera) found.set("camera", search.camera);
  if (from !== null) found.set("from", new Date(from).toISOString());
  if (to !== null) found.set("to", new Date(to).toISOString());
  if (search.clip) found.append("has", "clip");
  return found;
}
