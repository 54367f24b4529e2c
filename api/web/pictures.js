/**
 * Hands each live picture and each piece of video to the tile that shows its camera, and keeps which tiles are on the
 * screen and how each wants its camera. Pictures do not pass through the state: nothing else on the page depends on them.
 */
import { signal } from "@preact/signals";

/** @typedef {{header: import("./types.js").PictureHeader, capturedAt: number, jpeg: Uint8Array}} Picture */
/** @typedef {import("./video.js").Piece} Piece */
/** @typedef {{onPicture: (picture: Picture) => void, onVideo: (piece: Piece) => void}} Taker */
/** @typedef {"video"|"pictures"} Form */

/** @type {Map<string, Taker>} */
const takers = new Map();

/** @type {Map<string, Form>} */
const wanted = new Map();

/** The cameras whose tiles can be seen, in a stable order, and those of them whose video is wanted. */
export const wishes = signal(/** @type {import("./live.js").Wishes} */ ({ cameras: [], video: [] }));

/** @param {Picture} picture */
export function offerPicture(picture) {
  takers.get(picture.header.camera)?.onPicture(picture);
}

/** @param {Piece} piece */
export function offerVideo(piece) {
  takers.get(piece.header.camera)?.onVideo(piece);
}

/** @param {string} cameraId @param {Taker} taker @returns {() => void} ends it */
export function takePictures(cameraId, taker) {
  takers.set(cameraId, taker);
  return () => {
    if (takers.get(cameraId) === taker) takers.delete(cameraId);
  };
}

/** @param {string} cameraId @param {Form|null} form null when the tile cannot be seen */
export function want(cameraId, form) {
  if ((wanted.get(cameraId) ?? null) === form) return;
  if (form === null) wanted.delete(cameraId);
  else wanted.set(cameraId, form);
  const cameras = [...wanted.keys()].sort();
  wishes.value = { cameras, video: cameras.filter((id) => wanted.get(id) === "video") };
}
