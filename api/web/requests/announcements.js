/**
 * Requests about what is said over loudspeakers.
 *
 * @typedef {object} Template
 * @property {string} id
 * @property {{vi: string, en: string}} name
 * @property {{vi: string, en: string}} text
 * @property {("stall"|"plate")[]} places
 * @property {"normal"|"urgent"|"fire"} priority
 * @property {boolean} preapproved
 * @typedef {{id: string, name: string, site: string, site_name: string, ward: string}} Speaker
 * @typedef {{speaks: boolean, proposes: boolean, approves: boolean, templates: Template[], speakers: Speaker[]}} Choices
 * @typedef {{speaker: string, name: string, state: string, reason?: string|null, at?: string|null}} Play
 * @typedef {object} Announcement
 * @property {string} id
 * @property {string} site
 * @property {string} site_name
 * @property {string|null} [incident]
 * @property {string|null} [template]
 * @property {string} text
 * @property {string} source
 * @property {number} seconds
 * @property {"normal"|"urgent"|"fire"} priority
 * @property {string} state
 * @property {string|null} [proposed_by]
 * @property {string|null} [box]
 * @property {string|null} [cause]
 * @property {string} proposed_at
 * @property {string|null} [decided_by]
 * @property {string|null} [decided_at]
 * @property {string|null} [remark]
 * @property {string|null} [cancelled_by]
 * @property {Play[]} plays
 * @property {boolean} may_approve
 * @property {boolean} may_cancel
 */
import { BASE, ProblemError, request } from "../api.js";

const PATIENCE_MS = 40_000; // a program speaks, and another request may be before us

const path = (id, rest = "") => `/announcements/${encodeURIComponent(id)}${rest}`;

/** @returns {Promise<Choices>} */
export const readChoices = () => request("GET", "/announcements/choices");

/** @param {string|null} [before] @returns {Promise<{items: Announcement[], next: string|null}>} */
export const readAnnouncements = (before = null) =>
  request("GET", `/announcements?${new URLSearchParams({ limit: "30", ...(before ? { before } : {}) })}`);

/** @param {Record<string, unknown>} wish @returns {Promise<Announcement>} */
export const proposeAnnouncement = (wish) => request("POST", "/announcements", wish, PATIENCE_MS);

/** @param {string} id @returns {Promise<Announcement>} */
export const approveAnnouncement = (id) => request("POST", path(id, "/approve"));

/** @param {string} id @param {string} remark @returns {Promise<Announcement>} */
export const refuseAnnouncement = (id, remark) => request("POST", path(id, "/refuse"), { remark });

/** @param {string} id @returns {Promise<Announcement>} */
export const cancelAnnouncement = (id) => request("POST", path(id, "/cancel"));

/** The address of what was heard or is to be heard. @param {string} id */
export const soundUrl = (id) => `${BASE}${path(id, "/sound")}`;

/** What would be heard. @param {Record<string, unknown>} wish @returns {Promise<Blob>} */
export async function previewAnnouncement({ speakers: _speakers, incident: _incident, ...wish }) {
  let answer;
  try {
    answer = await fetch(`${BASE}/announcements/preview`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish),
      credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new ProblemError("network", 0);
  }
  if (answer.ok) return answer.blob();
  const said = await answer.json().catch(() => null);
  throw new ProblemError(said?.code ?? "unavailable", answer.status, null, said);
}
