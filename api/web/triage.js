/**
 * The officer's work on incidents: takes the steps, says what came of them, and moves on. What a step means is decided
 * by the centre, what follows here by `incidents.js` and `lane.js`; this module asks, waits and tells.
 */
import { centreNow } from "./clock.js";
import { FALSE_ALARM_REASONS, RESOLVE_REASONS, actionsFor, afterConflict, undoable, works } from "./incidents.js";
import { nextWaiting } from "./lane.js";
import { route } from "./navigation.js";
import { readColleagues, readIncident, sayComment, takeStep } from "./requests/incidents.js";
import { dispatch, laneEntries, state } from "./store.js";
import { pageNamed } from "./views/pages.js";

/** @typedef {import("./types.js").Incident} Incident */
/** @typedef {{id: string, place: "lane"|"detail"}} Meant */

/** What the digits choose while a menu is open. */
const CHOICES = { false_alarm: FALSE_ALARM_REASONS, resolve: RESOLVE_REASONS };

const KEYS = { r: "assign", f: "false_alarm", d: "resolve", e: "escalate", v: "see", o: "reopen" };

let colleagues = /** @type {{incident: string, usernames: string[]}|null} */ (null);

/** The incident that keys mean now: that of the open alert, of the page, or of the entry chosen in the lane.
 * @returns {Meant|null} */
export function meant() {
  const { detail, work, user } = state.peek();
  if (detail !== null) return work.incidentOf[detail] ? { id: work.incidentOf[detail], place: "detail" } : null;
  const { page, id } = route.peek();
  const { name, lane } = pageNamed(page, user);
  if (name === "incidents" && id !== null) return { id, place: "detail" };
  const entry = lane ? laneEntries.peek().find(({ key }) => key === work.selected) : undefined;
  return entry?.incident ? { id: entry.incident.id, place: "lane" } : null;
}

/** @param {string} key @returns {boolean} whether it meant something */
export function triageKey(key) {
  const { work, user } = state.peek();
  if (!works(user) || document.querySelector("dialog[open]:not(.dialog--alert)")) return false;
  if (work.menu !== null) return menuKey(key);
  if (key === "z" || key === "u") return takeBack();
  const what = meant();
  if (what === null) return false;
  if (key === "a") {
    ask(what, "assign");
    return true;
  }
  if (key === "c") return focusComment();
  const action = Object.hasOwn(KEYS, key) ? KEYS[key] : null;
  if (action === null) return false;
  start(what, action);
  return true;
}

function menuKey(key) {
  if (/^[1-9]$/.test(key)) choose(Number(key) - 1);
  else if (key === "Escape" || key === "j" || key === "k") dispatch({ type: "work.asked", menu: null });
  else return key.length === 1 && key !== "?";
  return key !== "j" && key !== "k";
}

/** Takes choice `index` of the menu that is open. @param {number} index */
export function choose(index) {
  const { menu, incidents } = state.peek().work;
  if (menu === null || !incidents[menu.incident]) return;
  if (menu.action === "assign") {
    const to = colleagues?.incident === menu.incident ? colleagues.usernames[index] : undefined;
    if (to) void act(menu.incident, "assign", { to });
    return;
  }
  const reason = CHOICES[menu.action][index];
  if (reason) void act(menu.incident, menu.action, { reason });
}

/** Begins a step: at once, or with the question for its reason. @param {Meant} what @param {string} action */
export function start(what, action) {
  const incident = state.peek().work.incidents[what.id];
  if (!incident || state.peek().work.busy[what.id]) return;
  if (action === "see") {
    if (incident.state === "new") void act(what.id, "see");
  } else if (!actionsFor(incident.state).includes(action) || (action === "assign" && incident.state === "assigned")) {
    dispatch({ type: "work.refused", incident: what.id, toast: told("first", what.id, action, {
      conflict: { state: incident.state, by_name: incident.assignee_name } }) });
  } else if (action === "false_alarm" || action === "resolve") ask(what, action);
  else void act(what.id, action);
}

/** Opens the menu of reasons or colleagues. @param {Meant} what @param {"assign"|"resolve"|"false_alarm"} action */
export function ask({ id, place }, action) {
  dispatch({ type: "work.asked", menu: { incident: id, action, place } });
}

