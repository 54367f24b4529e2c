import assert from "node:assert/strict";
import { test } from "node:test";
import { NUMBERS, addCamera, addRule, addShape, anyWithin, cameraOf, faultsByPlace, idFor, knownReason, pointsOf, readClock, readNumber, removeCamera, removeShape, renamed, same, summary, toSend, withCamera, withPoints, withRule } from "../../api/web/box-config.js";
import { begun, changed, redone, undone } from "../../api/web/undo.js";
import { readFileSync } from "node:fs";

const GATE = { id: "cong-cho", site: "cho", url: "rtsp://10.0.0.5/1", zones: [{ id: "san", polygon: [[0, 0], [1, 0], [1, 1]] }], rules: [{ kind: "intrusion", id: "dem", zone: "san" }] };
const DRAFT = { document: { time_zone: "Asia/Ho_Chi_Minh", cameras: [GATE] }, names: { "cong-cho": { name: "Cổng chợ", zones: { san: "Sân" }, lines: {} } } };

test("a Vietnamese name becomes an id, and another one where it is taken", () => {
  assert.equal(idFor("Cổng chợ An Lưu", []), "cong-cho-an-luu");
  assert.equal(idFor("Đường Trần Phú", ["duong-tran-phu"]), "duong-tran-phu-2");
  assert.equal(idFor("???", []), "moi");
  assert.match(idFor("x".repeat(90), []), /^x{36}$/);
});

test("a camera comes with its name, and goes with all that names it", () => {
  const { draft, id } = addCamera(DRAFT, "Cổng sau", "cho", ["cong-sau"]);
  assert.equal(id, "cong-sau-2");
  assert.equal(toSend(draft).names[id].name, "Cổng sau");
  assert.deepEqual(removeCamera(draft, id), DRAFT);
});

test("a zone is drawn, named, watched and removed together with its rules", () => {
  const added = addShape(DRAFT, "cong-cho", "zones", "Lòng đường");
  assert.equal(added.part, "long-duong");
  const watched = addRule(added.draft, "cong-cho", "occupancy", "long-duong");
  assert.deepEqual(cameraOf(watched, "cong-cho").rules[1], { kind: "occupancy", id: "occupancy-long-duong", zone: "long-duong", threshold: 5 });
  const moved = withPoints(watched, "cong-cho", "zones", "long-duong", [[0, 0], [1, 0], [0, 1]]);
  assert.deepEqual(pointsOf(cameraOf(moved, "cong-cho"), "zones", "long-duong"), [[0, 0], [1, 0], [0, 1]]);
  const gone = removeShape(moved, "cong-cho", "zones", "long-duong");
  assert.deepEqual(gone.document, DRAFT.document);
  assert.deepEqual(toSend(gone).names, DRAFT.names);
});

test("masks have numbers, and what is taken out of a rule is not sent", () => {
  const { draft, part } = addShape(DRAFT, "cong-cho", "masks", "");
  assert.equal(part, "0");
  assert.equal(cameraOf(draft, "cong-cho").masks.length, 1);
  const timed = withRule(DRAFT, "cong-cho", "dem", { schedule: [{ from: "22:00", to: "05:00" }] });
  assert.deepEqual(withRule(timed, "cong-cho", "dem", { schedule: undefined }), DRAFT);
});

test("what changes is said camera by camera, and nothing when nothing does", () => {
  assert.deepEqual(summary(DRAFT, structuredClone(DRAFT)), []);
  let after = addCamera(DRAFT, "Cổng sau", "cho", []).draft;
  after = addShape(after, "cong-cho", "zones", "Lòng đường").draft;
  after = addShape(after, "cong-cho", "lines", "Lối vào").draft;
  after = renamed(withRule(after, "cong-cho", "dem", { min_seconds: 3 }), "cong-cho", "Sân chợ", "zones", "san");
  after = withCamera(after, "cong-cho", { url: "rtsp://10.0.0.6/1" });
  after = { ...after, document: { ...after.document, analysis: { fps: 2 } } };
  assert.deepEqual(summary(DRAFT, after), [
    { code: "address_changed", camera: "Cổng chợ" },
    { code: "zone_renamed", camera: "Cổng chợ", name: "Sân chợ" },
    { code: "zone_added", camera: "Cổng chợ", name: "Lòng đường" },
    { code: "line_added", camera: "Cổng chợ", name: "Lối vào" },
    { code: "rule_changed", camera: "Cổng chợ", kind: "intrusion", name: "Sân chợ" },
    { code: "camera_added", camera: "Cổng sau" },
    { code: "field_changed", camera: "", name: "analysis" },
  ]);
  assert.deepEqual(summary(after, DRAFT)[0], { code: "camera_removed", camera: "Cổng sau" });
});

