/** How an incident is called: its place by the names that the wall knows, and the sign of what caused it. */

/** @param {import("../types.js").State} state @param {import("../types.js").Incident} incident @returns {string} */
export function placeWords(state, { site, camera, box }) {
  const known = camera ? state.cameras[camera] : undefined;
  const siteName = known?.site.name ?? Object.values(state.cameras).find((one) => one.site.id === site)?.site.name ?? site;
  return [siteName, known?.name ?? camera ?? box].filter(Boolean).join(" · ");
}

/** @param {import("../types.js").Incident} incident */
export function causeIcon({ kind, cause }) {
  if (kind !== "box_silent") return kind.startsWith("camera_") ? "camera_off" : "warning";
  if (cause === "power") return "power";
  return cause === "uplink" || cause === "uplink_or_power" ? "offline" : "box_off";
}
