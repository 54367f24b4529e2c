/**
 * Spans of a shift, and what its summary comes to. Pure; times are typed and read in Việt Nam's time zone, which has no
 * summer time.
 */
import { TIME_ZONE } from "./format.js";

/** The lengths that are one click, in hours. */
export const LENGTHS = Object.freeze([8, 12, 24]);

const OFFSET = "+07:00";
const parts = new Intl.DateTimeFormat("sv-SE", {
  timeZone: TIME_ZONE, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
});

/** A time as an input of date and time takes it. @param {number} at */
export function typedTime(at) {
  return parts.format(at).replace(" ", "T");
}

/** What was typed, as a time of the API; null while it is none. @param {string} text */
export function timeOf(text) {
  const at = Date.parse(`${text}:00${OFFSET}`);
  return text.length === 16 && !Number.isNaN(at) ? new Date(at).toISOString() : null;
}

/** The last `hours` before `now`, to the minute. @param {number} hours @param {number} now */
export function lastHours(hours, now) {
  const end = Math.ceil(now / 60_000) * 60_000;
  return { from: typedTime(end - hours * 3_600_000), to: typedTime(end) };
}

/** Why this is no span of a shift; null when it is one. @param {string} from @param {string} to */
export function spanProblem(from, to) {
  const [start, end] = [timeOf(from), timeOf(to)];
  if (start === null || end === null) return "shift.bad.time";
  const length = Date.parse(end) - Date.parse(start);
  if (length <= 0) return "shift.bad.order";
  return length > 7 * 86_400_000 ? "shift.bad.long" : null;
}

/** The counts of a summary by kind, the most first: how many, and of these unfinished and false.
 * @param {{kind: string, state: string, n: number}[]} counts */
export function byKind(counts) {
  /** @type {Record<string, {kind: string, n: number, unfinished: number, false_alarms: number}>} */
  const rows = {};
  for (const { kind, state, n } of counts) {
    const row = (rows[kind] ??= { kind, n: 0, unfinished: 0, false_alarms: 0 });
    row.n += n;
    if (state === "false_alarm") row.false_alarms += n;
    else if (state !== "resolved") row.unfinished += n;
  }
  return Object.values(rows).sort((a, b) => b.n - a.n || (a.kind < b.kind ? -1 : 1));
}

/** Who did how much: a row for each officer. @param {{actor: string, actor_name: string, action: string, n: number}[]} work */
export function byOfficer(work) {
  /** @type {Record<string, {actor: string, name: string, actions: Record<string, number>}>} */
  const rows = {};
  for (const { actor, actor_name, action, n } of work) {
    const row = (rows[actor] ??= { actor, name: actor_name, actions: {} });
    row.actions[action] = (row.actions[action] ?? 0) + n;
  }
  return Object.values(rows).sort((a, b) => (a.name < b.name ? -1 : 1));
}
