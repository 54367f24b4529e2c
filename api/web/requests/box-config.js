/** Requests about what a box watches. @typedef {import("../box-config.js").Draft} Draft */
import { request } from "../api.js";

/**
 * @typedef {{revision: number, by: string|null, at: string, note: string, state: "pending"|"trying"|"applied"|"refused"|"fallen_back",
 *   reason: string, answered_at: string|null}} Revision
 * @typedef {Revision & Draft} WholeRevision
 * @typedef {{box: string, name: string, online: boolean, newest: WholeRevision, in_use: number|null,
 *   sites: {id: string, name: string}[], history: Revision[]}} Configuration
 */

const of = (box) => `/boxes/${encodeURIComponent(box)}/configuration`;
const seen = (revision) => ({ "If-Match": `"${revision}"` });

/** @param {string} box @returns {Promise<Configuration>} */
export const readConfiguration = (box) => request("GET", of(box));

/** @param {string} box @param {number} revision @returns {Promise<WholeRevision>} */
export const readRevision = (box, revision) => request("GET", `${of(box)}/revisions/${revision}`);

/** @param {string} box @param {number} revision that was seen @param {Draft} draft @param {string} note @returns {Promise<Revision>} */
export const sendConfiguration = (box, revision, draft, note) => request("PUT", of(box), { ...draft, note }, undefined, seen(revision));

/** Makes an earlier revision the newest again. @param {string} box @param {number} revision that was seen @param {number} earlier @returns {Promise<Revision>} */
export const restoreRevision = (box, revision, earlier) => request("POST", `${of(box)}/revisions/${earlier}/restore`, undefined, undefined, seen(revision));
