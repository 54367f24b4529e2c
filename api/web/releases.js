/**
 * How a box stands to the version that is wanted of it, and which versions may be named. Pure.
 *
 * @typedef {import("./requests/releases.js").Release} Release
 * @typedef {import("./requests/releases.js").BoxWish} BoxWish
 * @typedef {{code: "named"|"waiting"|"loading"|"installed"|"failed"|"rolled_back", level: "good"|"warn"|"bad"|"quiet"}} Standing
 */

/** @type {Record<string, Standing["level"]>} */
const LEVELS = { named: "quiet", waiting: "quiet", loading: "quiet", installed: "good", failed: "bad", rolled_back: "bad" };

/** What to say of a box's wish; nothing where none is named, or it runs and nobody need be told. @param {BoxWish|undefined} wish @param {string} running @returns {Standing|null} */
export function standing(wish, running) {
  if (!wish) return null;
  const code = wish.state ?? "named";
  if (code === "installed" && wish.version === running) return null;
  return { code, level: LEVELS[code] ?? "quiet" };
}

/** Versions once each, the newest first. @param {Release[]} releases @returns {string[]} */
export function versions(releases) {
  return [...new Set(releases.map((release) => release.version))].sort(compare).reverse();
}

/** Versions as people count them: 0.10.0 is after 0.9.0. @param {string} a @param {string} b */
export function compare(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}

/** Whether somebody of this role names a box's version. @param {string|undefined} role */
export const mayName = (role) => role === "admin" || role === "technician";
