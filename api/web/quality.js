/**
 * Which of a camera's streams a tile asks for, and which it shows: the small sub-stream among many tiles, the main stream
 * alone or large. While it changes over it shows what it has, up to the first key frame of what it wants. Pure.
 *
 * @typedef {"main"|"sub"} Stream
 * @typedef {"main"|"sub"|"both"} Ask
 * @typedef {import("./video.js").Piece} Piece
 * @typedef {{width: number, height: number}} Size
 * @typedef {object} Playing what a tile has of its camera's streams
 * @property {Stream|null} shown
 * @property {string|null} over why there is no sub-stream; null while there may be one
 * @property {Partial<Record<Stream, Piece>>} begun the `init` of a stream whose key frame has not come
 * @property {Partial<Record<Stream, number>>} at when a stream's last piece came, in milliseconds
 */
import { fit } from "./draw.js";

/** From so many tiles on a page on each shows the sub-stream. */
export const MANY = 4;
/** A picture that is stretched more than this looks blurred: the tile then takes the main stream. */
export const STRETCH = 1.5;
/** A stream that brings nothing for so long does not flow. */
const FLOWS_MS = 2_000;

/** @type {Playing} */
export const NONE = { shown: null, over: null, begun: {}, at: {} };

/**
 * The stream that a tile should show.
 * @param {{enlarged: boolean, crowded: boolean, room: Size, sub: Size|null}} tile `room` in device pixels, `sub` the
 *   size of the camera's sub-stream where it is known
 * @returns {Stream}
 */
export function wishFor({ enlarged, crowded, room, sub }) {
  if (enlarged || !crowded) return "main";
  return sub !== null && fit(sub, room.width, room.height).width > STRETCH * sub.width ? "main" : "sub";
}

/** Whether the tiles of a page are small. @param {number} tiles @param {boolean} oneIsLarge */
export function crowded(tiles, oneIsLarge) {
  return oneIsLarge || tiles >= MANY;
}

/** What a tile asks for: what it wishes, and what it shows until that is there. @param {Playing} playing @param {Stream} wish
 * @returns {Ask} */
export function asks({ shown, over }, wish) {
  if (shown === null || shown === wish) return wish;
  return wish === "sub" && over !== null ? "sub" : "both";
}

/**
 * Takes a piece: what the tile has then, and what its player gets.
 * @param {Playing} playing @param {Piece} piece no `tracks` @param {Stream} wish @param {number} now in milliseconds
 * @returns {{playing: Playing, pieces: Piece[]}}
 */
export function take(playing, piece, wish, now) {
  const { kind, no_sub } = piece.header;
  if (kind === "end") return { playing: { ...playing, over: no_sub ?? "failed", begun: without(playing.begun, "sub") }, pieces: [] };
  const stream = streamOf(piece);
  const next = { ...playing, over: stream === "sub" ? null : playing.over, at: { ...playing.at, [stream]: now } };
  if (kind === "init") return { playing: { ...next, begun: { ...next.begun, [stream]: piece } }, pieces: [] };
  const init = next.begun[stream];
  if (!init) return { playing: next, pieces: stream === next.shown ? [piece] : [] };
  if (kind !== "key" || !takesOver(next, stream, wish, now)) return { playing: next, pieces: [] };
  return { playing: { ...next, shown: stream, begun: without(next.begun, stream) }, pieces: [init, piece] };
}

/** @param {Piece} piece @returns {Stream} */
export function streamOf({ header }) {
  return header.stream ?? "main";
}

function takesOver(playing, stream, wish, now) {
  return playing.shown === null || stream === playing.shown || stream === wish || !flows(playing, wish, now);
}

function flows({ over, at }, stream, now) {
  return !(stream === "sub" && over !== null) && at[stream] !== undefined && now - at[stream] < FLOWS_MS;
}

function without(begun, stream) {
  const { [stream]: _, ...others } = begun;
  return others;
}

/**
 * What the page asks the centre for, of what its tiles ask for.
 * @param {Map<string, Map<object, Ask|"pictures">>} wanted by camera and tile
 * @returns {import("./live.js").Wishes}
 */
export function wishesOf(wanted) {
  const cameras = [...wanted.keys()].sort();
  const some = (id, ...forms) => [...(wanted.get(id)?.values() ?? [])].some((form) => forms.includes(form));
  const sub = cameras.filter((id) => some(id, "sub", "both"));
  return {
    cameras,
    video: cameras.filter((id) => some(id, "main", "sub", "both")),
    sub,
    main: sub.filter((id) => some(id, "main", "both")),
  };
}

/**
 * Whether a tile that asks for `ask` from now on needs a stream from its beginning that the page has already: a stream is
 * sent from its beginning only to who asks anew.
 * @param {Ask|"pictures"|null} before @param {Ask|"pictures"|null} ask
 * @param {(Ask|"pictures")[]} others what other tiles ask for of the camera
 */
export function joins(before, ask, others) {
  const had = streamsOf(before);
  const theirs = new Set(others.flatMap((form) => [...streamsOf(form)]));
  const fresh = [...streamsOf(ask)].filter((stream) => !had.has(stream));
  return theirs.size > 0 && (had.size === 0 ? fresh.length > 0 : fresh.some((stream) => theirs.has(stream)));
}

/** @param {Ask|"pictures"|null} form @returns {Set<Stream>} */
function streamsOf(form) {
  if (form === null || form === "pictures") return new Set();
  return new Set(form === "both" ? /** @type {Stream[]} */ (["main", "sub"]) : [form]);
}
