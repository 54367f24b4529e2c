/**
 * An administrator's requests about the audit log.
 *
 * @typedef {import("../entry.js").Entry} Entry
 * @typedef {object} Check
 * @property {number} first
 * @property {number} last
 * @property {string|null} fault
 * @property {boolean} anchored
 * @property {number} unanchored
 */
import { request } from "../api.js";
import { queryOf } from "../entry.js";

/** How many entries a page shows, and how many one request of a saved table brings. */
export const PAGE = 100;
const PIECE = 500;
/** A saved table ends here; who needs more narrows the question. */
export const MOST_SAVED = 10_000;

/** @param {Record<string, string>} filters @param {number|null} [before] @param {number} [limit] @returns {Promise<{items: Entry[]}>} */
export const readAudit = (filters, before = null, limit = PAGE) => request("GET", `/audit?${queryOf(filters, before, limit)}`);

/** @returns {Promise<Check>} */
export const checkAudit = () => request("GET", "/audit/check");

/** All entries that fit the filters, up to MOST_SAVED. @param {Record<string, string>} filters @returns {Promise<Entry[]>} */
export async function readWhole(filters) {
  /** @type {Entry[]} */
  const found = [];
  while (found.length < MOST_SAVED) {
    const { items } = await readAudit(filters, found.at(-1)?.seq ?? null, PIECE);
    found.push(...items);
    if (items.length < PIECE) break;
  }
  return found;
}
