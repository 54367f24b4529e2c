import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLocal, grantState, placeNames, placesOf, toLocal, withUnknown } from "../../api/web/access.js";

const ward = (id, name) => ({ id, name });
const AN_LUU = ward("an-luu", "Phường An Lưu");
const THINGS = [
  { ward: AN_LUU, site: ward("quang-trung", "Phố Quang Trung") },
  { ward: ward("phuong-4", "Phường 4"), site: null },
  { ward: AN_LUU, site: ward("cho", "Chợ An Lưu") },
  { ward: AN_LUU, site: ward("quang-trung", "Phố Quang Trung") },
];

test("places are those in which something hangs, each once, by name", () => {
  assert.deepEqual(placesOf(THINGS), [
    { ...ward("phuong-4", "Phường 4"), sites: [] },
    { ...AN_LUU, sites: [ward("cho", "Chợ An Lưu"), ward("quang-trung", "Phố Quang Trung")] },
  ]);
});

test("a user limited to sites sees these, and an unknown place is told by its id", () => {
  const places = placesOf(THINGS);
  assert.deepEqual(placeNames({ wards: ["an-luu"], sites: [] }, places), ["Phường An Lưu"]);
  assert.deepEqual(placeNames({ wards: ["an-luu"], sites: ["cho"] }, places), ["Chợ An Lưu"]);
  assert.deepEqual(placeNames({ wards: ["nowhere"], sites: [] }, places), ["nowhere"]);
  assert.deepEqual(withUnknown(["an-luu", "nowhere"], places).map(({ id }) => id), ["phuong-4", "an-luu", "nowhere"]);
});

test("a grant holds from its beginning until before its end, unless it was withdrawn", () => {
  const grant = { valid_from: "2026-11-22T01:00:00Z", valid_until: "2026-11-22T03:00:00Z", withdrawn_at: null };
  const at = (text) => grantState(grant, Date.parse(text));
  assert.equal(at("2026-11-22T00:59:59Z"), "later");
  assert.equal(at("2026-11-22T01:00:00Z"), "now");
  assert.equal(at("2026-11-22T03:00:00Z"), "ended");
  assert.equal(grantState({ ...grant, withdrawn_at: "2026-11-22T02:00:00Z" }, Date.parse("2026-11-22T02:30:00Z")), "withdrawn");
});

test("a moment is typed and shown in the time of the wards", () => {
  assert.equal(toLocal(Date.parse("2026-11-21T17:30:59Z")), "2026-11-22T00:30");
  assert.equal(fromLocal("2026-11-22T00:30"), "2026-11-21T17:30:00.000Z");
  assert.equal(fromLocal("2026-11-22T00:30:15"), "2026-11-21T17:30:00.000Z");
  assert.equal(fromLocal(""), null);
});
