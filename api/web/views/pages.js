/**
 * The pages that there are, in the order of the rail: who sees them, which key opens them after `g`, and whether the
 * lane of alerts lies beside them.
 */
import { Account } from "./account.js";
import { AnnouncementsPage } from "./announcements.js";
import { Audit } from "./audit.js";
import { Boxes } from "./boxes.js";
import { Grants } from "./grants.js";
import { Handover } from "./handover.js";
import { Incidents } from "./incidents.js";
import { CameraPage } from "./camera.js";
import { WardMapPage } from "./map.js";
import { Payments } from "./payments.js";
import { Users } from "./users.js";
import { SearchPage } from "./search.js";
import { Wall } from "./wall.js";

/**
 * @typedef {object} PageEntry
 * @property {string} name the first part of its address, and the key `page.<name>` of its name
 * @property {string} icon
 * @property {string} key pressed after `g`
 * @property {any} view a component that takes `doings`, `id` and `query`
 * @property {boolean} [lane] whether the alerts are shown beside it
 * @property {boolean} [unlisted] reached from other pages only
 * @property {(user: import("../types.js").User) => boolean} [allowed] everybody, when absent
 */

/** @param {import("../types.js").User} user */
const isAdmin = ({ role }) => role === "admin";

/** @type {PageEntry[]} */
export const PAGES = [
  { name: "wall", icon: "grid", key: "w", view: Wall, lane: true },
  { name: "map", icon: "map", key: "m", view: WardMapPage, lane: true },
  { name: "cameras", icon: "timeline", key: "c", view: CameraPage },
  { name: "search", icon: "search", key: "s", view: SearchPage },
  { name: "incidents", icon: "flag", key: "i", view: Incidents },
  { name: "handover", icon: "handover", key: "h", view: Handover },
  { name: "payments", icon: "qr", key: "t", view: Payments },
  { name: "announcements", icon: "louder", key: "l", view: AnnouncementsPage, allowed: ({ role }) => ["admin", "operator", "police"].includes(role) },
  { name: "boxes", icon: "box", key: "b", view: Boxes, allowed: ({ role }) => ["admin", "operator", "technician"].includes(role) },
  { name: "users", icon: "people", key: "u", view: Users, allowed: isAdmin },
  { name: "grants", icon: "shield", key: "q", view: Grants, unlisted: true, allowed: isAdmin },
  { name: "audit", icon: "book", key: "n", view: Audit, allowed: isAdmin },
  { name: "account", icon: "person", key: "a", view: Account, unlisted: true },
];

/** @param {import("../types.js").User|null} user @returns {PageEntry[]} */
export function pagesFor(user) {
  return PAGES.filter(({ allowed }) => user !== null && (allowed?.(user) ?? true));
}

/** The entry of a page; the wall for an address that names none, or one that is not this user's.
 * @param {string} name @param {import("../types.js").User|null} user @returns {PageEntry} */
export function pageNamed(name, user) {
  return pagesFor(user).find((entry) => entry.name === name) ?? PAGES[0];
}
