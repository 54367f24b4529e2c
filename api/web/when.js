/**
 * A moment as people write it in fields: the day before the month, and the time of day in 24 hours, whatever the browser's
 * language is. Pure.
 * A field's value is `2026-11-22T09:30`, with seconds where they are asked for; empty for none.
 */

const TIME = /^(\d{1,2})(?:\s*[:.hH]\s*(\d{1,2})?(?:\s*[:.]\s*(\d{1,2}))?)?$/;
const BARE = /^(\d{1,2})(\d{2})(\d{2})?$/;
const DAY = /^(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}|\d{2}))?$/;
const BARE_DAY = /^(\d{2})(\d{2})(\d{4})$/;

/**
 * The time that somebody typed: `9`, `9h`, `9h05`, `9:05`, `0905`, `09:05:30`.
 * @param {string} text @param {boolean} [seconds] whether seconds count
 * @returns {string|null} `09:05` or `09:05:30`; null when it is no time of day
 */
export function readTime(text, seconds = false) {
  const found = BARE.exec(text.trim()) ?? TIME.exec(text.trim());
  if (found === null) return null;
  const parts = found.slice(1).map((part) => Number(part ?? 0));
  const [hours, minutes, rest] = parts;
  if (hours > 23 || minutes > 59 || rest > 59) return null;
  return parts.slice(0, seconds ? 3 : 2).map((part) => String(part).padStart(2, "0")).join(":");
}

/**
 * The day that somebody typed: `22/11/2026`, `22/11/26`, `22-11-2026`, `22.11.2026`, `22112026`, or `22/11` of this year.
 * @param {string} text @param {string} today as a value
 * @returns {string|null} `2026-11-22`; null when the calendar has no such day
 */
export function readDay(text, today) {
  const found = BARE_DAY.exec(text.trim()) ?? DAY.exec(text.trim());
  if (found === null) return null;
  const [, day, month, year = today.slice(0, 4)] = found;
  const value = `${year.padStart(4, "20")}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const at = new Date(`${value}T00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value) ? value : null;
}

/** A day as it is read here: 22/11/2026; empty for none. @param {string} value */
export function sayDay(value) {
  return value.split("-").reverse().join("/");
}

/** A value's parts. @param {string} value @param {boolean} [seconds] @returns {{date: string, time: string}} */
export function apart(value, seconds = false) {
  return { date: value.slice(0, 10), time: value.slice(11, seconds ? 19 : 16) };
}

/**
 * The value that two fields mean: a time alone is today's, a date alone begins at midnight.
 * @param {{date: string, time: string}} parts @param {string} today @param {boolean} [seconds]
 * @returns {string|null} null when the time is none
 */
export function together({ date, time }, today, seconds = false) {
  if (time.trim() === "") return date && `${date}T${seconds ? "00:00:00" : "00:00"}`;
  const read = readTime(time, seconds);
  return read && `${date || today}T${read}`;
}
