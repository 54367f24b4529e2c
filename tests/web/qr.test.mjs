import assert from "node:assert/strict";
import { test } from "node:test";
import { MARGIN, pathOf, sideOf } from "../../api/web/qr.js";
import { generate } from "../../api/web/vendor/lean-qr.js";

/** The dark modules that a path draws. */
function drawn(path) {
  const dark = new Set();
  for (const [, x, y, width, back] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h(-\d+)z/g)) {
    assert.equal(Number(width), -Number(back));
    for (let i = 0; i < Number(width); i += 1) dark.add(`${Number(x) + i - MARGIN} ${Number(y) - MARGIN}`);
  }
  return dark;
}

test("a drawing holds exactly the dark modules of its code", () => {
  const code = generate("otpauth://totp/Ph%E1%BB%91%20An:lan?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ph%E1%BB%91%20An");
  const dark = drawn(pathOf(code));
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) assert.equal(dark.has(`${x} ${y}`), code.get(x, y), `${x} ${y}`);
  }
  assert.ok(dark.size > 100);
  assert.equal(sideOf(code), code.size + 8);
});

test("a run to the edge of the code is closed", () => {
  const rows = ["#.#", "###", "..#"];
  const path = pathOf({ size: 3, get: (x, y) => rows[y]?.[x] === "#" });
  assert.equal(path, "M4 4h1v1h-1zM6 4h1v1h-1zM4 5h3v1h-3zM6 6h1v1h-1z");
});
