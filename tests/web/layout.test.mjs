import assert from "node:assert/strict";
import { test } from "node:test";
import { completed, pageWith, pagesOf, placed, readChoice, resized, sizeFor, turned } from "../../api/web/layout.js";

const ALL = ["a", "b", "c", "d", "e"];
const layout = (cameras) => ({ id: "1", name: "Ca đêm", tiles: cameras.length, cameras, follow_alerts: false, owner: "lan", mine: true, version: 1 });

test("without a layout all cameras are on one page, without empty slots", () => {
  assert.deepEqual(pagesOf(null, null, ALL), [ALL]);
  assert.deepEqual(pagesOf(null, null, []), [[]]);
});

test("seventeen cameras are two pages of sixteen slots", () => {
  const pages = pagesOf(null, null, Array.from({ length: 17 }, (_, i) => `c${i}`));
  assert.deepEqual(pages.map((page) => page.length), [16, 16]);
  assert.deepEqual(pages[1].slice(0, 2), ["c16", null]);
});

test("four at a time are as many pages as it takes", () => {
  assert.deepEqual(pagesOf(null, 4, ALL), [["a", "b", "c", "d"], ["e", null, null, null]]);
  assert.deepEqual(pagesOf(null, 1, ["a", "b"]), [["a"], ["b"]]);
});

test("a layout comes first, the cameras that it leaves out follow", () => {
  assert.deepEqual(pagesOf(layout(["e", null, "a", "gone"]), null, ALL), [["e", null, "a", null], ["b", "c", "d", null]]);
  assert.deepEqual(pagesOf(layout(["a"]), null, ["a"]), [["a"]]);
});

test("the page with a camera is found, and pages turn round and round", () => {
  assert.equal(pageWith([["a"], ["b", null]], "b"), 1);
  assert.equal(pageWith([["a"], [null]], null), -1);
  assert.equal(turned(0, -1, 3), 2);
  assert.equal(turned(2, 1, 3), 0);
});

test("a camera that stands elsewhere changes places with the one in its slot", () => {
  assert.deepEqual(placed(["a", "b", null], 0, "b"), ["b", "a", null]);
  assert.deepEqual(placed(["a", "b", null], 2, "c"), ["a", "b", "c"]);
  assert.deepEqual(placed(["a", "b", null], 0, null), [null, "b", null]);
});

test("fewer slots keep what has room", () => {
  assert.deepEqual(resized(["a", null, "b", "c", "d"], 4), ["a", "d", "b", "c"]);
  assert.deepEqual(resized(["a", "b"], 1), ["a"]);
  assert.deepEqual(resized(["a"], 4), ["a", null, null, null]);
});

test("empty slots are filled with the cameras that have none", () => {
  assert.deepEqual(completed([null, "a", null], ALL), ["b", "a", "c"]);
  assert.deepEqual(completed([null, null], ["a"]), ["a", null]);
});

for (const [choice, read] of [
  ["all", { layout: null, size: null }], ["all-9", { layout: null, size: 9 }], ["all-7", { layout: null, size: null }],
  ["0192", { layout: "0192", size: null }], [undefined, { layout: null, size: null }],
]) {
  test(`the choice ${choice} is read`, () => assert.deepEqual(readChoice(choice), read));
}

test("the smallest size with room is taken", () => assert.deepEqual([1, 2, 5, 10, 30].map(sizeFor), [1, 4, 9, 16, 16]));
