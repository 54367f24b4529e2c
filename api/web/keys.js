/** The keyboard: which key does what on which page. The keys themselves are told to people in `views/help.js`. */
import { forward, sendBack, slots, switchFollow, turnPage } from "./arrangement.js";
import { switchLanguage } from "./i18n.js";
import { go, route } from "./navigation.js";
import { neighbour } from "./select.js";
import { switchSound } from "./sound.js";
import { alertIds, dispatch, laneEntries, state } from "./store.js";
import { focusEntry, triageKey } from "./triage.js";
import { switchFullScreen } from "./views/layout-bar.js";
import { pageNamed, pagesFor } from "./views/pages.js";

/** How long after `g` the key of a page still counts. */
const CHORD_MS = 1_500;
let going = -CHORD_MS;

/** Starts listening. @param {Document} document */
export function listenToKeys(document) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    if (state.peek().session !== "in") return;
    if (act(event.key, event.timeStamp)) event.preventDefault();
  });
}

/** @param {string} key @param {number} at milliseconds @returns {boolean} whether the key meant something */
function act(key, at) {
  const { detail, focus, help, user } = state.peek();
  const { name, lane } = pageNamed(route.peek().page, user);
  const chord = at - going < CHORD_MS;
  going = -CHORD_MS;
  if (chord && detail === null) return open(key);
  if (!help && triageKey(key)) return true;
  if (lane && (key === "j" || key === "k")) return step(key === "j" ? 1 : -1);
  if (detail !== null || help) return false;
  if (document.querySelector("dialog[open]") !== null) return false;
  if (name === "wall" && wallKey(key, focus)) return true;
  if (key === "g") going = at;
  else if (key === "?") dispatch({ type: "help.shown", shown: true });
  else if (key === "m") switchSound();
  else if (key === "l") switchLanguage();
  else return false;
  return true;
}

/** The page whose key was pressed after `g`. */
function open(key) {
  const entry = pagesFor(state.peek().user).find((one) => one.key === key);
  if (entry) go(entry.name);
  return entry !== undefined;
}

/** @param {string} key @param {string|null} focus the camera that is enlarged */
function wallKey(key, focus) {
  if (/^[1-9]$/.test(key)) return focusCamera(Number(key));
  if (key === "[" || key === "]") return turnPage(key === "[" ? -1 : 1);
  if (key === "Escape" || key === "0") {
    if (focus === null) return sendBack();
    dispatch({ type: "camera.focused", id: null });
  } else if (key === "t") {
    const camera = focus ?? forward.peek()?.camera;
    if (!camera) return false;
    go("cameras", camera);
  } else if (key === "w") switchFullScreen();
  else if (key === "b") switchFollow();
  else return false;
  return true;
}

function focusCamera(number) {
  const { focus } = state.peek();
  const id = slots.peek()[number - 1] ?? null;
  if (id === null) return false;
  dispatch({ type: "camera.focused", id: focus === id ? null : id });
  return true;
}

/** With the details open, shows the neighbouring alert; otherwise moves the keyboard's focus through the lane. */
function step(by) {
  const { detail, work } = state.peek();
  if (detail !== null) {
    const next = neighbour(alertIds.peek(), detail, by);
    if (next !== null) dispatch({ type: "alert.shown", id: next });
    return true;
  }
  const next = neighbour(laneEntries.peek().map(({ key }) => key), work.selected, by);
  if (next === null) return false;
  dispatch({ type: "pane.chosen", pane: "alerts" });
  focusEntry(next);
  return true;
}

function isTyping(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
