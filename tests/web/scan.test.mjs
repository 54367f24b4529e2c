import assert from "node:assert/strict";
import { test } from "node:test";
import { cutOfLive, cutsOfPhoto, drawnSize, whyNoCamera } from "../../api/web/scan.js";
import { generate } from "../../api/web/vendor/lean-qr.js";

test("a photo is looked at whole, at several sizes, and then in its middle", () => {
  const cuts = cutsOfPhoto(3000, 4000);
  const sizes = cuts.map(drawnSize);
  assert.deepEqual(sizes[0], { width: 750, height: 1000 });
  assert.ok(cuts.length >= 4);
  for (const { width, height } of sizes) assert.ok(Math.max(width, height) <= 2400);
  for (const { x, y, width, height } of cuts) assert.ok(x >= 0 && y >= 0 && x + width <= 3000 && y + height <= 4000);
});

test("a small picture is not looked at twice in the same size", () => {
  const sizes = cutsOfPhoto(300, 300).slice(0, -1).map(({ scale }) => scale);
  assert.equal(new Set(sizes).size, sizes.length);
});

test("of a live picture the middle is looked at, never larger than it is", () => {
  assert.deepEqual(cutOfLive(1280, 720), { x: 352, y: 72, width: 576, height: 576, scale: 1 });
  assert.deepEqual(drawnSize(cutOfLive(1280, 1280)), { width: 720, height: 720 });
});

test("why there is no camera is told by what can be done about it", () => {
  const found = { secure: true, camera: true };
  assert.equal(whyNoCamera(found), null);
  assert.equal(whyNoCamera({ ...found, secure: false, camera: false }), "insecure");
  assert.equal(whyNoCamera({ ...found, camera: false }), "none");
  assert.equal(whyNoCamera({ ...found, error: "NotAllowedError" }), "denied");
  assert.equal(whyNoCamera({ ...found, error: "NotReadableError" }), "busy");
  assert.equal(whyNoCamera({ ...found, error: "OverconstrainedError" }), "none");
});

test("the vendored reader reads what is drawn", async () => {
  globalThis.self = globalThis; // it looks for the browser's window by this name
  await import("../../api/web/vendor/jsqr.js");
  const text = "00020101021138570010A00000072701270006970436011308810004580860208QRIBFTTA53037045802VN6304BE11";
  const code = generate(text);
  const scale = 4;
  const side = (code.size + 8) * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      if (!code.get(Math.floor(x / scale) - 4, Math.floor(y / scale) - 4)) continue;
      pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  assert.equal(globalThis.jsQR(pixels, side, side, { inversionAttempts: "dontInvert" })?.data, text);
});
