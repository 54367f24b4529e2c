import assert from "node:assert/strict";
import { test } from "node:test";
import { byKind, byOfficer, lastHours, spanProblem, timeOf, typedTime } from "../../api/web/shift.js";

const NOW = Date.parse("2026-11-21T23:30:10Z");

test("times are typed and read in Việt Nam", () => {
  assert.equal(typedTime(NOW), "2026-11-22T06:30");
  assert.equal(timeOf("2026-11-22T06:30"), "2026-11-21T23:30:00.000Z");
  assert.equal(timeOf(""), null);
  assert.equal(timeOf("2026-11-22T6"), null);
});

test("the last hours end with the minute that has begun, so that nothing of now is left out", () => {
  assert.deepEqual(lastHours(8, NOW), { from: "2026-11-21T22:31", to: "2026-11-22T06:31" });
});

for (const [from, to, problem] of [
  ["2026-11-21T22:00", "2026-11-22T06:00", null],
  ["2026-11-21T22:00", "2026-11-21T22:00", "shift.bad.order"],
  ["", "2026-11-21T22:00", "shift.bad.time"],
  ["2026-11-14T22:00", "2026-11-21T22:00", null],
  ["2026-11-14T21:59", "2026-11-21T22:00", "shift.bad.long"],
]) {
  test(`${from} to ${to}: ${problem ?? "a span"}`, () => assert.equal(spanProblem(from, to), problem));
}

test("counts come together by kind, the most first", () => {
  const rows = byKind([
    { kind: "loitering", state: "new", n: 1 }, { kind: "intrusion", state: "resolved", n: 3 },
    { kind: "intrusion", state: "false_alarm", n: 2 }, { kind: "intrusion", state: "assigned", n: 1 },
  ]);
  assert.deepEqual(rows, [
    { kind: "intrusion", n: 6, unfinished: 1, false_alarms: 2 }, { kind: "loitering", n: 1, unfinished: 1, false_alarms: 0 },
  ]);
});

test("work comes together by officer", () => {
  const rows = byOfficer([
    { actor: "lan", actor_name: "Lan", action: "assign", n: 2 }, { actor: "hoa", actor_name: "Hoa", action: "assign", n: 1 },
    { actor: "lan", actor_name: "Lan", action: "resolve", n: 1 },
  ]);
  assert.deepEqual(rows.map(({ name, actions }) => [name, actions]), [["Hoa", { assign: 1 }], ["Lan", { assign: 2, resolve: 1 }]]);
});
