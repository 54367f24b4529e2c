import assert from "node:assert/strict";
import { test } from "node:test";
import { arrowOf, clamped, crossesItself, freshLine, freshPolygon, inside, middles, movedPoint, movedShape, pointAt, withPoint, withoutPoint } from "../../api/web/zone-drawing.js";

const SQUARE = [[0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]];

test("a pointer's place is a share of the picture, wherever that is on the screen", () => {
  assert.deepEqual(pointAt(150, 80, { left: 50, top: 30, width: 200, height: 100 }), [0.5, 0.5]);
  assert.deepEqual(pointAt(0, 900, { left: 50, top: 30, width: 200, height: 100 }), [0, 1]);
});

test("points stay within the picture and are written short", () => {
  assert.deepEqual(clamped([-0.2, 1.7]), [0, 1]);
  assert.deepEqual(clamped([1 / 3, 2 / 3]), [0.3333, 0.6667]);
  assert.deepEqual(movedPoint(SQUARE, 1, [2, 0.1])[1], [1, 0.1]);
});

test("a point is put between two others, and taken out as long as enough are left", () => {
  assert.deepEqual(withPoint(SQUARE, 0, [0.4, 0.1]), [[0.2, 0.2], [0.4, 0.1], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]]);
  assert.equal(withoutPoint(SQUARE, 2, 3).length, 3);
  assert.equal(withoutPoint(SQUARE.slice(0, 3), 2, 3).length, 3);
});

test("the middles are those of the edges; only what is closed has a last one", () => {
  assert.deepEqual(middles(SQUARE, true).map(({ at }) => at), [[0.4, 0.2], [0.6, 0.4], [0.4, 0.6], [0.2, 0.4]]);
  assert.deepEqual(middles(SQUARE, false).map(({ index }) => index), [0, 1, 2]);
});

test("a shape is moved as a whole and stops at the border with its form", () => {
  assert.deepEqual(movedShape(SQUARE, 0.1, -0.1)[0], [0.3, 0.1]);
  assert.deepEqual(movedShape(SQUARE, 5, 0), [[0.6, 0.2], [1, 0.2], [1, 0.6], [0.6, 0.6]]);
  assert.deepEqual(movedShape(SQUARE, 0, -5)[0], [0.2, 0]);
});

test("an outline that crosses itself is found, and a good one is not", () => {
  assert.equal(crossesItself(SQUARE, true), false);
  assert.equal(crossesItself([[0.2, 0.2], [0.6, 0.6], [0.6, 0.2], [0.2, 0.6]], true), true);
  assert.equal(crossesItself([[0.2, 0.2], [0.6, 0.2], [0.4, 0.6]], true), false);
  assert.equal(crossesItself([[0, 0], [1, 1], [1, 0], [0, 0.9]], false), true);
});

test("what is inside a zone is told from what is beside it", () => {
  assert.equal(inside([0.4, 0.4], SQUARE), true);
  assert.equal(inside([0.7, 0.4], SQUARE), false);
});

test("the arrow of a line shows the way from its left to its right, whatever the picture's form", () => {
  const [from, to] = arrowOf([[0.2, 0.5], [0.8, 0.5]], 0.1, 16 / 9);
  assert.deepEqual(from, [0.5, 0.5]);
  assert.ok(to[1] > from[1] && Math.abs(to[0] - from[0]) < 1e-9);  // looking to the right of the picture, right is below
  const [, back] = arrowOf([[0.8, 0.5], [0.2, 0.5]], 0.1, 16 / 9);
  assert.ok(back[1] < 0.5);
  const [middle] = arrowOf([[0, 0], [0.2, 0], [1, 0]], 0.1, 1);
  assert.ok(Math.abs(middle[0] - 0.5) < 1e-9);
});

test("new shapes lie within the picture and do not hide each other", () => {
  for (let n = 0; n < 12; n += 1) for (const [x, y] of [...freshPolygon(n), ...freshLine(n)]) assert.ok(x >= 0 && x <= 1 && y >= 0 && y <= 1);
  assert.notDeepEqual(freshPolygon(0), freshPolygon(1));
});
