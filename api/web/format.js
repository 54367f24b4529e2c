/**
 * Times, ages and durations as a reader in Việt Nam expects them: 24 hours, the wards' own time zone, whole units.
 * `t` is a translator from `translate.js`; everything else is an argument.
 *
 * @typedef {import("./translate.js").Translator} Translator
 */

export const TIME_ZONE = "Asia/Ho_Chi_Minh";

const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: TIME_ZONE, hourCycle: "h23", weekday: "short",
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

/** @param {number} at milliseconds of the epoch @returns {Record<string, string>} */
function read(at) {
  return Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
}

/** @param {number} at @returns {string} 23:05:09 */
export function timeOfDay(at) {
  const { hour, minute, second } = read(at);
  return `${hour}:${minute}:${second}`;
}

/** @param {number} at @returns {string} 21/11/2026 */
export function dateOf(at) {
  const { day, month, year } = read(at);
  return `${day}/${month}/${year}`;
}

/** @param {Translator} t @param {number} at @returns {string} Thứ Bảy, 21/11/2026 */
export function longDate(t, at) {
  return `${t(`weekday.${read(at).weekday.toLowerCase()}`)}, ${dateOf(at)}`;
}

/** The time, and the day with it when it is not today. @param {number} at @param {number} now @returns {string} */
export function moment(at, now) {
  const day = dateOf(at);
  return day === dateOf(now) ? timeOfDay(at) : `${timeOfDay(at)} ${day.slice(0, 5)}`;
}

/** @param {Translator} t @param {number} ms @returns {string} two units at most: 45 giây, 3 phút 20 giây */
export function duration(t, ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return t("duration.s", { s: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(t, "m", "s", minutes, seconds % 60);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return two(t, "h", "m", hours, minutes % 60);
  return two(t, "d", "h", Math.floor(hours / 24), hours % 24);
}

function two(t, large, small, a, b) {
  return b === 0 ? t(`duration.${large}`, { [large]: a }) : t(`duration.${large}${small}`, { [large]: a, [small]: b });
}

/** @param {Translator} t @param {number} ms @returns {string} vừa xong, 3 phút trước */
export function ago(t, ms) {
  if (ms < 5_000) return t("ago.now");
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return t("ago.s", { n: seconds });
  if (seconds < 3_600) return t("ago.m", { n: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t("ago.h", { n: Math.floor(seconds / 3_600) });
  return t("ago.d", { n: Math.floor(seconds / 86_400) });
}

/** The age of a picture: 320 ms, 1,4 s, 12 s, then as a duration. @param {Translator} t @param {number} ms */
export function pictureAge(t, ms) {
  if (ms < 1_000) return `${Math.round(ms / 10) * 10} ms`;
  if (ms < 10_000) return `${number(t, Math.floor(ms / 100) / 10)} s`;
  return ms < 60_000 ? `${Math.floor(ms / 1000)} s` : duration(t, ms);
}

/** A number with the language's decimal mark, one decimal at most. @param {Translator} t @param {number} value */
export function number(t, value) {
  return String(Math.round(value * 10) / 10).replace(".", t("decimal"));
}

/** @param {Translator} t @param {number} value from 0 to 1 @returns {string} 87% */
export function percent(t, value) {
  return t("percent", { n: Math.round(value * 100) });
}
