/**
 * What is to be done about a box and its cameras, as codes that become plain sentences (`advice.<code>`). Pure.
 *
 * @typedef {import("./types.js").Camera} Camera
 * @typedef {object} Box
 * @property {string} id
 * @property {string} name
 * @property {{id: string, name: string}} ward
 * @property {{id: string, name: string}|null} site
 * @property {"online"|"offline"|"unknown"} state
 * @property {string|null} since
 * @property {string|null} heard_at
 * @property {string} version
 * @property {number|null} pending
 * @property {number|null} dropped
 * @property {number} missing
 * @property {number|null} cpu_percent
 * @property {number|null} memory_percent
 * @property {number|null} disk_free_bytes
 * @typedef {{code: string, level: "bad"|"warn", n?: number}} Advice
 */

export const GIB = 2 ** 30;
const LOW_DISK = 2 * GIB;
const BUSY = 90;
/** Records that wait while the line holds: it is too thin, or the centre too slow. */
const MANY_PENDING = 1000;
/** Pictures a second below which a street is hardly followed. */
const SLOW_FPS = 3;
const RANK = { bad: 0, warn: 1 };

/** @param {Box} box @returns {Advice[]} the gravest first */
export function adviceOfBox(box) {
  if (box.state === "unknown") return [{ code: "box.never", level: "bad" }];
  if (box.state === "offline") return [{ code: "box.silent", level: "bad" }];
  /** @type {(Advice|false)[]} */
  const found = [
    (box.dropped ?? 0) > 0 && { code: "box.dropped", level: "bad", n: box.dropped ?? 0 },
    box.missing > 0 && { code: "box.missing", level: "bad", n: box.missing },
    box.disk_free_bytes !== null && box.disk_free_bytes < LOW_DISK && { code: "box.disk", level: "bad" },
    (box.pending ?? 0) > MANY_PENDING && { code: "box.pending", level: "warn", n: box.pending ?? 0 },
    (box.cpu_percent ?? 0) > BUSY && { code: "box.cpu", level: "warn" },
    (box.memory_percent ?? 0) > BUSY && { code: "box.memory", level: "warn" },
  ];
  return /** @type {Advice[]} */ (found.filter(Boolean)).sort((a, b) => RANK[a.level] - RANK[b.level]);
}

/** What is to be done about a camera; null where all is well, or where its box must be mended first.
 * @param {Camera} camera @returns {Advice|null} */
export function adviceOfCamera(camera) {
  if (camera.box_state === "offline" || camera.box_state === "unknown") return null;
  if (camera.state === "failed") return { code: `camera.${camera.fault ?? "unknown"}`, level: "bad" };
  if (camera.state === "unknown") return { code: "camera.never", level: "warn" };
  if (camera.state === "streaming" && camera.fps !== null && camera.fps < SLOW_FPS) return { code: "camera.slow", level: "warn" };
  return null;
}

/** How a box fares as a whole. @param {Box} box @param {Camera[]} cameras of it @returns {"good"|"warn"|"bad"} */
export function levelOf(box, cameras) {
  const levels = [...adviceOfBox(box), ...cameras.map(adviceOfCamera)].map((advice) => advice?.level);
  return levels.includes("bad") ? "bad" : levels.includes("warn") ? "warn" : "good";
}

/** Those that need somebody first, then by name. @template {{box: Box, cameras: Camera[]}} T @param {T[]} items @returns {T[]} */
export function gravestFirst(items) {
  const rank = ({ box, cameras }) => ["bad", "warn", "good"].indexOf(levelOf(box, cameras));
  return [...items].sort((a, b) => rank(a) - rank(b) || a.box.name.localeCompare(b.box.name, "vi"));
}
