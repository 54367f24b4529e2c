/**
 * Requests about incidents: lists, one of them, and the steps that officers take.
 *
 * @typedef {import("../types.js").Incident} Incident
 */
import { request } from "../api.js";

const path = (id, rest = "") => `/incidents/${encodeURIComponent(id)}${rest}`;

/** @param {URLSearchParams} query @returns {Promise<{items: Incident[], next_cursor?: string}>} */
export const readIncidents = (query) => request("GET", `/incidents?${query}`);

/** Everything that waits for somebody. */
export const readUnfinished = () =>
  readIncidents(new URLSearchParams([["state", "new"], ["state", "seen"], ["state", "assigned"], ["hidden", "true"], ["limit", "200"]]));

/** Those of these ids that the user sees, also what others explain. @param {string[]} ids at most 100 */
export const readIncidentsById = (ids) =>
  readIncidents(new URLSearchParams([["hidden", "true"], ["limit", "200"], ...ids.map((id) => ["id", id])]));

/** @param {string} id @returns {Promise<import("../types.js").IncidentDetail>} */
export const readIncident = (id) => request("GET", path(id));

/** @param {string} id @returns {Promise<{items: {username: string, display_name: string}[]}>} */
export const readColleagues = (id) => request("GET", path(id, "/colleagues"));

/** Takes a step: `see`, `assign`, `resolve`, `false_alarm`, `escalate`, `reopen` or `undo`.
 * @param {string} id @param {string} action @param {Record<string, unknown>} body with `version` @returns {Promise<Incident>} */
export const takeStep = (id, action, body) => request("POST", path(id, `/${action.replace("_", "-")}`), body);

/** @param {string} id @param {string} text @returns {Promise<Incident>} */
export const sayComment = (id, text) => request("POST", path(id, "/comments"), { text });
