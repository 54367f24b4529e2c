import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { FAMILIES, LOOKS, actionWords, detailRows, objectWords, queryOf, table } from "../../api/web/entry.js";
import { translator } from "../../api/web/translate.js";

const dictionary = JSON.parse(readFileSync(new URL("../../api/web/locales/vi.json", import.meta.url), "utf8"));
const vi = translator(dictionary);
const NAMES = { "camera:quang-trung-1": "Ngã ba Quang Trung" };
const ENTRY = {
  seq: 7, at: "2026-11-21T17:05:09.5Z", actor: "lan", action: "playback.viewed", object: "camera:quang-trung-1", ward: "an-luu",
  client: "10.0.0.5", details: { reason: "tìm trẻ lạc", seconds: 40 }, digest: "ab".repeat(32),
};

test("only filters that say something are asked, in the time of the wards", () => {
  assert.equal(queryOf({}), "limit=100");
  assert.equal(queryOf({ actor: " lan ", action: "", object: "camera:a b" }, 9, 500), "actor=lan&object=camera%3Aa+b&before=9&limit=500");
  assert.equal(queryOf({ start: "2026-11-22T00:30" }), "start=2026-11-21T17%3A30%3A00.000Z&limit=100");
});

test("things are called by their names, and ids are shortened", () => {
  assert.equal(objectWords(vi, "camera:quang-trung-1", NAMES), "Camera Ngã ba Quang Trung");
  assert.equal(objectWords(vi, "user:lan", NAMES), "Tài khoản lan");
  assert.equal(objectWords(vi, "session:019c4573-9a80-7abc-8def-000000000001", NAMES), "Phiên …00000001");
  assert.equal(objectWords(vi, "audit", NAMES), "Nhật ký");
  assert.equal(objectWords(vi, "drone:7", NAMES), "drone 7");
});

test("details are told in words, nested and empty ones too", () => {
  const rows = detailRows(vi, { reason: "tìm trẻ lạc", wards: [], asked: { actor: "lan" }, before: null, disabled: true, until: "2026-11-21T17:30:00Z", odd: 1 });
  assert.deepEqual(rows.map(({ name, value }) => `${name}=${value}`), [
    "Lý do=tìm trẻ lạc", "Phường=–", "Điều kiện lọc=Người làm: lan", "Bị khóa=Có", "Đến=00:30:00 22/11/2026", "odd=1",
  ]);
});

test("a saved table has a column for everything, and a row for each entry", () => {
  const [columns, row, ...rest] = table(vi, [ENTRY], NAMES);
  assert.equal(columns.length, row.length);
  assert.equal(rest.length, 0);
  assert.ok(columns.every((name) => !String(name).startsWith("audit.")));
  assert.deepEqual(row.slice(0, 6), [7, "22/11/2026", "00:05:09", "lan", "Xem lại đoạn ghi hình", "Camera Ngã ba Quang Trung"]);
  assert.equal(row[9], '{"reason":"tìm trẻ lạc","seconds":40}');
});

test("every family of the filter has words, and an action of a newer centre is shown by its code", () => {
  for (const name of FAMILIES) assert.ok(dictionary[`family.${name}`], name);
  for (const name of LOOKS) assert.ok(FAMILIES.includes(name), name);
  assert.equal(actionWords(vi, "drone.flown"), "drone.flown");
});

test("every action that the centre enters has words", () => {
  const folder = new URL("../../api/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".py"));
  const sources = files.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const found = [...sources.matchAll(/(?:audit\.(?:note|look)\([^"]*|begin\(|end\()"([a-z_]+\.[a-z_]+)"/g)].map(([, code]) => code);
  assert.ok(found.length >= 15, String(found.length));
  for (const code of found) assert.ok(dictionary[`action.${code}`], code);
});
