/**
 * The state of the page as signals: `state` is replaced by `dispatch` and by nothing else, and what several views ask
 * of it is computed once.
 */
import { computed, signal } from "@preact/signals";
import { calling } from "./incidents.js";
import { entriesOf, lane, waitingCount } from "./lane.js";
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
const incidents = computed(() => state.value.work.incidents);
const incidentOf = computed(() => state.value.work.incidentOf);
const filter = computed(() => state.value.work.filter);
/** The lane of alerts, and its entries from top to end. */
export const laneGroups = computed(() => lane(alertMap.value, {
  incidents: incidents.value, incidentOf: incidentOf.value, filter: filter.value,
}));
export const laneEntries = computed(() => entriesOf(laneGroups.value));
export const alertIds = computed(() => laneEntries.value.flatMap(({ alert }) => (alert ? [alert.event.id] : [])));
/** How many incidents wait for somebody, and which of them call aloud. */
export const waiting = computed(() => waitingCount(incidents.value));
export const callers = computed(() => calling(incidents.value));
export const openByCamera = computed(() => select.openByCamera(alertGroups.value.open));
export const wardNames = computed(() => select.wardNames(state.value).join(", "));
