/**
 * The pages that there are, in the order of the rail: who sees them, which key opens them after `g`, and whether the
 * lane of alerts lies beside them.
 */
import { Wall } from "./wall.js";

/**
 * @typedef {object} PageEntry
 * @property {string} name the first part of its address, and the key `page.<name>` of its name
 * @property {string} icon
 * @property {string} key pressed after `g`
 * @property {any} view a component that takes `doings`, `id` and `query`
 * @property {boolean} [lane] whether the alerts are shown beside it
 * @property {boolean} [unlisted] reached from other pages only
 * @property {(user: import("../types.js").User) => boolean} [allowed] everybody, when absent
 */

/** @type {PageEntry[]} */
export const PAGES = [
  { name: "wall", icon: "grid", key: "w", view: Wall, lane: true },
];

/** @param {import("../types.js").User|null} user @returns {PageEntry[]} */
export function pagesFor(user) {
  return PAGES.filter(({ allowed }) => user !== null && (allowed?.(user) ?? true));
}

/** The entry of a page; the wall for an address that names none, or one that is not this user's.
 * @param {string} name @param {import("../types.js").User|null} user @returns {PageEntry} */
export function pageNamed(name, user) {
  return pagesFor(user).find((entry) => entry.name === name) ?? PAGES[0];
}
