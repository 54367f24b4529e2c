/**
 * Steps that can be taken back. Pure. Changes that follow one another under one `tag`, as while a point is dragged or a
 * word is typed, are one step.
 *
 * @template T
 * @typedef {{past: T[], now: T, future: T[], tag: string|null}} Steps
 */

const MOST = 100;

/** @template T @param {T} now @returns {Steps<T>} */
export const begun = (now) => ({ past: [], now, future: [], tag: null });

/** @template T @param {Steps<T>} steps @param {T} now @param {string|null} [tag] @returns {Steps<T>} */
export function changed(steps, now, tag = null) {
  if (now === steps.now) return steps;
  const same = tag !== null && tag === steps.tag;
  return { past: same ? steps.past : [...steps.past, steps.now].slice(-MOST), now, future: [], tag };
}

/** @template T @param {Steps<T>} steps @returns {Steps<T>} */
export function undone(steps) {
  if (steps.past.length === 0) return steps;
  const before = steps.past[steps.past.length - 1];
  return { past: steps.past.slice(0, -1), now: before, future: [steps.now, ...steps.future], tag: null };
}

/** @template T @param {Steps<T>} steps @returns {Steps<T>} */
export function redone(steps) {
  if (steps.future.length === 0) return steps;
  const [now, ...future] = steps.future;
  return { past: [...steps.past, steps.now], now, future, tag: null };
}
