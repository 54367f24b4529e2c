import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");
const vi = JSON.parse(read("api/web/locales/vi.json"));
const en = JSON.parse(read("api/web/locales/en.json"));
const sources = ["api/web/", "api/web/views/"].flatMap((folder) =>
  readdirSync(new URL(folder, ROOT)).filter((name) => name.endsWith(".js")).map((name) => read(folder + name)));

/** The values of a StrEnum in a contracts module. */
function members(path, name) {
  const body = read(path).split(`class ${name}(StrEnum):`)[1]?.split("\n\n\n")[0] ?? "";
  const values = [...body.matchAll(/^ {4}[A-Z_]+ = "([a-z_]+)"/gm)].map(([, value]) => value);
  assert.ok(values.length > 0, `${name} has members`);
  return values;
}

/** What the box's rules for devices watch. */
const RULED = [...read("edge/devices/defaults.py").matchAll(/metric="([a-z0-9_.]+)"/g)].map(([, metric]) => metric);

const base = (dictionary) => Object.keys(dictionary).filter((key) => !key.endsWith(".one")).sort();

test("both languages have the same keys", () => assert.deepEqual(base(vi), base(en)));

test("a key for one has a key for many", () => {
  for (const dictionary of [vi, en]) {
    for (const key of Object.keys(dictionary)) if (key.endsWith(".one")) assert.ok(dictionary[key.slice(0, -4)], key);
  }
});

test("both languages have the same placeholders", () => {
  const holes = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const key of base(vi)) assert.deepEqual(holes(vi[key]), holes(en[key]), key);
});

test("no text is empty, and Vietnamese is written composed", () => {
  for (const [key, text] of [...Object.entries(vi), ...Object.entries(en)]) {
    assert.ok(text.trim().length > 0, key);
    assert.equal(text, text.normalize("NFC"), key);
  }
});

for (const [family, codes] of [
  ["kind", members("contracts/event.py", "EventKind")],
  ["severity", members("contracts/event.py", "Severity")],
  ["fault", members("contracts/status.py", "CameraFault")],
  ["camera", members("contracts/status.py", "CameraState")],
  ["box", members("contracts/status.py", "BoxState")],
  ["reason", ["cleared", "restarted", "schedule"]],
  ["problem", ["bad_credentials", "too_many_attempts", "not_signed_in", "forbidden", "not_found", "network", "unavailable"]],
  ["role", ["admin", "operator", "police", "technician", "viewer"]],
  ["why", [
    "seconds_in_zone", "seconds_stopped", "seconds_there", "seconds_alone", "seconds_against", "threshold_s", "count", "threshold",
    "density_m2", "threshold_m2", "density_picture", "threshold_picture", "distance", "threshold_distance", "radius",
    "crossings", "threshold_crossings", "window_s", "direction", "label", "schedule", "track", "metric", "value", "bound", "camera",
    "period_s", "silent_s", "children",
  ]],
  ["metric", RULED],
  ["label", ["person", "bicycle", "motorcycle", "car", "bus", "truck", "dog", "bag", "object"]],
  ["direction", ["in", "out"]],
]) {
  test(`every ${family} has words in both languages`, () => {
    for (const code of codes) for (const dictionary of [vi, en]) assert.ok(dictionary[`${family}.${code}`], `${family}.${code}`);
  });
}

test("every key that the page names literally exists", () => {
  for (const source of sources) {
    for (const [, key] of source.matchAll(/(?:\bt|words\.value)\("([a-z_.]+)"/g)) assert.ok(vi[key], key);
  }
});
