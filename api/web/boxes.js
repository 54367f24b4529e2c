/**
 * The boxes that belong on a frame of video. The box analyses fewer frames than the camera sends, and later than they
 * are shown: between two analysed frames boxes are moved evenly, beyond the last for a moment as they moved before. Pure.
 *
 * @typedef {import("./types.js").Track} Track
 * @typedef {{capturedAt: number, tracks: Track[]}} Seen what was seen in the frame of that time
 */

/** A box whose analysis is older than this is not drawn: better none than one in the wrong place. */
export const OLD_MS = 1000;
/** For so long a box goes on moving as it did. */
export const AHEAD_MS = 500;
const KEPT = 40;

/** Adds what was seen, which may come in any order. @param {Seen[]} history @param {Seen} seen @returns {Seen[]} */
export function remember(history, seen) {
  const others = history.filter(({ capturedAt }) => capturedAt !== seen.capturedAt);
  return [...others, seen].sort((a, b) => a.capturedAt - b.capturedAt).slice(-KEPT);
}

/** The tracks as they are at `at`. @param {Seen[]} history sorted by time @param {number} at @returns {Track[]} */
export function boxesAt(history, at) {
  const index = history.findLastIndex(({ capturedAt }) => capturedAt <= at);
  if (index < 0 || at - history[index].capturedAt > OLD_MS) return [];
  const [before, here, after] = [history[index - 1], history[index], history[index + 1]];
  if (after && after.capturedAt - here.capturedAt <= OLD_MS) return moved(here, here, after, at);
  if (!before || here.capturedAt - before.capturedAt > OLD_MS) return here.tracks;
  return moved(here, before, here, Math.min(at, here.capturedAt + AHEAD_MS));
}

/** The tracks of `shown`, each on the straight line through its places in `from` and `to`. */
function moved(shown, from, to, at) {
  const share = (at - from.capturedAt) / (to.capturedAt - from.capturedAt);
  return shown.tracks.map((track) => {
    const a = from.tracks.find(({ id }) => id === track.id)?.box;
    const b = to.tracks.find(({ id }) => id === track.id)?.box;
    return a && b ? { ...track, box: between(a, b, share) } : track;
  });
}

function between(a, b, share) {
  const at = (side) => Math.min(1, Math.max(0, a[side] + (b[side] - a[side]) * share));
  return { x1: at("x1"), y1: at("y1"), x2: at("x2"), y2: at("y2") };
}
