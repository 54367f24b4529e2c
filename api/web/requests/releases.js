/**
 * Requests about versions of the box's program.
 *
 * @typedef {{version: string, arch: string, notes?: string, made_by: string, at: string}} Release
 * @typedef {object} BoxWish
 * @property {string} box
 * @property {string} version
 * @property {string} by
 * @property {string} at
 * @property {"waiting"|"loading"|"installed"|"failed"|"rolled_back"|null} [state]
 * @property {string|null} [reason]
 * @property {string} [detail]
 * @property {string|null} [reported_at]
 */
import { request } from "../api.js";

/** @returns {Promise<{items: Release[]}>} */
export const readReleases = () => request("GET", "/releases");

/** @returns {Promise<{items: BoxWish[]}>} */
export const readWishes = () => request("GET", "/boxes/releases");

/** @param {string} box @param {string} version @returns {Promise<BoxWish>} */
export const nameRelease = (box, version) => request("PUT", `/boxes/${box}/release`, { version });

/** @param {string} box */
export const forgetRelease = (box) => request("DELETE", `/boxes/${box}/release`);
