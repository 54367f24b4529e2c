/**
 * The state of the page as signals: `state` is replaced by `dispatch` and by nothing else, and what several views ask
 * of it is computed once.
 */
import { computed, signal } from "@preact/signals";
import * as select from "./select.js";
import { INITIAL, reduce } from "./state.js";

/** @type {import("@preact/signals").Signal<import("./types.js").State>} */
export const state = signal(INITIAL);

/** @param {import("./types.js").Action} message */
export function dispatch(message) {
  state.value = reduce(state.peek(), message);
}

export const cameras = computed(() => select.cameras(state.value));
const alertMap = computed(() => state.value.alerts);
export const alertGroups = computed(() => select.alertGroups({ ...state.peek(), alerts: alertMap.value }));
export const alertIds = computed(() => select.alertIds(alertGroups.value));
export const openByCamera = computed(() => select.openByCamera(alertGroups.value.open));
export const wardNames = computed(() => select.wardNames(state.value).join(", "));
