/**
 * How the wall is arranged at the moment, as signals: the layouts that there are, the one that is chosen, its page, and
 * the camera that an alert brought forward. What these mean is decided in `layout.js` and `forward.js`.
 */
import { computed, effect, signal } from "@preact/signals";
import { second } from "./clock.js";
import { decide } from "./forward.js";
import { pageWith, pagesOf, readChoice, turned } from "./layout.js";
import { go, route } from "./navigation.js";
import { readLayouts } from "./requests/layouts.js";
import { HOME } from "./route.js";
import { alertGroups, state } from "./store.js";

/** @typedef {import("./layout.js").Layout} Layout */

/** @type {import("@preact/signals").Signal<{status: "loading"|"ready"|"failed", items: Layout[], first: string|null}>} */
export const layouts = signal({ status: "loading", items: [], first: null });

/** The layout that is being made or changed. @type {import("@preact/signals").Signal<import("./layout.js").Draft|null>} */
export const draft = signal(null);

const lastChoice = signal(/** @type {string|null} */ (null));
const turnedTo = signal(0);
const followWished = signal(/** @type {boolean|null} */ (null));
const sentBack = signal(/** @type {Set<string>} */ (new Set()));

/** The camera that an alert brought forward. @type {import("@preact/signals").Signal<import("./forward.js").Forward|null>} */
export const forward = signal(null);

const order = computed(() => state.value.cameraOrder);
const focus = computed(() => state.value.focus);
const inAddress = computed(() => (route.value.page === HOME ? route.value.query.layout ?? null : null));
export const choice = computed(() => inAddress.value ?? lastChoice.value ?? layouts.value.first ?? "all");
const chosen = computed(() => readChoice(choice.value));
export const size = computed(() => chosen.value.size);
export const layout = computed(() => layouts.value.items.find(({ id }) => id === chosen.value.layout) ?? null);
export const pages = computed(() => pagesOf(layout.value, size.value, order.value));

/** The page on the screen: the one that was turned to, or the one with the enlarged camera. */
export const page = computed(() => {
  const withFocus = pageWith(pages.value, focus.value);
  return withFocus >= 0 ? withFocus : Math.min(turnedTo.value, pages.value.length - 1);
});
export const slots = computed(() => pages.value[page.value]);

/** Whether cameras with alerts come forward. */
export const follow = computed(() => followWished.value ?? layout.value?.follow_alerts ?? false);

export async function loadLayouts() {
  try {
    const { items, default: first } = await readLayouts();
    layouts.value = { status: "ready", items, first };
  } catch {
    layouts.value = { ...layouts.peek(), status: layouts.peek().status === "ready" ? "ready" : "failed" };
  }
}

/** Shows a layout or all cameras; see `readChoice`. It stands in the address too: each screen can have its own.
 * @param {string} next */
export function choose(next) {
  lastChoice.value = next;
  turnedTo.value = 0;
  followWished.value = null;
  forward.value = null;
  go(HOME, null, { layout: next }, { replace: true });
}

/** @param {number} step @returns {boolean} whether there was another page */
export function turnPage(step) {
  const count = pages.peek().length;
  if (count < 2 || focus.peek() !== null) return false;
  turnedTo.value = turned(page.peek(), step, count);
  return true;
}

export function switchFollow() {
  followWished.value = !follow.peek();
  sentBack.value = new Set();
  if (!followWished.value) forward.value = null;
}

/** Sends the camera that is forward back to its place; its alerts of now do not bring it forward again.
 * @returns {boolean} whether one was forward */
export function sendBack() {
  const held = forward.peek();
  if (held === null) return false;
  const mine = alertGroups.peek().open.filter(({ event }) => event.camera === held.camera);
  sentBack.value = new Set([...sentBack.peek(), ...mine.map(({ event }) => event.id)]);
  forward.value = null;
  return true;
}

/** Whether a picture of a camera can be expected. @param {import("./types.js").Camera|undefined} camera */
function showsPicture(camera) {
  return camera !== undefined && camera.state === "streaming" && camera.box_state !== "offline" && camera.watched !== false;
}

/** Follows the alerts for as long as the wall is shown. @returns {() => void} ends it */
export function followAlerts() {
  return effect(() => {
    const now = second.value;
    if (!follow.value) return;
    const { cameras } = state.value;
    const open = alertGroups.value.open.filter(({ event }) => !sentBack.value.has(event.id) && showsPicture(cameras[event.camera ?? ""]));
    forward.value = decide(forward.peek(), open, now);
  });
}
