/** How an incident is called: its place by the names that the wall knows, and the sign of what caused it. */
import { deviceIcon } from "../kinds.js";
import { siteName } from "../select.js";

/** @param {import("../types.js").State} state @param {import("../types.js").Incident} incident @returns {string} */
export function placeWords(state, { site, camera, device, box }) {
  const known = camera ? state.cameras[camera] : state.devices[device ?? ""];
  return [known?.site.name ?? siteName(state, site), known?.name ?? camera ?? device ?? box].filter(Boolean).join(" · ");
}

/** @param {import("../types.js").Incident} incident */
export function causeIcon({ kind, cause }) {
  if (kind !== "box_silent") return kind.startsWith("camera_") ? "camera_off" : deviceIcon(kind);
  if (cause === "power") return "power";
  return cause === "uplink" || cause === "uplink_or_power" ? "offline" : "box_off";
}
