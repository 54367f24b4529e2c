/**
 * Questions to the state that several views ask. Pure; the order of alerts and cameras on the screen is decided here
 * and nowhere else.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Alert} Alert
 * @typedef {import("./types.js").Camera} Camera
 */

const RANK = { critical: 3, high: 2, medium: 1, low: 0 };

/** @param {State} state @returns {Camera[]} the cameras in the order of the wall */
export function cameras(state) {
  return state.cameraOrder.map((id) => state.cameras[id]);
}

/** @param {Alert} alert */
export function isOpen(alert) {
  return alert.event.phase !== "close";
}

/** Whether this user may not see pictures of the camera, so that none is asked for. What the centre says of the camera is
 * newer than what it said of the user, who may have been granted sight meanwhile.
 * @param {import("./types.js").User|null} user @param {Camera|undefined} camera */
export function barred(user, camera) {
  return camera?.watched === undefined ? user?.sees_video === false : !camera.watched;
}

/** Whether pictures of a camera that is being set up are to be had: not of one that the centre has not heard of yet.
 * @param {State} state @param {string} id @returns {"may"|"barred"|"unsent"} */
export function pictureAccess(state, id) {
  const camera = state.cameras[id];
  if (camera === undefined && state.camerasStatus === "ready") return "unsent";
  return barred(state.user, camera) ? "barred" : "may";
}

/** Whether this user may not see pictures of an event; one of a device is looked at by who may watch its whole site.
 * @param {State} state @param {import("./types.js").Event} event */
export function barredFrom(state, { camera, site }) {
  if (camera !== undefined) return barred(state.user, state.cameras[camera]);
  return barred(state.user, undefined) || Object.values(state.cameras).some((one) => one.site.id === site && one.watched === false);
}

/** The camera that shows what an event is about: its own, or the one that looked for its device.
 * @param {State} state @param {import("./types.js").Event} event @returns {Camera|undefined} */
export function eyeOf(state, { camera, why }) {
  return state.cameras[camera ?? String(why?.camera ?? "")];
}

/** @param {State} state @returns {{open: Alert[], closed: Alert[]}} both newest first */
export function alertGroups(state) {
  const all = Object.values(state.alerts).sort(newestFirst);
  return { open: all.filter(isOpen), closed: all.filter((alert) => !isOpen(alert)) };
}

/** @param {{open: Alert[], closed: Alert[]}} groups @returns {string[]} ids from the top of the lane to its end */
export function alertIds(groups) {
  return [...groups.open, ...groups.closed].map((alert) => alert.event.id);
}

/** @param {Alert[]} open @returns {Record<string, Alert[]>} open alerts of each camera, the gravest first */
export function openByCamera(open) {
  /** @type {Record<string, Alert[]>} */
  const found = {};
  for (const alert of open) if (alert.event.camera !== undefined) (found[alert.event.camera] ??= []).push(alert);
  for (const list of Object.values(found)) list.sort((a, b) => rank(b) - rank(a));
  return found;
}

/** The neighbour `step` places after `id`, stopping at both ends; the first one when `id` is not in the list.
 * @param {string[]} ids @param {string|null} id @param {number} step @returns {string|null} */
export function neighbour(ids, id, step) {
  const at = id === null ? -1 : ids.indexOf(id);
  if (at < 0) return ids[0] ?? null;
  return ids[Math.min(Math.max(at + step, 0), ids.length - 1)];
}

/** How a camera stands: whether it sends a picture, and if not, who is to blame.
 * @param {{state: string, box_state: string}} camera @returns {"live"|"failed"|"offline"|"waiting"} */
export function standing({ state, box_state }) {
  if (box_state === "offline") return "offline";
  return state === "streaming" ? "live" : state === "failed" ? "failed" : "waiting";
}

/** @param {State} state @returns {string[]} names of the wards on the wall, each once */
export function wardNames(state) {
  return [...new Set(cameras(state).map((camera) => camera.ward.name))];
}

/** The names of the places of an alert; `source` is its camera or its device. Ids where one is not known any more.
 * @param {State} state @param {Alert} alert @returns {{site: string, source: string, zone: string|null}} */
export function placeOf(state, { event }) {
  const camera = state.cameras[event.camera ?? ""];
  const known = camera ?? state.devices[event.device ?? ""];
  const zone = camera?.zones.find(({ id }) => id === event.zone);
  return {
    site: known?.site.name ?? siteName(state, event.site),
    source: known?.name ?? event.camera ?? event.device ?? "",
    zone: event.zone ? (zone?.name ?? event.zone) : null,
  };
}

/** What a site is called, as far as a camera or device there tells. @param {State} state @param {string|undefined} id */
export function siteName(state, id) {
  const there = [...Object.values(state.cameras), ...Object.values(state.devices)].find(({ site }) => site.id === id);
  return there?.site.name ?? id ?? "";
}

function rank(alert) {
  return RANK[alert.event.severity] ?? 0;
}

function newestFirst(a, b) {
  return compare(b.event.opened_at, a.event.opened_at) || compare(b.event.id, a.event.id);
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
