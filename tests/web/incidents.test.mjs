import assert from "node:assert/strict";
import { test } from "node:test";
import {
  actionsFor, afterConflict, calling, isLater, listed, matches, NO_WORK, queryOf, undoable, UNDO_MS, works,
} from "../../api/web/incidents.js";
import { INITIAL, reduce } from "../../api/web/state.js";
import { alert, freeze, incident } from "./samples.mjs";

const NOW = Date.parse("2026-11-21T15:10:00Z");
const after = (...messages) => messages.reduce((state, message) => freeze(reduce(state, freeze(message))), freeze(INITIAL)).work;
const fed = (changes = {}, events = undefined) => ({ type: "incident", incident: incident(changes), events });
const loaded = (...items) => ({ type: "incidents.loaded", items });

test("the feed says how an incident stands and which events are part of it", () => {
  const work = after(fed({ version: 1, state: "seen" }, ["e1", "e2"]), fed({ version: 1, state: "seen", events: 3 }, ["e3"]));
  assert.equal(work.incidents.i1.events, 3);
  assert.deepEqual(work.incidentOf, { e1: "i1", e2: "i1", e3: "i1" });
  assert.equal(work.heard, 2);
});

test("fetched alerts tell their incident", () => {
  const item = { ...alert({ id: "e9" }), incident: "i9" };
  for (const type of ["alerts.loaded", "alerts.met"]) assert.deepEqual(after({ type, items: [item] }).incidentOf, { e9: "i9" });
});

test("what was fetched never replaces what the feed said later", () => {
  const work = after(fed({ version: 3, state: "assigned" }), loaded(incident({ version: 2, state: "seen" })));
  assert.equal(work.incidents.i1.state, "assigned");
  assert.equal(after(fed({ version: 3 }), loaded(incident({ version: 4, state: "resolved" }))).incidents.i1.state, "resolved");
});

test("a late message of the feed about an older version changes nothing", () => {
  assert.equal(after(loaded(incident({ version: 4, state: "resolved" })), fed({ version: 3, state: "assigned" })).incidents.i1.state, "resolved");
});

test("a step that was taken is told, and can be undone for a minute", () => {
  const work = after(fed(), { type: "work.began", incident: "i1", action: "assign" },
    { type: "work.done", incident: incident({ version: 1, state: "assigned" }), action: "assign", at: NOW });
  assert.deepEqual(work.busy, {});
  assert.deepEqual([work.toast.kind, work.toast.undo], ["done", true]);
  assert.equal(undoable(work, NOW + UNDO_MS - 1).incident, "i1");
  assert.equal(undoable(work, NOW + UNDO_MS), null);
});

test("an undo takes the step from those that can be undone, and the one before it is next", () => {
  const first = { type: "work.done", incident: incident({ id: "i1", version: 1 }), action: "assign", at: NOW };
  const second = { type: "work.done", incident: incident({ id: "i2", version: 1 }), action: "false_alarm", at: NOW + 1 };
  const back = { type: "work.done", incident: incident({ id: "i2", version: 2 }), action: "undo", at: NOW + 2 };
  assert.equal(undoable(after(first, second, back), NOW + 3).incident, "i1");
});

test("an escalation has been heard by others and is not undone", () => {
  const work = after({ type: "work.done", incident: incident({ version: 1 }), action: "escalate", at: NOW });
  assert.equal(work.toast.undo, false);
  assert.equal(undoable(work, NOW), null);
});

test("a step that did not get through leaves the incident as it was, and says so until the next step", () => {
  const toast = { kind: "failed", incident: "i1", action: "assign", at: NOW, code: "network" };
  const work = after(fed(), { type: "work.began", incident: "i1", action: "assign" }, { type: "work.refused", incident: "i1", toast });
  assert.deepEqual([work.incidents.i1.state, work.busy, work.toast], ["new", {}, toast]);
});

test("a silent step tells nothing", () => {
  const work = after({ type: "work.done", incident: incident({ version: 1, state: "seen" }), action: "see", at: NOW, quiet: true });
  assert.deepEqual([work.toast, work.done, work.incidents.i1.state], [null, [], "seen"]);
});

test("a toast is put away only by its own end", () => {
  const done = (at) => ({ type: "work.done", incident: incident({ version: at }), action: "assign", at });
  assert.notEqual(after(done(1), done(2), { type: "work.told", at: 1 }).toast, null);
  assert.equal(after(done(1), done(2), { type: "work.told", at: 2 }).toast, null);
  assert.equal(after(done(1), { type: "work.told" }).toast, null);
});

test("choosing another entry closes the reasons that were asked", () => {
  const asked = { type: "work.asked", menu: { incident: "i1", action: "false_alarm", place: "lane" } };
  assert.equal(after(fed(), asked, { type: "work.selected", key: "i2" }).menu, null);
});

