/**
 * How a player keeps close behind the camera: when to run a little faster, when to jump. Pure.
 */

/** How far behind the newest piece playing aims, in seconds: what a network's trembling may take. */
export const CUSHION_S = 0.1;
/** Farther behind than this it runs faster. */
export const LATE_S = 0.3;
/** Farther behind than this it jumps, for catching up would take too long. */
export const LOST_S = 1.0;
const FASTEST = 1.25;

/**
 * What to do at `now` (the video's own time in seconds) when what can be played last reaches from `start` to `end`.
 * @param {{start: number, end: number}} last
 * @param {number} now
 * @returns {{jumpTo: number|null, rate: number}}
 */
export function pace({ start, end }, now) {
  const behind = end - now;
  if (behind > LOST_S || now < start - 0.001) return { jumpTo: Math.max(start, end - CUSHION_S), rate: 1 };
  if (behind <= LATE_S) return { jumpTo: null, rate: 1 };
  return { jumpTo: null, rate: Math.min(FASTEST, 1.05 + (behind - LATE_S) / 2) };
}

/**
 * When the frame that is shown at a video time reached the box. Holds what the newest pieces said.
 */
export class FrameTimes {
  static #MOST = 1000;
  /** @type {{time: number, capturedAt: number}[]} */
  #frames = [];

  /** @param {number} time in seconds @param {number} capturedAt */
  add(time, capturedAt) {
    this.#frames.push({ time, capturedAt });
    if (this.#frames.length > 2 * FrameTimes.#MOST) this.#frames = this.#frames.slice(-FrameTimes.#MOST);
  }

  /** @param {number} time @returns {number|null} null when nothing is known of a frame near it */
  capturedAt(time) {
    for (let i = this.#frames.length - 1; i >= 0; i -= 1) {
      const frame = this.#frames[i];
      if (frame.time <= time + 0.002) return time - frame.time < 1 ? frame.capturedAt : null;
    }
    return null;
  }
}
