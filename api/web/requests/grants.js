/**
 * An administrator's requests about time-boxed sight of a place's video.
 *
 * @typedef {object} Grant
 * @property {string} id
 * @property {string} username
 * @property {string|null} ward
 * @property {string|null} site
 * @property {string} valid_from
 * @property {string} valid_until
 * @property {string} reason
 * @property {string} granted_by
 * @property {string} granted_at
 * @property {string|null} withdrawn_at
 */
import { request } from "../api.js";

/** @returns {Promise<{items: Grant[]}>} */
export const readGrants = () => request("GET", "/grants");

/** @param {{username: string, ward: string|null, site: string|null, valid_from: string|null, valid_until: string|null,
 *   reason: string}} asked @returns {Promise<Grant>} */
export const makeGrant = (asked) => request("POST", "/grants", asked);

/** @param {string} id */
export const withdrawGrant = (id) => request("DELETE", `/grants/${encodeURIComponent(id)}`);
