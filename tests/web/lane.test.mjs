import assert from "node:assert/strict";
import { test } from "node:test";
import { entriesOf, lane, nextWaiting, waitingCount } from "../../api/web/lane.js";
import { alert, incident } from "./samples.mjs";

const at = (minute) => `2026-11-21T15:${String(minute).padStart(2, "0")}:00.000Z`;
const ended = { phase: "close", closed_at: at(30) };

/** A lane of alerts `{id, incident, ...event}` and incidents. */
function laneOf(filter, alerts, ...incidents) {
  const byId = Object.fromEntries(alerts.map(({ incident: _, ...changes }) => [changes.id, alert(changes)]));
  const incidentOf = Object.fromEntries(alerts.filter((one) => one.incident).map((one) => [one.id, one.incident]));
  return lane(byId, { filter, incidentOf, incidents: Object.fromEntries(incidents.map((one) => [one.id, one])) });
}
const keys = (groups) => entriesOf(groups).map(({ key }) => key);

test("what is unhandled stands there once for each incident, by what lasts before the newest", () => {
  const groups = laneOf("unhandled", [
    { id: "e1", incident: "i1", opened_at: at(1) }, { id: "e2", incident: "i1", opened_at: at(2), ...ended },
  ], incident({ id: "i1" }));
  assert.deepEqual(keys(groups), ["i1"]);
  assert.equal(groups.open[0].alert.event.id, "e1");
});

for (const state of ["resolved", "false_alarm"]) {
  test(`what is ${state} is not unhandled, also while it lasts`, () => {
    assert.deepEqual(keys(laneOf("unhandled", [{ id: "e1", incident: "i1" }], incident({ state }))), []);
  });
}

test("what somebody works on is still there, and so is what ended before anybody came", () => {
  const groups = laneOf("unhandled", [{ id: "e1", incident: "i1", ...ended }, { id: "e2", incident: "i2" }],
    incident({ id: "i1" }), incident({ id: "i2", state: "assigned" }));
  assert.deepEqual([groups.open.map(({ key }) => key), groups.ended.map(({ key }) => key)], [["i2"], ["i1"]]);
});

test("an alert that is no incident yet is there at once; one of low severity only while it lasts", () => {
  const low = { severity: "low", opened_at: at(3) };
  assert.deepEqual(keys(laneOf("unhandled", [{ id: "e1" }, { id: "e2", ...low }, { id: "e3", ...low, ...ended }])), ["e2", "e1"]);
});

test("a silent box stands for what its cameras suffer", () => {
  const box = incident({ id: "b", kind: "box_silent", cause: "power", camera: undefined, events: 0, open_events: 0 });
  const groups = laneOf("unhandled", [{ id: "e1", incident: "i1" }], box, incident({ id: "i1", under: "b" }));
  assert.deepEqual(groups.open.map(({ key, alert: shown }) => [key, shown]), [["b", null]]);
});

test("an unfinished incident whose alerts lie far back is not forgotten", () => {
  assert.deepEqual(keys(laneOf("unhandled", [], incident({ id: "old", open_events: 0 }))), ["old"]);
});

test("in the list of all every alert stands by itself, and what is dealt with is folded", () => {
  const groups = laneOf("all", [
    { id: "e1", incident: "i1", ...ended, opened_at: at(1) }, { id: "e2", incident: "i1", ...ended, opened_at: at(2) },
    { id: "e3", incident: "i2", ...ended, opened_at: at(3) },
  ], incident({ id: "i1", state: "resolved" }), incident({ id: "i2" }));
  assert.deepEqual(entriesOf(groups).map(({ key, compact }) => [key, compact]), [["e3", false], ["e2", true], ["e1", true]]);
});

test("next comes what nobody works on, around the end, and never the same incident", () => {
  const entries = entriesOf(laneOf("unhandled", [
    { id: "e1", incident: "i1", opened_at: at(5) }, { id: "e2", incident: "i2", opened_at: at(4) },
    { id: "e3", incident: "i3", opened_at: at(3) }, { id: "e4", opened_at: at(2) },
  ], incident({ id: "i1", state: "seen" }), incident({ id: "i2" }), incident({ id: "i3", state: "assigned" })));
  assert.equal(nextWaiting(entries, "i1").key, "i2");
  assert.equal(nextWaiting(entries, "i2").key, "i1");
  assert.equal(nextWaiting(entries, "i3").key, "i1");
  assert.equal(nextWaiting(entries.slice(0, 1), "i1"), null);
  assert.equal(nextWaiting([], null), null);
});

test("those wait that nobody has taken", () => {
  const all = [incident({ id: "a" }), incident({ id: "b", state: "seen" }), incident({ id: "c", state: "assigned" }), incident({ id: "d", under: "a" })];
  assert.equal(waitingCount(Object.fromEntries(all.map((one) => [one.id, one]))), 2);
});