/** The colleagues of an incident, for a menu; the digits then mean them. @param {string} id */
export async function findColleagues(id) {
  const { items } = await readColleagues(id);
  colleagues = { incident: id, usernames: items.map(({ username }) => username) };
  return items;
}

/** Somebody opened it: that is seeing it. Silent, since it is no decision. @param {string} id */
export function noteSeen(id) {
  const { work, user } = state.peek();
  if (!works(user) || work.incidents[id]?.state !== "new" || work.busy[id]) return;
  void act(id, "see", {}, { quiet: true });
}

/**
 * Takes a step and tells what came of it.
 * @param {string} id @param {string} action @param {Record<string, unknown>} [body]
 * @param {{quiet?: boolean, again?: boolean}} [how]
 */
export async function act(id, action, body = {}, { quiet = false, again = false } = {}) {
  const { work, user } = state.peek();
  if (!work.incidents[id]) return;
  const entries = laneEntries.peek();
  if (!quiet) dispatch({ type: "work.began", incident: id, action });
  try {
    const incident = await takeStep(id, action, { version: state.peek().work.incidents[id].version, ...body });
    finish(incident, action, quiet, entries);
  } catch (problem) {
    if (problem.code !== "changed_meanwhile") {
      if (!quiet) refuse(told("failed", id, action, { code: problem.code, body }));
      return;
    }
    const incident = await renewed(id);
    const next = incident === null ? "tell" : afterConflict(problem.document, action, user?.username);
    if (next === "done" && incident) finish(incident, action, quiet, entries);
    else if (next === "again" && !again) await act(id, action, body, { quiet, again: true });
    else if (!quiet) refuse(told("first", id, action, { conflict: problem.document }));
  }
}

/** How an incident stands now, as the centre says. @returns {Promise<Incident|null>} */
async function renewed(id) {
  try {
    const { incident } = await readIncident(id);
    dispatch({ type: "incidents.loaded", items: [incident] });
    return incident;
  } catch {
    return null;
  }
}

function finish(incident, action, quiet, entries) {
  dispatch({ type: "work.done", incident, action, at: centreNow(), quiet });
  if (!quiet && action !== "undo") moveOn(incident, action, entries);
}

function refuse(toast) {
  dispatch({ type: "work.refused", incident: toast.incident, toast });
}

/** @returns {import("./types.js").Toast} */
function told(kind, incident, action, more) {
  return { kind, incident, action, at: centreNow(), ...more };
}

/** To the next one that waits. Who takes an incident in its window goes on to work on it there. */
function moveOn(incident, action, before) {
  const { detail, work } = state.peek();
  const shown = detail !== null && work.incidentOf[detail] === incident.id;
  if (detail !== null && !shown) return;
  if (shown && !["false_alarm", "resolve"].includes(action)) return;
  const key = before.find((entry) => entry.incident?.id === incident.id && (!shown || entry.alert?.event.id === detail))?.key
    ?? before.find((entry) => entry.incident?.id === incident.id)?.key ?? null;
  const next = key === null ? null : nextWaiting(before, key);
  if (shown) dispatch(next?.alert ? { type: "alert.shown", id: next.alert.event.id } : { type: "alert.left" });
  else if (work.selected === key && next) focusEntry(next.key);
}

/** Takes this officer's own last step back. */
export function takeBack() {
  const { work } = state.peek();
  const last = undoable(work, centreNow());
  if (last) void act(last.incident, "undo");
  return last !== null;
}

/** Tries again what did not get through. @param {import("./types.js").Toast} toast */
export function retry({ incident, action, body }) {
  void act(incident, action, body);
}

/** Chooses an entry of the lane, and gives it the keyboard. @param {string} key */
export function focusEntry(key) {
  dispatch({ type: "work.selected", key });
  requestAnimationFrame(() => {
    const found = document.querySelector(`#alerts [data-key="${CSS.escape(key)}"]`);
    if (!(found instanceof HTMLElement)) return;
    found.focus({ preventScroll: true });
    found.scrollIntoView({ block: "nearest" });
  });
}

/** @param {string} id @param {string} text */
export async function comment(id, text) {
  dispatch({ type: "incidents.loaded", items: [await sayComment(id, text)] });
}

function focusComment() {
  const box = document.querySelector("[data-testid='comment']");
  if (box instanceof HTMLElement) box.focus();
  return box !== null;
}
