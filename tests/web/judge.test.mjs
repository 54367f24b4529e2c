import assert from "node:assert/strict";
import { test } from "node:test";
import { ageOf, judge } from "../../api/web/judge.js";

const NOW = Date.parse("2026-11-21T15:00:10.000Z");
const streaming = { state: "streaming", fault: null, since: "2026-11-21T14:00:00.000Z", box_state: "online" };
const failed = { ...streaming, state: "failed", fault: "refused", since: "2026-11-21T15:00:09.000Z" };
const offline = { ...streaming, box_state: "offline" };
const aged = (ms) => ({ capturedAt: NOW - ms, arrivedAt: NOW - ms });
const none = { capturedAt: null, arrivedAt: null };

for (const [name, camera, picture, state, reason] of [
  ["a fresh picture is live", streaming, aged(300), "live", null],
  ["a picture is stale after two seconds", streaming, aged(2001), "stale", null],
  ["no picture yet is waiting", streaming, none, "waiting", null],
  ["a camera that connects and has no picture is waiting", { ...streaming, state: "connecting" }, none, "waiting", null],
  ["a failure after the last picture shows at once", failed, aged(1500), "failed", "fault"],
  ["a picture after the failure beats it", failed, aged(200), "live", null],
  ["a failed camera without a picture is failed", failed, none, "failed", "fault"],
  ["a lost box is the reason before the camera's own", { ...failed, box_state: "offline" }, aged(9000), "failed", "box_offline"],
  ["a lost box whose pictures still come is live", offline, aged(300), "live", null],
]) {
  test(name, () => {
    const verdict = judge(camera, picture, NOW);
    assert.deepEqual([verdict.state, verdict.reason], [state, reason]);
  });
}

test("a box whose clock runs ahead cannot make a frozen picture young", () => {
  assert.equal(ageOf({ capturedAt: NOW + 60_000, arrivedAt: NOW - 5_000 }, NOW), 5_000);
  assert.equal(ageOf({ capturedAt: NOW + 60_000, arrivedAt: NOW }, NOW), 0);
});
