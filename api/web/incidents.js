/**
 * Incidents as this page knows them: how each stands, which alert belongs to which, and what the officer at this
 * screen just did. The part `work` of the state; pure, fed by the same messages as `state.js`.
 *
 * @typedef {import("./types.js").Incident} Incident
 * @typedef {import("./types.js").Work} Work
 * @typedef {import("./types.js").State} State
 */

/** States in which somebody still has to do something. */
export const UNFINISHED = Object.freeze(["new", "seen", "assigned"]);

/** Reasons as the contracts name them, in the order of their keys 1, 2, 3 ... */
export const RESOLVE_REASONS = Object.freeze(["handled", "reminded", "handed_over", "nothing_found", "repaired", "other"]);
export const FALSE_ALARM_REASONS = Object.freeze([
  "animal", "weather", "light", "allowed", "maintenance", "wrong_zone", "test", "other",
]);

/** From the least to the gravest. */
export const SEVERITIES = Object.freeze(["low", "medium", "high", "critical"]);

/** Whether no event tells of a kind of incident: the centre itself found it. @param {string} kind */
export const isEventless = (kind) => kind === "box_silent" || kind.startsWith("payment_outage_");

/** How long the centre lets an officer take a step back, and which steps. */
export const UNDO_MS = 60_000;
const UNDOABLE = Object.freeze(["see", "assign", "resolve", "false_alarm", "reopen"]);
const MOST_DONE = 20;
const MOST_INCIDENTS = 1_000;
const WORKS = Object.freeze(["admin", "operator", "police"]);

/** @type {Work} */
export const NO_WORK = Object.freeze({
  incidents: {}, incidentOf: {}, filter: "unhandled", selected: null, menu: null, toast: null, busy: {}, done: [],
  heard: 0,
});

/** What each message changes in `state.work`. @type {Record<string, (state: State, message: any) => State>} */
export const REACTIONS = {
  incident: (state, { incident, events }) => withWork(state, (work) => ({
    ...take(work, [incident], true), incidentOf: joined(work.incidentOf, incident.id, events ?? []), heard: work.heard + 1,
  })),
  "incidents.loaded": (state, { items }) => withWork(state, (work) => take(work, items, false)),
  "work.filtered": (state, { filter }) => withWork(state, (work) => ({ ...work, filter, menu: null })),
  "work.selected": (state, { key }) => withWork(state, (work) =>
    work.selected === key ? work : { ...work, selected: key, menu: null }),
  "work.asked": (state, { menu }) => withWork(state, (work) => ({ ...work, menu })),
  "work.began": (state, { incident, action }) => withWork(state, (work) => ({
    ...work, busy: { ...work.busy, [incident]: action }, menu: null, toast: null,
  })),
  "work.done": takeDone,
  "work.refused": (state, { incident, toast }) => withWork(state, (work) => ({ ...work, busy: without(work.busy, incident), toast })),
  "work.told": (state, { at }) => withWork(state, (work) => (at === undefined || work.toast?.at === at ? { ...work, toast: null } : work)),
};

function withWork(state, change) {
  const work = change(state.work);
  return work === state.work ? state : { ...state, work };
}

/** What the feed says is the newest; what was fetched may have been overtaken. */
function take(work, items, fed) {
  const news = items.filter((item) => fed ? item.version >= (work.incidents[item.id]?.version ?? -1) : isNews(work.incidents[item.id], item));
  if (news.length === 0) return work;
  const incidents = { ...work.incidents, ...Object.fromEntries(news.map((item) => [item.id, item])) };
  return { ...work, incidents: Object.keys(incidents).length > MOST_INCIDENTS ? pruned(incidents) : incidents };
}

/** @param {Incident|undefined} known @param {Incident} item */
function isNews(known, item) {
  return !known || item.version > known.version || (item.version === known.version && item.last_at >= known.last_at);
}

/** Whether `item` tells of something that happened after `known`. @param {Incident} item @param {Incident} known */
export function isLater(item, known) {
  if (item.version !== known.version) return item.version > known.version;
  return item.last_at > known.last_at || (item.last_at === known.last_at && item.events > known.events);
}

/** A page that stays open for weeks forgets the oldest of what is finished. */
function pruned(incidents) {
  const newest = Object.values(incidents).sort(newestFirst);
  const kept = newest.filter((item, i) => i < MOST_INCIDENTS / 2 || isUnfinished(item));
  return Object.fromEntries(kept.map((item) => [item.id, item]));
}

function joined(incidentOf, incident, events) {
  const news = events.filter((id) => incidentOf[id] !== incident);
  return news.length === 0 ? incidentOf : { ...incidentOf, ...Object.fromEntries(news.map((id) => [id, incident])) };
}

/** The events of fetched alerts, with the incidents that the centre says they are part of.
 * @param {State} state @param {{event: {id: string}, incident?: string}[]} items @returns {State} */
export function withMembership(state, items) {
  return withWork(state, (work) => {
    const told = items.filter(({ event, incident }) => incident && work.incidentOf[event.id] !== incident);
    if (told.length === 0) return work;
    return { ...work, incidentOf: { ...work.incidentOf, ...Object.fromEntries(told.map((item) => [item.event.id, item.incident])) } };
  });
}

