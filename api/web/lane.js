/**
 * What stands in the lane of alerts, and in which order. Pure. What is unhandled stands there once for each incident,
 * by its most telling alert; in the list of all, every alert stands by itself.
 *
 * @typedef {import("./types.js").Alert} Alert
 * @typedef {import("./types.js").Incident} Incident
 * @typedef {{key: string, alert: Alert|null, incident: Incident|null, open: boolean, at: string, compact: boolean}} Entry
 */
import { isEventless, isUnfinished } from "./incidents.js";
import { isOpen } from "./select.js";

/**
 * @param {Record<string, Alert>} alerts @param {Pick<import("./types.js").Work, "incidents"|"incidentOf"|"filter">} work
 * @returns {{open: Entry[], ended: Entry[]}} both newest first
 */
export function lane(alerts, work) {
  const all = Object.values(alerts).map((alert) => ({ alert, incident: work.incidents[work.incidentOf[alert.event.id]] ?? null }));
  const entries = work.filter === "all" ? everything(all, work.incidents) : unhandled(all, work.incidents);
  entries.sort(newestFirst);
  return { open: entries.filter(({ open }) => open), ended: entries.filter(({ open }) => !open) };
}

function everything(all, incidents) {
  const eventless = Object.values(incidents).filter(({ kind, under }) => isEventless(kind) && !under);
  return [
    ...all.map(({ alert, incident }) => ({
      ...entry(alert.event.id, alert, incident), compact: !isOpen(alert) && !needsWork(alert, incident),
    })),
    ...eventless.map((incident) => ({ ...entry(incident.id, null, incident), compact: !isUnfinished(incident) })),
  ];
}

function unhandled(all, incidents) {
  /** @type {Map<string, Alert>} */
  const telling = new Map();
  for (const { alert, incident } of all) {
    if (incident && better(alert, telling.get(incident.id))) telling.set(incident.id, alert);
  }
  return [
    ...all.filter(({ alert, incident }) => !incident && needsWork(alert, null))
      .map(({ alert }) => entry(alert.event.id, alert, null)),
    ...Object.values(incidents).filter((incident) => isUnfinished(incident) && !incident.under)
      .map((incident) => entry(incident.id, telling.get(incident.id) ?? null, incident)),
  ];
}

/** Whether `alert` says more of its incident than `other`: what lasts before what has ended, then the newest. */
function better(alert, other) {
  if (!other) return true;
  if (isOpen(alert) !== isOpen(other)) return isOpen(alert);
  return alert.event.opened_at > other.event.opened_at;
}

/** An alert of which no incident is known needs work while it lasts; of low ones the centre makes none. */
function needsWork(alert, incident) {
  if (incident) return isUnfinished(incident) && !incident.under;
  return isOpen(alert) || alert.event.severity !== "low";
}

/** @returns {Entry} */
function entry(key, alert, incident) {
  const silent = incident !== null && isEventless(incident.kind) && isUnfinished(incident);
  const open = alert ? isOpen(alert) : silent || (incident?.open_events ?? 0) > 0;
  return { key, alert, incident, open, at: alert?.event.opened_at ?? incident?.opened_at ?? "", compact: false };
}

function newestFirst(a, b) {
  return a.at === b.at ? (a.key < b.key ? 1 : -1) : a.at < b.at ? 1 : -1;
}

/** @param {{open: Entry[], ended: Entry[]}} groups @returns {Entry[]} from the top of the lane to its end */
export function entriesOf({ open, ended }) {
  return [...open, ...ended];
}

/** The next entry after `key` that nobody works on yet, around the end of the lane; null when there is none.
 * @param {Entry[]} entries @param {string|null} key @returns {Entry|null} */
export function nextWaiting(entries, key) {
  const at = entries.findIndex((one) => one.key === key);
  const done = entries[at]?.incident?.id;
  const around = [...entries.slice(at + 1), ...entries.slice(0, Math.max(at, 0))];
  return around.find(({ incident }) => incident && incident.id !== done && ["new", "seen"].includes(incident.state)) ?? null;
}

/** How many incidents wait for somebody. @param {Record<string, Incident>} incidents */
export function waitingCount(incidents) {
  return Object.values(incidents).filter(({ state, under }) => !under && (state === "new" || state === "seen")).length;
}
