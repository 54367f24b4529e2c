/**
 * Requests about codes that let boxes in, and about shutting a box out.
 *
 * @typedef {{id: string, name: string}} Named
 * @typedef {object} Code
 * @property {string} id
 * @property {string} box
 * @property {string} name
 * @property {Named} ward
 * @property {Named|null} site
 * @property {string} made_by
 * @property {string} made_at
 * @property {string} expires_at
 * @property {string|null} used_at
 * @property {"waiting"|"used"|"expired"|"withdrawn"} state
 * @property {"online"|"offline"|"unknown"|null} box_state
 * @typedef {Named & {whole: boolean, sites: Named[]}} WardPlaces
 * @typedef {{id: string, box: string, code: string, command: string, expires_at: string}} MadeCode
 */
import { request } from "../api.js";

/** @returns {Promise<{items: Code[], places: WardPlaces[], set_up: boolean}>} */
export const readCodes = () => request("GET", "/boxes/enrolments");

/** @param {{box?: string, name?: string, ward?: string, site?: string|null}} wanted @returns {Promise<MadeCode>} */
export const makeCode = (wanted) => request("POST", "/boxes/enrolments", wanted);

/** @param {string} id @returns {Promise<void>} */
export const withdrawCode = (id) => request("DELETE", `/boxes/enrolments/${encodeURIComponent(id)}`);

/** @param {string} box @param {string} reason @returns {Promise<void>} */
export const revokeBox = (box, reason) => request("POST", `/boxes/${encodeURIComponent(box)}/revoke`, { reason });
