/**
 * Hands each live picture and each piece of video to the tile that shows its camera, and keeps which tiles are on the
 * screen and how each wants its camera. Pictures do not pass through the state: nothing else on the page depends on them.
 */
import { signal } from "@preact/signals";
import { joins, wishesOf } from "./quality.js";

/** @typedef {{header: import("./types.js").PictureHeader, capturedAt: number, jpeg: Uint8Array}} Picture */
/** @typedef {import("./video.js").Piece} Piece */
/** @typedef {{onPicture: (picture: Picture) => void, onVideo: (piece: Piece) => void}} Taker */
/** @typedef {import("./quality.js").Ask|"pictures"} Form */

/** Who takes each camera's pictures: a tile of the wall, and perhaps another in a window over it. @type {Map<string, Set<Taker>>} */
const takers = new Map();

/** How each tile that can be seen wants its camera. @type {Map<string, Map<object, Form>>} */
const wanted = new Map();

/** The cameras whose tiles can be seen, in a stable order, and those of them whose video is wanted, in which stream. */
export const wishes = signal(/** @type {import("./live.js").Wishes} */ ({ cameras: [], video: [], sub: [], main: [] }));

/** @param {Picture} picture */
export function offerPicture(picture) {
  for (const taker of takers.get(picture.header.camera) ?? []) taker.onPicture(picture);
}

/** @param {Piece} piece */
export function offerVideo(piece) {
  for (const taker of takers.get(piece.header.camera) ?? []) taker.onVideo(piece);
}

/** @param {string} cameraId @param {Taker} taker @returns {() => void} ends it */
export function takePictures(cameraId, taker) {
  const mine = takers.get(cameraId) ?? new Set();
  takers.set(cameraId, mine.add(taker));
  return () => { mine.delete(taker); };
}

/** @param {string} cameraId @param {Form|null} form null when the tile cannot be seen @param {object} tile which wants it */
export function want(cameraId, form, tile) {
  const forms = wanted.get(cameraId) ?? new Map();
  if ((forms.get(tile) ?? null) === form) return;
  const anew = joins(forms.get(tile) ?? null, form, [...forms].filter(([other]) => other !== tile).map(([, theirs]) => theirs));
  if (form === null) forms.delete(tile);
  else forms.set(tile, form);
  if (forms.size > 0) wanted.set(cameraId, forms);
  else wanted.delete(cameraId);
  const next = wishesOf(wanted);
  if (anew) wishes.value = without(next, cameraId);
  wishes.value = next;
}

function without(wishes, cameraId) {
  const others = (ids) => ids.filter((id) => id !== cameraId);
  return { cameras: others(wishes.cameras), video: others(wishes.video), sub: others(wishes.sub), main: others(wishes.main) };
}
