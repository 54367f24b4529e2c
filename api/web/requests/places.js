/**
 * Requests about places: the map, what a camera saw over a span of time, and the search for alerts.
 *
 * @typedef {{lat: number, lon: number}} Position
 * @typedef {object} MapSite
 * @property {string} id
 * @property {string} name
 * @property {string} kind
 * @property {Position|null} position
 * @property {{shape: "line"|"polygon", points: [number, number][]}|null} outline
 * @typedef {{id: string, name: string, site: string|null, state: string, position: Position|null}} MapBox
 * @typedef {object} MapCamera
 * @property {string} id
 * @property {string} name
 * @property {string} site
 * @property {string} box
 * @property {string} state
 * @property {string} box_state
 * @property {Position|null} position
 * @property {number|null} bearing
 * @property {number|null} view_angle
 * @property {number|null} range_m
 * @typedef {object} WardMapData
 * @property {{url: string, attribution: string, max_zoom: number}|null} tiles
 * @property {{south: number, west: number, north: number, east: number}|null} bounds
 * @property {MapSite[]} sites
 * @property {MapBox[]} boxes
 * @property {MapCamera[]} cameras
 *
 * @typedef {{id: string, from: string, to: string, state: string, ready: boolean, requested_by: string}} Recorded
 * @typedef {object} Timeline
 * @property {string} from
 * @property {string} to
 * @property {"5m"|"1h"} step
 * @property {import("../timeline.js").Happening[]} events
 * @property {boolean} truncated
 * @property {import("../timeline.js").Stretch[]} states
 * @property {import("../timeline.js").Count[]} [people]
 * @property {Recorded[]} [recordings]
 */
import { request } from "../api.js";

/** @returns {Promise<WardMapData>} */
export const readMap = () => request("GET", "/map");

/** @param {string} camera @param {{from: number, to: number}} span @returns {Promise<Timeline>} */
export function readTimeline(camera, { from, to }) {
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  return request("GET", `/cameras/${encodeURIComponent(camera)}/timeline?${query}`);
}

/** @param {URLSearchParams} parameters @param {string|null} cursor @param {number} limit
 * @returns {Promise<{items: import("../types.js").Alert[], next_cursor?: string|null}>} */
export function searchEvents(parameters, cursor, limit) {
  const query = new URLSearchParams([...parameters, ["limit", String(limit)], ...(cursor ? [["cursor", cursor]] : [])]);
  return request("GET", `/events?${query}`);
}

/** One alert. @param {string} id @returns {Promise<import("../types.js").Alert>} */
export const readEvent = (id) => request("GET", `/events/${encodeURIComponent(id)}`);
