import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isEventless } from "../../api/web/incidents.js";
import { lane } from "../../api/web/lane.js";
import {
  bars, byWard, ends, minutesWords, outageWords, payableShare, readPercent, setsTargets, standing, tellsOfBanks, trend, verifiedShare,
} from "../../api/web/payability.js";
import { translator } from "../../api/web/translate.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../../api/web/${name}`, import.meta.url), "utf8"));
const t = translator(read("locales/vi.json"));
const NOW = Date.parse("2026-02-10T08:00:00Z"); // 15:00 in Vietnam

const site = (changes) => ({
  ward: "an-luu", ward_name: "Phường An Lưu", site: "quang-trung", site_name: "Phố Quang Trung", kind: "street", points: 10, verified: 8,
  payable: 9, not_payable: 1, closed: 0, unknown: 0, lost_minutes: 12, target: { payable: 0.9, verified: 0.9, of: "usual" }, ...changes,
});
const outage = (changes) => ({
  ward: "an-luu", cause: "power", place: "quang-trung", site: "quang-trung", bank_name: null, point: null, points: 12,
  began: "2026-02-10T07:02:11Z", ended: null, ...changes,
});
const nameOf = () => "Phố Quang Trung";
const said = (changes) => outageWords(t, outage(changes), nameOf, NOW);

test("sites are summed up by ward", () => {
  const [an, bon] = byWard([site(), site({ site: "cho", points: 5, payable: 2, lost_minutes: 0 }), site({ ward: "phuong-4", ward_name: "Phường 4" })]);
  assert.deepEqual([an.id, an.sites.length, an.sums.points, an.sums.payable, an.sums.lost_minutes], ["an-luu", 2, 15, 11, 12]);
  assert.equal(bon.sums.points, 10);
});

test("what nobody hears of is in no share, and of nothing there is none", () => {
  assert.equal(payableShare({ payable: 9, not_payable: 1 }), 0.9);
  assert.equal(payableShare({ payable: 0, not_payable: 0 }), null);
  assert.equal(verifiedShare({ verified: 4, points: 8 }), 0.5);
  assert.equal(verifiedShare({ verified: 0, points: 0 }), null);
});

test("a share stands to its target by colour, sign and word", () => {
  for (const [share, tone, word] of [[0.9, "good", "reached"], [0.85, "warn", "near"], [0.8, "warn", "near"], [0.79, "bad", "missed"], [null, "quiet", "unknown"]]) {
    const found = standing(share, 0.9);
    assert.deepEqual([found.tone, found.word], [tone, word], String(share));
    assert.ok(found.icon);
  }
});

test("an outage is said with its place, its time and its points", () => {
  assert.equal(said({}), "Mất điện Phố Quang Trung từ 14:02: 12 điểm");
  assert.equal(said({ ended: "2026-02-10T07:40:00Z" }), "Mất điện Phố Quang Trung từ 14:02 đến 14:40: 12 điểm");
  assert.equal(said({ cause: "device", point: "Sạp bà Hòa", points: 1 }), "Thiết bị báo tiền của Sạp bà Hòa không hoạt động từ 14:02: 1 điểm");
  assert.equal(said({ cause: "stall", points: 4 }), "Nhiều quầy ở Phố Quang Trung cùng mất tín hiệu từ 14:02: 4 điểm");
  assert.equal(said({ cause: "bank", site: null, bank_name: "BIDV" }), "Ngân hàng BIDV đang gián đoạn từ 14:02: 12 điểm");
  assert.equal(said({ cause: "uplink", site: null }), "Mất mạng toàn phường từ 14:02: 12 điểm");
  assert.match(said({ began: "2026-02-09T07:02:11Z" }), /từ 14:02 09\/02/);
});

test("every cause that the centre knows is said in both languages", () => {
  const english = translator(read("locales/en.json"));
  for (const cause of ["power", "uplink", "stall", "device", "bank", "code"]) {
    for (const points of [1, 3]) {
      for (const words of [t, english]) assert.doesNotMatch(outageWords(words, outage({ cause, points }), nameOf, NOW), /payability\./);
    }
  }
});

test("the trend weighs sites by the minutes in which they were open", () => {
  const day = (changes) => ({ day: "2026-02-09", points: 10, verified: 5, open_minutes: 100, payable_share: 1, lost_minutes: 1, ...changes });
  const line = trend([day({ day: "2026-02-10", payable_share: null, open_minutes: 0 }), day({}), day({ open_minutes: 300, payable_share: 0.5, lost_minutes: 150 })]);
  assert.deepEqual(line.map(({ day: name, share, lost }) => [name, share, lost]), [["2026-02-09", 0.625, 151], ["2026-02-10", null, 1]]);
  assert.deepEqual(bars(line, 100, 10), [{ n: 0, x: 7.5, width: 35, y: 3.8, height: 6.3 }]);
  assert.deepEqual(bars([], 100, 10), []);
});

test("a percent is read with a point or a comma, and nothing else", () => {
  for (const [text, share] of [["90", 0.9], ["92,5", 0.925], ["92.5 %", 0.925], ["0", 0], ["100%", 1], ["101", null], ["-1", null], ["", null], ["x", null]]) {
    assert.equal(readPercent(text), share, text);
  }
});

test("minutes become hours where there are many", () => {
  assert.equal(minutesWords(t, 119.4), "119 phút");
  assert.equal(minutesWords(t, 150), "2,5 giờ");
});

test("a notice ends in hours or at midnight in Vietnam", () => {
  const found = ends(NOW).map(({ at }) => at);
  assert.equal(found[0], "2026-02-10T09:00:00.000Z");
  assert.equal(found[4], "2026-02-10T17:00:00.000Z");
});

test("officers tell of banks, operators and administrators set targets", () => {
  assert.deepEqual(["admin", "operator", "police", "technician", "viewer"].filter((role) => tellsOfBanks({ role })), ["admin", "operator", "police"]);
  assert.deepEqual(["admin", "operator", "police", "technician", "viewer"].filter((role) => setsTargets({ role })), ["admin", "operator"]);
  assert.equal(tellsOfBanks(null), false);
});

test("an outage stands open in the lane although no event tells of it, unless something explains it", () => {
  assert.ok(isEventless("payment_outage_power"));
  assert.ok(!isEventless("intrusion"));
  const incident = (id, changes) => ({ id, kind: "payment_outage_power", state: "new", severity: "high", opened_at: "2026-02-10T07:02:11Z", open_events: 0, under: null, ...changes });
  const incidents = { a: incident("a"), b: incident("b", { kind: "payment_outage_device", under: "a" }) };
  const { open, ended } = lane({}, { incidents, incidentOf: {}, filter: "unhandled" });
  assert.deepEqual([open.map(({ key }) => key), ended], [["a"], []]);
});