/** A step of this officer was taken: `incident` is how it stands now. */
function takeDone(state, { incident, action, at, quiet }) {
  return withWork(state, (work) => {
    const next = { ...take(work, [incident], true), busy: without(work.busy, incident.id) };
    if (quiet) return next;
    const done = action === "undo" ? work.done.filter((one) => one !== lastOf(work.done, incident.id))
      : [...work.done, { incident: incident.id, action, at }].slice(-MOST_DONE);
    return { ...next, done, toast: { kind: "done", incident: incident.id, action, at, undo: UNDOABLE.includes(action) } };
  });
}

function lastOf(done, incident) {
  return done.findLast((one) => one.incident === incident);
}

function without(record, key) {
  const { [key]: _, ...rest } = record;
  return rest;
}

/** The step that `z` takes back: the newest of this screen that is young enough and can be.
 * @param {Work} work @param {number} now */
export function undoable(work, now) {
  return work.done.findLast(({ action, at }) => now - at < UNDO_MS && UNDOABLE.includes(action)) ?? null;
}

/** @param {Incident} incident */
export function isUnfinished({ state }) {
  return UNFINISHED.includes(state);
}

/** Whether this user's role takes steps, or only reads. @param {import("./types.js").User|null} user */
export function works(user) {
  return user !== null && WORKS.includes(user.role);
}

/** Which steps can be taken of an incident in this state; the centre decides again. @param {string} state @returns {string[]} */
export function actionsFor(state) {
  return UNFINISHED.includes(state) ? ["assign", "false_alarm", "resolve", "escalate"] : ["reopen"];
}

/**
 * What to do when somebody was first. The officer's wish still stands where the other one only looked, or where it was
 * themselves; and it is fulfilled where an answer got lost on its way.
 * @param {{by?: string, action?: string, state?: string}} conflict @param {string} action wanted
 * @param {string|undefined} me @returns {"again"|"done"|"tell"}
 */
export function afterConflict(conflict, action, me) {
  if (conflict.by === me && conflict.action === action && action !== "escalate" && action !== "undo") return "done";
  if (action === "undo" || action === "see") return "tell";
  const possible = actionsFor(conflict.state ?? "").includes(action);
  return possible && (conflict.action === "see" || conflict.by === me) ? "again" : "tell";
}

/** @typedef {{state?: string, kind?: string, severity?: string, site?: string, from?: string, to?: string}} Asked as it stands in the address */

/** The question to the API for what is asked. Dates are days in Việt Nam. @param {Asked} asked @param {string} me */
export function queryOf(asked, me) {
  const query = new URLSearchParams({ limit: "50" });
  const state = asked.state ?? "unfinished";
  if (state !== "all") for (const one of UNFINISHED) query.append("state", one);
  if (state === "mine") query.set("assignee", me);
  for (const name of /** @type {const} */ (["kind", "severity", "site"])) if (asked[name]) query.set(name, asked[name]);
  if (asked.from) query.set("start", `${asked.from}T00:00:00+07:00`);
  if (asked.to) query.set("end", new Date(Date.parse(`${asked.to}T00:00:00+07:00`) + 86_400_000).toISOString());
  return query;
}

/** Whether an incident of the feed belongs into the list that is asked for.
 * @param {Incident} incident @param {Asked} asked @param {string} me */
export function matches(incident, asked, me) {
  const state = asked.state ?? "unfinished";
  const opened = Date.parse(incident.opened_at);
  return !incident.under
    && (state === "all" || isUnfinished(incident))
    && (state !== "mine" || incident.assignee === me)
    && (!asked.kind || incident.kind === asked.kind)
    && (!asked.severity || SEVERITIES.indexOf(incident.severity) >= SEVERITIES.indexOf(asked.severity))
    && (!asked.site || incident.site === asked.site)
    && (!asked.from || opened >= Date.parse(`${asked.from}T00:00:00+07:00`))
    && (!asked.to || opened < Date.parse(`${asked.to}T00:00:00+07:00`) + 86_400_000);
}

/** What was fetched, brought up to date by what the feed has said since. `oldest` is how far back was fetched.
 * @param {Incident[]} fetched @param {Record<string, Incident>} known @param {Asked} asked @param {string} me
 * @param {string} oldest "" when all was @returns {Incident[]} newest first */
export function listed(fetched, known, asked, me, oldest = "") {
  const current = Object.fromEntries(fetched.map((item) => [item.id, item]));
  for (const item of Object.values(known)) {
    if (current[item.id] ? isNews(current[item.id], item) : item.opened_at >= oldest) current[item.id] = item;
  }
  return Object.values(current).filter((item) => matches(item, asked, me)).sort(newestFirst);
}

/** Those that call aloud until somebody looks at them. @param {Record<string, Incident>} incidents */
export function calling(incidents) {
  return Object.values(incidents)
    .filter(({ severity, state, under }) => severity === "critical" && state === "new" && !under).sort(newestFirst);
}

/** @param {Incident} a @param {Incident} b */
export function newestFirst(a, b) {
  return a.opened_at === b.opened_at ? (a.id < b.id ? 1 : -1) : a.opened_at < b.opened_at ? 1 : -1;
}