for (const [what, conflict, action, next] of [
  ["a colleague took it", { by: "hoa", action: "assign", state: "assigned" }, "assign", "tell"],
  ["a colleague only looked", { by: "hoa", action: "see", state: "seen" }, "assign", "again"],
  ["a colleague closed it", { by: "hoa", action: "resolve", state: "resolved" }, "false_alarm", "tell"],
  ["I looked a moment ago", { by: "lan", action: "see", state: "seen" }, "false_alarm", "again"],
  ["my own answer got lost", { by: "lan", action: "assign", state: "assigned" }, "assign", "done"],
  ["I closed it in another window", { by: "lan", action: "resolve", state: "resolved" }, "assign", "tell"],
  ["an escalation is never taken for done", { by: "lan", action: "escalate", state: "seen" }, "escalate", "again"],
  ["it is too late to undo", { by: "lan", action: "assign", state: "assigned" }, "undo", "tell"],
  ["the centre closed it", { action: "recover", state: "resolved" }, "assign", "tell"],
]) {
  test(`after a conflict, when ${what}: ${next}`, () => assert.equal(afterConflict(conflict, action, "lan"), next));
}

test("only those roles work, and only what is open can be closed", () => {
  assert.deepEqual(["admin", "operator", "police", "technician", "viewer"].map((role) => works({ role })), [true, true, true, false, false]);
  assert.equal(works(null), false);
  assert.ok(actionsFor("seen").includes("resolve"));
  assert.deepEqual(actionsFor("false_alarm"), ["reopen"]);
});

test("the question of a list says states, me, and days in Việt Nam", () => {
  const mine = queryOf({ state: "mine", severity: "high", from: "2026-11-21", to: "2026-11-21" }, "lan");
  assert.deepEqual(mine.getAll("state"), ["new", "seen", "assigned"]);
  assert.deepEqual([mine.get("assignee"), mine.get("severity")], ["lan", "high"]);
  assert.equal(Date.parse(mine.get("start")), Date.parse("2026-11-20T17:00:00Z"));
  assert.equal(Date.parse(mine.get("end")), Date.parse("2026-11-21T17:00:00Z"));
  assert.deepEqual(queryOf({ state: "all" }, "lan").getAll("state"), []);
});

for (const [asked, changes, expected] of [
  [{}, {}, true],
  [{}, { state: "resolved" }, false],
  [{ state: "all" }, { state: "resolved" }, true],
  [{ state: "all" }, { under: "i2" }, false],
  [{ state: "mine" }, { state: "assigned", assignee: "lan" }, true],
  [{ state: "mine" }, { state: "assigned", assignee: "hoa" }, false],
  [{ kind: "loitering" }, {}, false],
  [{ severity: "high" }, {}, true],
  [{ severity: "medium" }, {}, true],
  [{ severity: "critical" }, {}, false],
  [{ site: "elsewhere" }, {}, false],
  [{ from: "2026-11-21" }, { opened_at: "2026-11-20T16:59:59.000Z" }, false],
  [{ to: "2026-11-20" }, { opened_at: "2026-11-20T16:59:59.000Z" }, true],
  [{ to: "2026-11-20" }, { opened_at: "2026-11-20T17:00:00.000Z" }, false],
]) {
  test(`${JSON.stringify(asked)} ${expected ? "shows" : "does not show"} ${JSON.stringify(changes)}`, () =>
    assert.equal(matches(incident(changes), asked, "lan"), expected));
}

test("a list follows the feed: news come in, what no longer fits goes", () => {
  const fetched = [incident({ id: "i2", opened_at: "2026-11-21T15:02:00.000Z" }), incident({ id: "i1" })];
  const known = {
    i1: incident({ id: "i1", version: 1, state: "resolved" }), i3: incident({ id: "i3", opened_at: "2026-11-21T15:03:00.000Z" }),
    i0: incident({ id: "i0", opened_at: "2026-11-01T00:00:00.000Z" }),
  };
  assert.deepEqual(listed(fetched, known, {}, "lan", "2026-11-21T15:00:00.000Z").map(({ id }) => id), ["i3", "i2"]);
});

test("only what is critical, new and not explained by another calls", () => {
  const work = after(loaded(
    incident({ id: "a", severity: "critical" }), incident({ id: "b", severity: "critical", state: "seen" }),
    incident({ id: "c", severity: "critical", under: "a" }), incident({ id: "d" }),
  ));
  assert.deepEqual(calling(work.incidents).map(({ id }) => id), ["a"]);
});

test("an incident is later by its version, then by what happened, then by its events", () => {
  const base = incident({ version: 2 });
  assert.ok(isLater({ ...base, version: 3 }, base));
  assert.ok(isLater({ ...base, last_at: "2026-11-21T16:00:00.000Z" }, base));
  assert.ok(isLater({ ...base, events: base.events + 1 }, base));
  assert.ok(!isLater(base, base));
  assert.ok(!isLater({ ...base, version: 1, events: 9 }, base));
});

test("a page that stays open for weeks forgets what is finished, and never what is not", () => {
  const old = (n) => incident({ id: `o${n}`, state: n % 2 ? "resolved" : "new", opened_at: new Date(NOW - n * 1_000).toISOString() });
  const { incidents } = after(loaded(...Array.from({ length: 1_001 }, (_, n) => old(n))));
  assert.ok(Object.keys(incidents).length < 1_000);
  assert.equal(Object.values(incidents).filter(({ state }) => state === "new").length, 501);
});

test("a session begins without the work of the one before", () => {
  const work = after(fed(), { type: "session.started", user: { username: "hoa" } });
  assert.deepEqual(work, NO_WORK);
});
