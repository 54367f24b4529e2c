import assert from "node:assert/strict";
import { test } from "node:test";
import { LEAST_MS, decide } from "../../api/web/forward.js";
import { alert } from "./samples.mjs";

const opened = (id, camera, severity = "high", at = "15:00:00") =>
  alert({ id, camera, severity, opened_at: `2026-11-21T${at}.000Z` });
const HELD = { camera: "a", event: "1", since: 1_000, over: false };

test("calm, nothing is forward", () => assert.equal(decide(null, [], 5), null));

test("the gravest alert brings its camera forward, of equal ones the newest", () => {
  const alerts = [opened("1", "a", "low", "15:00:09"), opened("2", "b", "critical", "15:00:01"), opened("3", "c", "critical", "15:00:02")];
  assert.deepEqual(decide(null, alerts, 7), { camera: "c", event: "3", since: 7, over: false });
});

test("a graver alert elsewhere waits until ten seconds are over", () => {
  const alerts = [opened("1", "a", "low"), opened("2", "b", "critical")];
  assert.equal(decide(HELD, alerts, 1_000 + LEAST_MS - 1), HELD);
  assert.deepEqual(decide(HELD, alerts, 1_000 + LEAST_MS), { camera: "b", event: "2", since: 1_000 + LEAST_MS, over: false });
});

test("a camera whose alert ends at once stays ten seconds, and says that it is over", () => {
  const over = decide(HELD, [], 1_500);
  assert.deepEqual(over, { ...HELD, over: true });
  assert.equal(decide(over, [], 3_000), over);
  assert.equal(decide(over, [], 1_000 + LEAST_MS), null);
});

test("as long as its alert is open and nothing is graver, it stays", () => {
  const alerts = [opened("1", "a", "high"), opened("2", "b", "medium", "15:30:00")];
  assert.equal(decide(HELD, alerts, 3_600_000), HELD);
});

test("a second alert of the same camera does not begin the ten seconds anew", () => {
  assert.deepEqual(decide(HELD, [opened("1", "a", "low"), opened("2", "a", "critical")], 20_000), { ...HELD, event: "2" });
  assert.deepEqual(decide(HELD, [opened("3", "a", "low")], 2_000), { ...HELD, event: "3" });
});

test("an alert that comes back while its camera is still forward is not over", () => {
  const over = { ...HELD, over: true };
  assert.deepEqual(decide(over, [opened("1", "a")], 2_000), HELD);
});

test("two cameras that keep raising alerts change places at most every ten seconds", () => {
  let held = null;
  const changes = [];
  for (let now = 0; now < 60_000; now += 500) {
    const at = new Date(now).toISOString().slice(11, 19);
    const next = decide(held, [opened(`${now}`, now % 1_000 === 0 ? "a" : "b", "high", at)], now);
    if (next?.camera !== held?.camera) changes.push(now);
    held = next;
  }
  for (const [i, at] of changes.slice(1).entries()) assert.ok(at - changes[i] >= LEAST_MS, `${changes[i]} then ${at}`);
  assert.ok(changes.length >= 2);
});
