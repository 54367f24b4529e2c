import assert from "node:assert/strict";
import { test } from "node:test";
import { AHEAD_MS, OLD_MS, boxesAt, remember } from "../../api/web/boxes.js";

const track = (id, x) => ({ id, label: "person", confidence: 0.9, box: { x1: x, y1: 0.2, x2: x + 0.1, y2: 0.5 } });
const seen = (capturedAt, ...tracks) => ({ capturedAt, tracks });
const lefts = (tracks) => tracks.map(({ box }) => Math.round(box.x1 * 1000) / 1000);

const walking = [seen(1000, track("a", 0.1)), seen(1200, track("a", 0.2))];

test("on an analysed frame a box is where it was seen", () => {
  assert.deepEqual(lefts(boxesAt(walking, 1000)), [0.1]);
  assert.deepEqual(lefts(boxesAt(walking, 1200)), [0.2]);
});

test("between two analysed frames it is between", () => {
  assert.deepEqual(lefts(boxesAt(walking, 1050)), [0.125]);
});

test("beyond the last it goes on for a moment, stays in the picture, and vanishes when it is old", () => {
  assert.deepEqual(lefts(boxesAt(walking, 1300)), [0.25]);
  assert.deepEqual(lefts(boxesAt(walking, 1200 + AHEAD_MS + 300)), [0.45]);
  const [leaving] = boxesAt([seen(0, track("a", 0.5)), seen(100, track("a", 0.8))], 400);
  assert.equal(leaving.box.x2, 1);
  assert.deepEqual(boxesAt(walking, 1201 + OLD_MS), []);
});

test("who was not there before or is not there after stays where they were seen", () => {
  const history = [seen(1000, track("a", 0.1), track("b", 0.6)), seen(1200, track("a", 0.2), track("c", 0.8))];
  assert.deepEqual(lefts(boxesAt(history, 1100)), [0.15, 0.6]);
  assert.deepEqual(lefts(boxesAt(history, 1300)), [0.25, 0.8]);
});

test("before anything was seen there are no boxes", () => {
  assert.deepEqual(boxesAt([], 1000), []);
  assert.deepEqual(boxesAt(walking, 999), []);
});

test("what was seen comes in any order, once, and is forgotten in the end", () => {
  let history = [];
  for (const at of [3, 1, 2, 2]) history = remember(history, seen(at));
  assert.deepEqual(history.map(({ capturedAt }) => capturedAt), [1, 2, 3]);
  for (let at = 4; at < 500; at += 1) history = remember(history, seen(at));
  assert.ok(history.length < 100);
  assert.equal(history.at(-1).capturedAt, 499);
});
