import assert from "node:assert/strict";
import { test } from "node:test";
import { enrols, firstPlace, openCodes, placeOfValue, placeValue, stageOf, timeLeft } from "../../api/web/box-enrolment.js";

const NOW = Date.parse("2026-11-22T03:00:00Z");
const code = (changes) => ({
  id: "1", box: "hop-cho", name: "Hộp chợ", ward: { id: "an-luu", name: "An Lưu" }, site: null, made_by: "tech",
  made_at: "2026-11-22T02:30:00Z", expires_at: "2026-11-22T03:30:00Z", used_at: null, state: "waiting", box_state: null, ...changes,
});

test("administrators and technicians let boxes in, nobody else", () => {
  assert.deepEqual(["admin", "technician", "operator", "police", "viewer"].filter((role) => enrols({ role })), ["admin", "technician"]);
  assert.equal(enrols(null), false);
});

test("a code goes from waiting over used to a box that is online", () => {
  assert.equal(stageOf(code(), NOW), "waiting");
  assert.equal(stageOf(code({ state: "used", box_state: "unknown" }), NOW), "used");
  assert.equal(stageOf(code({ state: "used", box_state: "online" }), NOW), "online");
  assert.equal(stageOf(code({ state: "withdrawn" }), NOW), "withdrawn");
});

test("a code whose hour is over is expired before the centre is asked again", () => {
  assert.equal(stageOf(code(), NOW + 30 * 60_000), "expired");
  assert.deepEqual(openCodes([code(), code({ state: "used" })], NOW + 30 * 60_000), []);
  assert.equal(openCodes([code(), code({ state: "used" })], NOW).length, 1);
});

test("what is left is shown as a clock shows it and never below nothing", () => {
  assert.equal(timeLeft("2026-11-22T03:30:00Z", NOW), "30:00");
  assert.equal(timeLeft("2026-11-22T03:00:07Z", NOW), "0:07");
  assert.equal(timeLeft("2026-11-22T02:00:00Z", NOW), "0:00");
});

test("a place is a site of a ward, or the ward alone", () => {
  assert.deepEqual(placeOfValue(placeValue("an-luu", "cho")), { ward: "an-luu", site: "cho" });
  assert.deepEqual(placeOfValue(placeValue("an-luu", null)), { ward: "an-luu", site: null });
  assert.equal(firstPlace([{ id: "a", name: "A", whole: false, sites: [] }, { id: "b", name: "B", whole: true, sites: [] }]), "b/");
  assert.equal(firstPlace([]), "");
});
