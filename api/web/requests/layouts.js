/**
 * Requests about the arrangements of the wall, a user's own and those shared with a role, and which one comes first.
 *
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {{name: string, tiles: number, cameras: (string|null)[], follow_alerts: boolean, role?: string, ward?: string}} Wanted
 */
import { request } from "../api.js";

/** @returns {Promise<{items: Layout[], default: string|null}>} */
export const readLayouts = () => request("GET", "/layouts");

/** @param {Wanted} wanted @returns {Promise<Layout>} */
export const addLayout = (wanted) => request("POST", "/layouts", wanted);

/** `version`: the one that was changed; 409 when somebody was first.
 * @param {string} id @param {Wanted} wanted @param {number} version @returns {Promise<Layout>} */
export const changeLayout = (id, wanted, version) => request("PUT", `/layouts/${encodeURIComponent(id)}`, { ...wanted, version });

/** @param {string} id @returns {Promise<void>} */
export const removeLayout = (id) => request("DELETE", `/layouts/${encodeURIComponent(id)}`);

/** @param {string|null} id the layout that comes first from now on */
export async function chooseDefault(id) {
  const preferences = await request("GET", "/session/preferences");
  await request("PUT", "/session/preferences", { ...preferences, default_layout: id });
}
