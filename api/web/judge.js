/**
 * Says what a tile must admit about its picture: live, stale, failed, or still waiting for the first one. Pure; a
 * picture that arrives beats every report about the camera, unless the report is newer than the picture.
 *
 * @typedef {import("./types.js").Camera} Camera
 * @typedef {"live"|"stale"|"failed"|"waiting"} TileState
 */

/** A picture older than this is not live any more. */
export const STALE_AFTER_MS = 2000;

/**
 * The age of the picture on the screen. A box whose clock runs ahead cannot make an old picture young: it is never
 * younger than the time since it arrived.
 * @param {{capturedAt: number|null, arrivedAt: number|null}} picture
 * @param {number} now
 * @returns {number|null}
 */
export function ageOf({ capturedAt, arrivedAt }, now) {
  if (capturedAt === null || arrivedAt === null) return null;
  return Math.max(now - capturedAt, now - arrivedAt, 0);
}

/**
 * @param {Pick<Camera, "state"|"fault"|"since"|"box_state">} camera
 * @param {{capturedAt: number|null, arrivedAt: number|null}} picture
 * @param {number} now
 * @returns {{state: TileState, age: number|null, reason: "box_offline"|"fault"|null}}
 */
export function judge(camera, picture, now) {
  const age = ageOf(picture, now);
  const fresh = age !== null && age <= STALE_AFTER_MS;
  const failed = camera.state === "failed";
  const failedSince = failed && camera.since ? Date.parse(camera.since) : -Infinity;
  if (fresh && !(failed && failedSince > /** @type {number} */ (picture.capturedAt))) {
    return { state: "live", age, reason: null };
  }
  if (camera.box_state === "offline") return { state: "failed", age, reason: "box_offline" };
  if (failed) return { state: "failed", age, reason: "fault" };
  return { state: age === null ? "waiting" : "stale", age, reason: null };
}
