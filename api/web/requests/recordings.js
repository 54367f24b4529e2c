/**
 * Requests about what was recorded: the reason that must be given first, clips of events, and ranges that a box is
 * asked for.
 *
 * @typedef {{event: string}|{camera: string}} Thing what is played back; a camera's permission covers all its events
 * @typedef {{object: string, until: string}} Allowed
 * @typedef {object} Recording
 * @property {string} id
 * @property {string} camera
 * @property {string} begin
 * @property {string} end
 * @property {string} reason
 * @property {string} requested_by
 * @property {"asked"|"accepted"|"refused"|"done"} state
 * @property {boolean} ready its film can be fetched
 * @property {string} [removed_at] it was kept for long enough
 * @property {string} [refusal] a code
 * @property {string} [began_at]
 * @property {string} [ended_at]
 */
import { BASE, request } from "../api.js";

/** @param {Thing} thing @param {string} reason @returns {Promise<Allowed>} */
export const askPlayback = (thing, reason) => request("POST", "/playback", { ...thing, reason });

/** @param {string} camera @param {string} begin @param {string} end @param {string} reason @returns {Promise<Recording>} */
export const askRecording = (camera, begin, end, reason) =>
  request("POST", `/cameras/${encodeURIComponent(camera)}/recordings`, { begin, end, reason });

/** @param {string} id @returns {Promise<Recording>} */
export const readRecording = (id) => request("GET", `/recordings/${encodeURIComponent(id)}`);

/** The address of a recording's film. @param {string} id */
export const recordingUrl = (id) => `${BASE}/recordings/${encodeURIComponent(id)}/video`;

/** The address of an event's clip. @param {string} eventId */
export const clipUrl = (eventId) => `${BASE}/events/${encodeURIComponent(eventId)}/clip`;

/** The address of an event's small picture. @param {string} eventId */
export const thumbnailUrl = (eventId) => `${BASE}/events/${encodeURIComponent(eventId)}/thumbnail`;
