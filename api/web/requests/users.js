/**
 * An administrator's requests about accounts.
 *
 * @typedef {object} Rights
 * @property {string} display_name
 * @property {string} role
 * @property {string[]} wards
 * @property {string[]} sites empty: all of the wards
 * @property {boolean} disabled
 * @typedef {Rights & {username: string, totp_since: string|null}} Account
 * @typedef {{id: string, issuer: string, subject: string, managed: boolean, linked_at: string}} Identity as the sign-in
 *   provider knows an account; `managed`: its rights follow the provider
 */
import { request } from "../api.js";

const path = (username, rest = "") => `/users/${encodeURIComponent(username)}${rest}`;

/** @returns {Promise<{items: Account[]}>} */
export const readUsers = () => request("GET", "/users");

/** @param {Rights & {username: string, password: string}} user @returns {Promise<Account>} */
export const createUser = (user) => request("POST", "/users", user);

/** @param {string} username @param {Rights} rights @returns {Promise<Account>} */
export const changeUser = (username, rights) => request("PUT", path(username), rights);

/** @param {string} username @param {string} password */
export const setPassword = (username, password) => request("POST", path(username, "/password"), { password });

/** @param {string} username */
export const resetTotp = (username) => request("DELETE", path(username, "/totp"));

/** @param {string} username @returns {Promise<{items: import("./account.js").Session[]}>} */
export const readSessionsOf = (username) => request("GET", path(username, "/sessions"));

/** @param {string} username @param {string} id */
export const endSessionOf = (username, id) => request("DELETE", path(username, `/sessions/${encodeURIComponent(id)}`));

/** @param {string} username */
export const endSessionsOf = (username) => request("DELETE", path(username, "/sessions"));

/** @param {string} username @returns {Promise<{items: Identity[]}>} */
export const readIdentities = (username) => request("GET", path(username, "/identities"));

/** @param {string} username @param {string} subject @returns {Promise<Identity>} */
export const linkIdentity = (username, subject) => request("POST", path(username, "/identities"), { subject });

/** @param {string} username @param {string} id */
export const unlinkIdentity = (username, id) => request("DELETE", path(username, `/identities/${encodeURIComponent(id)}`));
