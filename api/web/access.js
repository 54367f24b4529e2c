/**
 * Who may see what, as the administration's pages show it: the places that there are, a user's in words, and whether
 * a grant holds. Pure.
 *
 * @typedef {{id: string, name: string}} Named
 * @typedef {Named & {sites: Named[]}} WardPlaces
 * @typedef {"now"|"later"|"ended"|"withdrawn"} GrantState
 */
import { TIME_ZONE } from "./format.js";

export const ROLES = ["police", "operator", "technician", "viewer", "admin"];

/** The wards and sites in which something hangs. @param {{ward: Named, site: Named|null}[]} things cameras and boxes
 * @returns {WardPlaces[]} in the order of their names */
export function placesOf(things) {
  /** @type {Map<string, Named & {sites: Map<string, Named>}>} */
  const wards = new Map();
  for (const { ward, site } of things) {
    const known = wards.get(ward.id) ?? { ...ward, sites: new Map() };
    if (site) known.sites.set(site.id, site);
    wards.set(ward.id, known);
  }
  return [...wards.values()].map(({ id, name, sites }) => ({ id, name, sites: [...sites.values()].sort(byName) })).sort(byName);
}

/** Where a user sees something: names of sites where they are limited to some, else of wards; ids that are not known
 * as they are. @param {{wards: string[], sites: string[]}} account @param {WardPlaces[]} places @returns {string[]} */
export function placeNames({ wards, sites }, places) {
  const all = places.flatMap((ward) => [ward, ...ward.sites]);
  return (sites.length > 0 ? sites : wards).map((id) => all.find((one) => one.id === id)?.name ?? id);
}

/** The wards that a user has, with those that the page does not know. @param {string[]} ids @param {WardPlaces[]} places */
export function withUnknown(ids, places) {
  const missing = ids.filter((id) => !places.some((ward) => ward.id === id));
  return [...places, ...missing.map((id) => ({ id, name: id, sites: [] }))];
}

/** @param {{valid_from: string, valid_until: string, withdrawn_at: string|null}} grant @param {number} now @returns {GrantState} */
export function grantState({ valid_from, valid_until, withdrawn_at }, now) {
  if (withdrawn_at) return "withdrawn";
  if (Date.parse(valid_until) <= now) return "ended";
  return Date.parse(valid_from) > now ? "later" : "now";
}

const local = new Intl.DateTimeFormat("sv-SE", {
  timeZone: TIME_ZONE, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
});

/** A moment as `<input type="datetime-local">` holds it, in the wards' time. @param {number} at */
export const toLocal = (at) => local.format(at).replace(" ", "T");

/** The moment that such an input means; null for none. Việt Nam has no summer time. @param {string} text @returns {string|null} */
export function fromLocal(text) {
  const at = Date.parse(`${text.slice(0, 16)}:00+07:00`);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

function byName(a, b) {
  return a.name.localeCompare(b.name, "vi");
}
