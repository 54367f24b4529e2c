/**
 * Requests about the handover of a shift.
 *
 * @typedef {import("../types.js").Incident} Incident
 * @typedef {object} Summary
 * @property {string} ward
 * @property {string} start
 * @property {string} end
 * @property {{kind: string, severity: string, state: string, n: number}[]} counts
 * @property {{acknowledged: number, median_to_acknowledge?: number, slowest_to_acknowledge?: number, median_to_resolve?: number}} times
 * @property {{actor: string, actor_name: string, action: string, n: number}[]} work
 * @property {{incident_id: string, kind: string, at: string, actor: string, actor_name?: string, text: string}[]} comments
 * @property {{id: string, name: string, site: string, box_state: string, state: string, fault?: string, since?: string}[]} cameras
 * @property {Incident[]} unfinished
 *
 * @typedef {object} Handover
 * @property {string} id
 * @property {string} ward
 * @property {string} start
 * @property {string} end
 * @property {string} author
 * @property {string} author_name
 * @property {string} note
 * @property {Summary} summary
 * @property {string} written_at
 * @property {string|null} accepted_by
 * @property {string|null} accepted_by_name
 * @property {string|null} accepted_at
 */
import { request } from "../api.js";

const path = (ward, rest) => `/wards/${encodeURIComponent(ward)}/${rest}`;

/** @param {string} ward @param {{start: string, end: string}} span @returns {Promise<Summary>} */
export const readShift = (ward, { start, end }) => request("GET", `${path(ward, "shift")}?${new URLSearchParams({ start, end })}`);

/** @returns {Promise<{items: Handover[]}>} */
export const readHandovers = () => request("GET", "/handovers");

/** @param {string} ward @param {{start: string, end: string, note: string}} note @returns {Promise<Handover>} */
export const writeHandover = (ward, note) => request("POST", path(ward, "handovers"), note);

/** @param {string} id @returns {Promise<Handover>} */
export const acceptHandover = (id) => request("POST", `/handovers/${encodeURIComponent(id)}/accept`);