test("every change has its words in both languages", () => {
  const source = readFileSync(new URL("../../api/web/box-config.js", import.meta.url), "utf8");
  const codes = [...source.matchAll(/(?:say\(|code: )"([a-z_]+)"/g)].map((found) => found[1]).filter((code) => !["no_picture", "unlinked", "stopped"].includes(code));
  for (const language of ["vi", "en"]) {
    const words = JSON.parse(readFileSync(new URL(`../../api/web/locales/${language}.json`, import.meta.url), "utf8"));
    for (const code of [...codes, ...["zone", "line"].flatMap((one) => ["added", "removed", "changed", "renamed"].map((how) => `${one}_${how}`))]) assert.ok(words[`config.change.${code}`], `${language} ${code}`);
    for (const kind of Object.keys(NUMBERS)) assert.ok(words[`config.rule.${kind}`] && words[`kind.${kind}`], kind);
    for (const { name } of Object.values(NUMBERS).flat()) assert.ok(words[`config.number.${name}`], name);
  }
});

test("the kinds of rules and the limits of their numbers are those of the box", () => {
  const { $defs: defs } = JSON.parse(readFileSync(new URL("../../contracts/box_settings.json", import.meta.url), "utf8"));
  const { mapping } = defs.CameraSettings.properties.rules.items.discriminator;
  assert.deepEqual(Object.keys(NUMBERS).sort(), Object.keys(mapping).sort());
  for (const [kind, fields] of Object.entries(NUMBERS)) {
    const { properties } = defs[mapping[kind].split("/").pop()];
    for (const { name, least, most, usual, whole } of fields) {
      const of = properties[name];
      assert.ok(of, `${kind} ${name}`);
      if (of.default !== undefined) assert.equal(usual, of.default, `${kind} ${name}`);
      assert.ok(least >= (of.minimum ?? of.exclusiveMinimum) && most <= (of.maximum ?? Infinity), `${kind} ${name}`);
      assert.equal(Boolean(whole), of.type === "integer", `${kind} ${name}`);
    }
  }
});

test("faults lie where the centre names them", () => {
  const faults = faultsByPlace([{ field: "document.cameras.0.rules.1.zone", code: "unknown_zone" }, { field: "document", code: "text" }]);
  assert.deepEqual(faults, { "cameras.0.rules.1.zone": "unknown_zone", "": "text" });
  assert.equal(anyWithin(faults, "cameras.0"), true);
  assert.equal(anyWithin(faults, "cameras.0.rules.10"), false);
});

test("what a box says is said in the reader's language where the page knows it", () => {
  assert.deepEqual(knownReason("no picture came any more of cong-cho for 20 s", DRAFT), { code: "no_picture", n: 20, cameras: "Cổng chợ" });
  assert.equal(knownReason("the box stopped while it tried this configuration", DRAFT)?.code, "stopped");
  assert.equal(knownReason("field time_zone: no such time zone.", DRAFT), null);
});

test("numbers are read with a comma or a point", () => {
  assert.deepEqual(["2,5", "2.5", "", "a", "1e999"].map(readNumber), [2.5, 2.5, null, null, null]);
});

test("a time of day is read as people write it", () => {
  assert.deepEqual(["7:05", "22h30", "0705", "5.00", "24:00", "7:60", "7", ""].map(readClock), ["07:05", "22:30", "07:05", "05:00", null, null, null, null]);
});

test("same looks at what is in things, not at their order of fields", () => {
  assert.ok(same({ a: [1, { b: 2 }], c: null }, { c: null, a: [1, { b: 2 }] }));
  assert.ok(!same({ a: 1 }, { a: 1, b: undefined, c: 2 }));
  assert.ok(!same([1], { 0: 1 }));
});

test("a dragged point is one step back, and a step that was taken back can be taken again", () => {
  let steps = begun(0);
  for (const now of [1, 2, 3]) steps = changed(steps, now, "drag 1");
  steps = changed(steps, 4, "drag 2");
  assert.equal(undone(steps).now, 3);
  assert.equal(undone(undone(steps)).now, 0);
  assert.equal(redone(undone(steps)).now, 4);
  assert.equal(undone(undone(undone(steps))).now, 0);
  assert.equal(changed(undone(steps), 9).future.length, 0);
});
