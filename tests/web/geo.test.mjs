import assert from "node:assert/strict";
import { test } from "node:test";
import { cone, distance, nameAt, towards } from "../../api/web/geo.js";

const HERE = [20.99, 106.55];
const near = (a, b, by) => assert.ok(Math.abs(a - b) < by, `${a} is about ${b}`);

for (const [bearing, north, east] of [[0, 1, 0], [90, 0, 1], [180, -1, 0], [270, 0, -1]]) {
  test(`towards ${bearing} degrees`, () => {
    const [lat, lon] = towards(HERE, bearing, 100);
    assert.equal(Math.sign(Math.round((lat - HERE[0]) * 1e7)), north);
    assert.equal(Math.sign(Math.round((lon - HERE[1]) * 1e7)), east);
    near(distance(HERE, [lat, lon]), 100, 0.01);
  });
}

test("a camera sees a wedge around its bearing, as far as its range", () => {
  const [tip, ...arc] = cone(HERE, 45, 60, 30);
  assert.deepEqual(tip, HERE);
  for (const point of arc) near(distance(HERE, point), 30, 0.01);
  assert.deepEqual(arc[0], towards(HERE, 15, 30));
  near(distance(arc[arc.length - 1], towards(HERE, 75, 30)), 0, 0.01);
});

test("a camera that sees all around sees a circle without a tip", () => {
  assert.ok(cone(HERE, 0, 360, 30).every((point) => Math.abs(distance(HERE, point) - 30) < 0.01));
});

test("the name of a street stands along it, also behind a corner", () => {
  const found = nameAt("line", [[0, 0], [0, 0.001], [0.009, 0.001]]);
  near(found[0], 0.0012, 1e-9);
  near(found[1], 0.001, 1e-9);
  assert.deepEqual(nameAt("line", [[1, 1], [1, 1]]), [1, 1]);
});

test("the name of a market stands over it, where no camera is", () => {
  assert.deepEqual(nameAt("polygon", [[0, 0], [0, 2], [4, 2], [4, 0]]), [4, 1]);
});
