import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { adviceOfBox, adviceOfCamera, GIB, gravestFirst, levelOf } from "../../api/web/advice.js";
import { camera } from "./samples.mjs";

const vi = JSON.parse(readFileSync(new URL("../../api/web/locales/vi.json", import.meta.url), "utf8"));
const box = (changes = {}) => ({
  id: "hop-1", name: "Hộp 1", ward: { id: "an-luu", name: "An Lưu" }, site: null, state: "online", since: null, heard_at: null, version: "0.1.0",
  pending: 0, dropped: 0, missing: 0, cpu_percent: 20, memory_percent: 30, disk_free_bytes: 50 * GIB, ...changes,
});
const codes = (changes) => adviceOfBox(box(changes)).map(({ code }) => code);
const seen = (changes) => ({ ...camera("a"), box_state: "online", state: "streaming", fault: null, fps: 10, ...changes });

test("a box that is well needs nothing", () => assert.deepEqual(codes({}), []));

test("a box of which nothing is known but that it is silent gives one advice", () => {
  assert.deepEqual(codes({ state: "offline", dropped: 5, cpu_percent: 99 }), ["box.silent"]);
  assert.deepEqual(codes({ state: "unknown" }), ["box.never"]);
});

test("what was lost comes before what is slow", () => {
  assert.deepEqual(codes({ cpu_percent: 95, pending: 2000, missing: 3 }), ["box.missing", "box.pending", "box.cpu"]);
  assert.deepEqual(codes({ disk_free_bytes: GIB, memory_percent: 91 }), ["box.disk", "box.memory"]);
});

test("readings that are not there are no fault", () => {
  assert.deepEqual(codes({ cpu_percent: null, memory_percent: null, disk_free_bytes: null, pending: null, dropped: null }), []);
});

test("a camera's fault says what to do, unless its box must be mended first", () => {
  assert.equal(adviceOfCamera(seen({ state: "failed", fault: "refused" }))?.code, "camera.refused");
  assert.equal(adviceOfCamera(seen({ state: "failed", fault: null }))?.code, "camera.unknown");
  assert.equal(adviceOfCamera(seen({ state: "failed", fault: "refused", box_state: "offline" })), null);
  assert.equal(adviceOfCamera(seen({ fps: 1 }))?.code, "camera.slow");
  assert.equal(adviceOfCamera(seen({})), null);
});

test("boxes that need somebody come first", () => {
  const items = [
    { box: box({ id: "b", name: "B" }), cameras: [seen({})] },
    { box: box({ id: "c", name: "C" }), cameras: [seen({ fps: 1 })] },
    { box: box({ id: "a", name: "A" }), cameras: [seen({ state: "failed", fault: "timeout" })] },
  ];
  assert.deepEqual(gravestFirst(items).map((item) => item.box.id), ["a", "c", "b"]);
  assert.deepEqual(items.map(({ box: one, cameras }) => levelOf(one, cameras)), ["good", "warn", "bad"]);
});

test("every fault of a camera and every state of a box has its sentence", () => {
  const faults = Object.keys(vi).filter((key) => /^fault\.[a-z_]+$/.test(key)).map((key) => key.slice("fault.".length));
  assert.ok(faults.length >= 10);
  for (const fault of faults) assert.ok(vi[`advice.camera.${fault}`], fault);
  for (const code of ["never", "silent", "dropped", "missing", "disk", "pending", "cpu", "memory"]) assert.ok(vi[`advice.box.${code}`], code);
});
