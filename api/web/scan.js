/**
 * How a picture is looked through for a code: which parts of it, at which sizes. Pure; `scanner.js` does it.
 *
 * @typedef {{x: number, y: number, width: number, height: number, scale: number}} Cut a part of the picture, and how
 *   large it is drawn
 */

/** The longest side at which a whole photo is looked at, the likeliest first: larger ones cost more than they find. */
const SIDES = [1000, 1600, 640, 2200];
/** How large the middle of a live picture is drawn. */
const LIVE_SIDE = 720;
/** How much of a live picture's shorter side is looked at: what lies within the frame on the page. */
export const LIVE_PART = 0.8;

/** The cuts of a photo, one after the other until a code is found. @param {number} width @param {number} height @returns {Cut[]} */
export function cutsOfPhoto(width, height) {
  const longest = Math.max(width, height);
  const whole = { x: 0, y: 0, width, height };
  const sides = [...new Set(SIDES.map((side) => Math.min(side, Math.max(longest, 640))))];
  const middle = cutOfLive(width, height);
  return [...sides.map((side) => ({ ...whole, scale: side / longest })), { ...middle, scale: Math.min(2, 1200 / middle.width) }];
}

/** The middle square of a live picture. @param {number} width @param {number} height @returns {Cut} */
export function cutOfLive(width, height) {
  const side = Math.round(Math.min(width, height) * LIVE_PART);
  return { x: Math.round((width - side) / 2), y: Math.round((height - side) / 2), width: side, height: side, scale: Math.min(1, LIVE_SIDE / side) };
}

/** The size at which a cut is drawn. @param {Cut} cut */
export const drawnSize = ({ width, height, scale }) => ({
  width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)),
});

/** Why there is no live picture: the code of what to do instead. @param {{secure: boolean, camera: boolean, error?: string}} found */
export function whyNoCamera({ secure, camera, error }) {
  if (error === "NotAllowedError" || error === "SecurityError") return "denied";
  if (error === "NotReadableError") return "busy";
  if (error) return "none";
  if (!secure) return "insecure";
  return camera ? null : "none";
}
