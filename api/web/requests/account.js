/**
 * Requests about one's own account: password, second factor, and the browsers in which one is signed in.
 *
 * @typedef {object} Session
 * @property {string} id
 * @property {string} created_at
 * @property {string} seen_at
 * @property {string} expires_at
 * @property {string} client the address it came from
 * @property {string} agent what the browser calls itself
 * @property {boolean} current the one that asks
 */
import { request } from "../api.js";

/** @param {string} current @param {string} next */
export const changePassword = (current, next) => request("POST", "/account/password", { current, new: next });

/** @returns {Promise<{items: Session[]}>} */
export const readSessions = () => request("GET", "/account/sessions");

/** @param {string} id */
export const endSession = (id) => request("DELETE", `/account/sessions/${encodeURIComponent(id)}`);

export const endOtherSessions = () => request("DELETE", "/account/sessions");

/** @returns {Promise<{since: string|null, recovery_codes_left: number}>} */
export const readTotp = () => request("GET", "/account/totp");

/** @param {string} password @param {string} code */
export const removeTotp = (password, code) => request("DELETE", "/account/totp", { password, code });
