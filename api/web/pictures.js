/**
 * Hands each live picture to the tile that shows its camera, and keeps which tiles are on the screen. Pictures do not
 * pass through the state: nothing else on the page depends on them.
 */
import { signal } from "@preact/signals";

/** @typedef {{header: import("./types.js").PictureHeader, capturedAt: number, jpeg: Uint8Array}} Picture */

/** @type {Map<string, (picture: Picture) => void>} */
const takers = new Map();

/** The cameras whose tiles can be seen, in a stable order. */
export const visibleCameras = signal(/** @type {string[]} */ ([]));

/** @param {Picture} picture */
export function offerPicture(picture) {
  takers.get(picture.header.camera)?.(picture);
}

/** @param {string} cameraId @param {(picture: Picture) => void} take @returns {() => void} ends it */
export function takePictures(cameraId, take) {
  takers.set(cameraId, take);
  return () => {
    if (takers.get(cameraId) === take) takers.delete(cameraId);
  };
}

/** @param {string} cameraId @param {boolean} visible */
export function setVisible(cameraId, visible) {
  const others = visibleCameras.peek().filter((id) => id !== cameraId);
  if (!visible && others.length === visibleCameras.peek().length) return;
  if (visible && others.length < visibleCameras.peek().length) return;
  visibleCameras.value = visible ? [...others, cameraId].sort() : others;
}
