/**
 * Which camera is brought forward because of its alerts, and which alert is the reason. Pure; a camera that came forward
 * stays for at least ten seconds, so that nobody has to look at a jumping wall.
 *
 * @typedef {import("./types.js").Alert} Alert
 * @typedef {{camera: string, event: string, since: number, over: boolean}} Forward `event` is the reason; `over`: it ended
 */

/** How long a camera stays forward at least. */
export const LEAST_MS = 10_000;

const RANK = { low: 0, medium: 1, high: 2, critical: 3 };

/**
 * What is forward now.
 * @param {Forward|null} held what was forward until now
 * @param {Alert[]} alerts the open ones of cameras that show a picture, without those that somebody sent back
 * @param {number} now
 * @returns {Forward|null} `held` itself while nothing changes
 */
export function decide(held, alerts, now) {
  if (held !== null && now - held.since < LEAST_MS) return stay(held, alerts);
  const best = alerts.reduce((one, other) => (one === null || before(other, one) ? other : one), /** @type {Alert|null} */ (null));
  if (best?.event.camera === undefined) return null;
  if (held !== null && held.camera === best.event.camera) {
    return held.event === best.event.id && !held.over ? held : { ...held, event: best.event.id, over: false };
  }
  return { camera: best.event.camera, event: best.event.id, since: now, over: false };
}

/** The camera stays; its reason is an alert that is still open, if it has one. */
function stay(held, alerts) {
  const mine = alerts.filter(({ event }) => event.camera === held.camera);
  if (mine.some(({ event }) => event.id === held.event)) return held.over ? { ...held, over: false } : held;
  const next = mine.sort((a, b) => (before(a, b) ? -1 : 1))[0];
  if (next) return { ...held, event: next.event.id, over: false };
  return held.over ? held : { ...held, over: true };
}

/** The graver one comes first; of the equally grave, the newer one. */
function before({ event: a }, { event: b }) {
  const graver = (RANK[a.severity] ?? 0) - (RANK[b.severity] ?? 0);
  if (graver !== 0) return graver > 0;
  return a.opened_at !== b.opened_at ? a.opened_at > b.opened_at : a.id > b.id;
}
