/**
 * Which camera stands in which slot of the wall. Pure: knows what pages an arrangement has and how a draft of one is
 * changed; who owns layouts and where they are kept is others' business.
 *
 * @typedef {(string|null)[]} Slots a camera's id, or null for a slot that is empty
 * @typedef {object} Layout
 * @property {string} id
 * @property {string} name
 * @property {number} tiles 1, 4, 9 or 16
 * @property {Slots} cameras one for each tile
 * @property {boolean} follow_alerts
 * @property {string} owner
 * @property {boolean} mine
 * @property {string|null} [role] with whom it is shared
 * @property {string|null} [ward]
 * @property {number} version
 *
 * @typedef {object} Draft a layout in the making
 * @property {string|null} id null while it is new
 * @property {string} name
 * @property {number} tiles
 * @property {Slots} cameras
 * @property {boolean} follow_alerts
 * @property {string} role "" when it is not shared
 * @property {number|null} version
 * @property {number} slot whose camera is chosen first
 */

export const SIZES = [1, 4, 9, 16];

/** With no layout, all cameras; so many at a time at most. */
const MOST_AT_ONCE = 16;

/**
 * What is chosen, as the address says it: `all`, `all-4` (all cameras, four at a time) or the id of a layout.
 * @param {string|null|undefined} choice
 * @returns {{layout: string|null, size: number|null}}
 */
export function readChoice(choice) {
  const size = /^all-(\d+)$/.exec(choice ?? "");
  if (size && SIZES.includes(Number(size[1]))) return { layout: null, size: Number(size[1]) };
  return { layout: !choice || choice.startsWith("all") ? null : choice, size: null };
}

/**
 * The pages of the wall. A layout is the first; the cameras that it leaves out follow, so that none is out of reach.
 * Without a layout and a size there are no empty slots.
 * @param {Layout|null} layout @param {number|null} size @param {string[]} all the cameras in the order of the wall
 * @returns {Slots[]} one page at least
 */
export function pagesOf(layout, size, all) {
  if (layout === null) {
    const pages = chunks(all, size ?? MOST_AT_ONCE);
    return size === null && pages.length === 1 ? pages : pages.map((page) => filled(page, size ?? MOST_AT_ONCE));
  }
  const known = new Set(all);
  const first = filled(layout.cameras.map((id) => (id !== null && known.has(id) ? id : null)), layout.tiles);
  const rest = all.filter((id) => !first.includes(id));
  return [first, ...(rest.length > 0 ? chunks(rest, layout.tiles).map((page) => filled(page, layout.tiles)) : [])];
}

/** The page that shows a camera; -1 when none does. @param {Slots[]} pages @param {string|null} camera */
export function pageWith(pages, camera) {
  return camera === null ? -1 : pages.findIndex((page) => page.includes(camera));
}

/** The page `step` after `page`, round and round. @param {number} page @param {number} step @param {number} count */
export function turned(page, step, count) {
  return (((page + step) % count) + count) % count;
}

/** Puts a camera into a slot; if it stood elsewhere, the two slots change places.
 * @param {Slots} slots @param {number} slot @param {string|null} camera @returns {Slots} */
export function placed(slots, slot, camera) {
  const other = camera === null ? -1 : slots.indexOf(camera);
  return slots.map((id, i) => (i === slot ? camera : i === other ? slots[slot] : id));
}

/** More or fewer slots; cameras without a slot move up into those that are empty, and the last ones fall out.
 * @param {Slots} slots @param {number} tiles @returns {Slots} */
export function resized(slots, tiles) {
  if (slots.length <= tiles) return filled(slots, tiles);
  const kept = slots.slice(0, tiles);
  for (const camera of slots.slice(tiles)) {
    const empty = kept.indexOf(null);
    if (camera !== null && empty >= 0) kept[empty] = camera;
  }
  return kept;
}

/** Fills the empty slots with the cameras that have none yet. @param {Slots} slots @param {string[]} all @returns {Slots} */
export function completed(slots, all) {
  const rest = all.filter((id) => !slots.includes(id));
  return slots.map((id) => id ?? rest.shift() ?? null);
}

/** The smallest size with room for so many cameras. @param {number} count */
export function sizeFor(count) {
  return SIZES.find((size) => size >= count) ?? SIZES[SIZES.length - 1];
}

/** @param {Slots} slots @param {number} size @returns {Slots} */
function filled(slots, size) {
  return Array.from({ length: size }, (_, i) => slots[i] ?? null);
}

/** @param {string[]} ids @param {number} size @returns {Slots[]} */
function chunks(ids, size) {
  const count = Math.max(1, Math.ceil(ids.length / size));
  return Array.from({ length: count }, (_, i) => ids.slice(i * size, (i + 1) * size));
}
