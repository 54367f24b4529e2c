import assert from "node:assert/strict";
import { test } from "node:test";
import { CUSHION_S, FrameTimes, LATE_S, LOST_S, pace } from "../../api/web/pace.js";

const last = { start: 10, end: 20 };

test("close behind the camera it plays as it is", () => {
  for (const behind of [0, CUSHION_S, LATE_S - 0.01]) assert.deepEqual(pace(last, 20 - behind), { jumpTo: null, rate: 1 });
});

test("a little late it runs faster, the later the faster, and never so that people run", () => {
  let before = 1;
  for (let behind = LATE_S + 0.01; behind <= LOST_S; behind += 0.05) {
    const { jumpTo, rate } = pace(last, 20 - behind);
    assert.equal(jumpTo, null);
    assert.ok(rate >= before && rate <= 1.25, String(rate));
    before = rate;
  }
  assert.ok(before > 1.2);
});

test("too late it jumps, but not out of what can be played", () => {
  assert.deepEqual(pace(last, 11), { jumpTo: 20 - CUSHION_S, rate: 1 });
  assert.deepEqual(pace({ start: 19.95, end: 20 }, 2), { jumpTo: 19.95, rate: 1 });
});

test("before a gap it jumps over it", () => {
  assert.deepEqual(pace({ start: 10, end: 10.5 }, 9.8), { jumpTo: 10.4, rate: 1 });
});

test("a frame's time is that of the piece it came with", () => {
  const times = new FrameTimes();
  for (let i = 0; i < 5000; i += 1) times.add(i / 10, 1_000_000 + i * 100);
  assert.equal(times.capturedAt(499.9), 1_000_000 + 499_900);
  assert.equal(times.capturedAt(499.8999), 1_000_000 + 499_900, "the browser rounds");
  assert.equal(times.capturedAt(498.95), 1_000_000 + 498_900);
  assert.equal(times.capturedAt(0), null, "long forgotten");
  assert.equal(times.capturedAt(502), null, "not come yet");
});
