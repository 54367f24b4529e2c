/**
 * What the page knows of a box that comes in: how long its code is good, how far it has come, and where it may stand. Pure.
 *
 * @typedef {import("./requests/box-enrolment.js").Code} Code
 * @typedef {import("./requests/box-enrolment.js").WardPlaces} WardPlaces
 * @typedef {"waiting"|"used"|"online"|"expired"|"withdrawn"} Stage
 */

/** Who may let boxes in. @param {{role: string}|null|undefined} user */
export const enrols = (user) => user?.role === "admin" || user?.role === "technician";

/** How far the box of a code has come. @param {Code} code @param {number} now @returns {Stage} */
export function stageOf(code, now) {
  if (code.state === "used") return code.box_state === "online" ? "online" : "used";
  if (code.state === "waiting" && Date.parse(code.expires_at) <= now) return "expired";
  return code.state;
}

/** What is left of a code's time, as a clock shows it: 59:07. @param {string} expires @param {number} now */
export function timeLeft(expires, now) {
  const seconds = Math.max(0, Math.ceil((Date.parse(expires) - now) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The codes that somebody may still use. @param {Code[]} codes @param {number} now @returns {Code[]} */
export const openCodes = (codes, now) => codes.filter((code) => stageOf(code, now) === "waiting");

/** The value of the choice of a place; a ward's name before a slash, and the site behind it.
 * @param {string} ward @param {string|null} site */
export const placeValue = (ward, site) => `${ward}/${site ?? ""}`;

/** What such a value means. @param {string} value @returns {{ward: string, site: string|null}} */
export function placeOfValue(value) {
  const [ward, site] = value.split("/");
  return { ward, site: site || null };
}

/** The first place that there is to choose; empty where there is none. @param {WardPlaces[]} places */
export function firstPlace(places) {
  for (const ward of places) {
    if (ward.sites.length > 0) return placeValue(ward.id, ward.sites[0].id);
    if (ward.whole) return placeValue(ward.id, null);
  }
  return "";
}
