import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ago, dateOf, duration, longDate, moment, number, pictureAge, timeOfDay } from "../../api/web/format.js";
import { codeWords, translator } from "../../api/web/translate.js";
import { counted, whyRows, whySentence } from "../../api/web/why.js";
import { event } from "./samples.mjs";

const load = (name) => JSON.parse(readFileSync(new URL(`../../api/web/locales/${name}.json`, import.meta.url), "utf8"));
const vi = translator(load("vi"));
const en = translator(load("en"));
const NIGHT = Date.parse("2026-11-21T17:05:09.000Z");

test("times are Vietnamese times of 24 hours", () => {
  assert.equal(timeOfDay(NIGHT), "00:05:09");
  assert.equal(dateOf(NIGHT), "22/11/2026");
  assert.equal(longDate(vi, NIGHT), "Chủ Nhật, 22/11/2026");
  assert.equal(longDate(en, NIGHT), "Sunday, 22/11/2026");
});

test("a moment names its day only when it is another", () => {
  assert.equal(moment(NIGHT, NIGHT + 60_000), "00:05:09");
  assert.equal(moment(NIGHT - 600_000, NIGHT), "23:55:09 21/11");
});

for (const [ms, vietnamese, english] of [
  [-5, "0 giây", "0 s"],
  [45_900, "45 giây", "45 s"],
  [60_000, "1 phút", "1 min"],
  [200_000, "3 phút 20 giây", "3 min 20 s"],
  [3_900_000, "1 giờ 5 phút", "1 h 5 min"],
  [7_200_000, "2 giờ", "2 h"],
  [93_600_000, "1 ngày 2 giờ", "1 d 2 h"],
]) {
  test(`${ms} ms last ${english}`, () => assert.deepEqual([duration(vi, ms), duration(en, ms)], [vietnamese, english]));
}

for (const [ms, vietnamese, english] of [
  [4_999, "vừa xong", "just now"],
  [12_000, "12 giây trước", "12 s ago"],
  [180_000, "3 phút trước", "3 min ago"],
  [7_300_000, "2 giờ trước", "2 h ago"],
  [90_000_000, "1 ngày trước", "1 day ago"],
  [200_000_000, "2 ngày trước", "2 days ago"],
]) {
  test(`${ms} ms are ${english}`, () => assert.deepEqual([ago(vi, ms), ago(en, ms)], [vietnamese, english]));
}

for (const [ms, vietnamese] of [[324, "320 ms"], [1_440, "1,4 s"], [12_900, "12 s"], [125_000, "2 phút 5 giây"]]) {
  test(`a picture of ${ms} ms is ${vietnamese} old`, () => assert.equal(pictureAge(vi, ms), vietnamese));
}

test("numbers carry the language's decimal mark", () => {
  assert.deepEqual([number(vi, 4.84), number(en, 4.84), number(vi, 10)], ["4,8", "4.8", "10"]);
});

test("placeholders are filled, unknown keys and codes stay as they are, one is one", () => {
  assert.equal(vi("tile.stale", { age: "5 s" }), "Hình cũ 5 s");
  assert.equal(vi("no.such.key"), "no.such.key");
  assert.equal(codeWords(vi, "kind", "intrusion"), "Xâm nhập ngoài giờ");
  assert.equal(codeWords(vi, "kind", "telepathy"), "telepathy");
  assert.equal(codeWords(vi, "reason", undefined), "");
  assert.deepEqual([en("tile.people", { n: 1 }), en("tile.people", { n: 3 })], ["1 person", "3 people"]);
});

test("why an event fired becomes words, and an unknown key stays raw", () => {
  const intrusion = event({ why: { seconds_in_zone: 12.4, threshold_s: 10, schedule: "22:00-05:00", lux: 0.25 } });
  assert.equal(whySentence(vi, intrusion), "Có người ở trong khu vực 12 giây trong giờ cấm vào; ngưỡng báo là 10 giây.");
  assert.deepEqual(whyRows(vi, intrusion).map(({ name, value }) => `${name}: ${value}`), [
    "Thời gian ở trong khu vực: 12 giây", "Ngưỡng thời gian: 10 giây", "Khung giờ áp dụng: 22:00 – 05:00", "lux: 0,3",
  ]);
  assert.equal(whySentence(vi, event({ why: {} })), null);
  assert.equal(whySentence(en, event({ kind: "occupancy", why: { count: 6, threshold: 5 } })), "6 people were in the zone; the limit is 5.");
});

const HOW_LONG = { seconds_stopped: 65, threshold_s: 60, label: "motorcycle", radius: 0.25 };
for (const [kind, why, vietnamese, english] of [
  ["loitering", { seconds_in_zone: 35, threshold_s: 30 },
    "Một người ở trong khu vực 35 giây (ngưỡng 30 giây).", "One person stayed in the zone for 35 s (the limit is 30 s)."],
  ["crowding", { count: 12, density_m2: 2.448, threshold_m2: 2.25 },
    "Có 12 người trong khu vực, mật độ 2,45 người/m² (ngưỡng 2,25 người/m²).",
    "12 people in the zone, 2.45 people/m² (the limit is 2.25 people/m²)."],
  ["crowding", { count: 12, density_picture: 61.4, threshold_picture: 50 },
    "Có 12 người đứng dày trong khu vực; mật độ 61,4 vượt ngưỡng 50.",
    "12 people stand close together in the zone; the density 61.4 is above the limit 50."],
  ["wrong_way", { distance: 0.156, threshold_distance: 0.1, seconds_against: 2.8, threshold_s: 1 },
    "Có đối tượng đi ngược chiều suốt 16% khung hình (ngưỡng 10%), trong 2 giây.",
    "Something went against the direction over 16% of the picture (the limit is 10%), in 2 s."],
  ["stopped_vehicle", HOW_LONG, "Xe máy đứng yên tại chỗ 1 phút 5 giây (ngưỡng 1 phút).", "Motorcycle: at rest for 1 min 5 s (the limit is 1 min)."],
  ["blocked_fire_lane", { ...HOW_LONG, label: "object" }, "Đồ vật nằm trên lối xe chữa cháy 1 phút 5 giây (ngưỡng 1 phút).",
    "Object: in the fire lane for 1 min 5 s (the limit is 1 min)."],
  ["left_object", { label: "bag", seconds_there: 50, seconds_alone: 31, threshold_s: 30 },
    "Túi, hành lý nằm tại chỗ 50 giây, đã 31 giây không có ai ở gần (ngưỡng 30 giây).",
    "Bag: in place for 50 s, with nobody near for 31 s (the limit is 30 s)."],
  ["line_crossing", { crossings: 3, threshold_crossings: 3, window_s: 60, direction: "out" },
    "Có 3 lượt qua vạch trong 1 phút (ngưỡng 3 lượt).", "3 crossings of the line within 1 min (the limit is 3)."],
  ["heat", { metric: "temperature", value: 61.5, bound: 60 }, "Nhiệt độ đo được 61,5°C, ngưỡng báo là 60°C.", "61.5°C was measured; the limit is 60°C."],
  ["heat", { metric: "heat", value: 1, bound: 1 }, "Đầu báo nhiệt đang báo động.", "The heat detector raises an alarm."],
  ["after_hours_load", { metric: "current_a", value: 3.2, bound: 0.5, camera: "cho-1" },
    "Ngoài giờ hoạt động vẫn có tải điện: dòng điện (A) là 3,2, ngưỡng báo là 0,5.", "There is load after hours: current (A) is 3.2; the limit is 0.5."],
  ["device_silent", { silent_s: 190, period_s: 60 }, "Không có tin từ thiết bị suốt 3 phút 10 giây; bình thường cứ 1 phút có tin một lần.",
    "Nothing was heard of the device for 3 min 10 s; usually it says something every 1 min."],
  ["payment_code_mismatch", { code: "8ca62798c8d5", nature: "not_ours", reads: 4, bank: "970416", bank_name: "ACB", last_four: "6551" },
    "Mã đang treo chuyển tiền về ACB •••• 6551, không phải tài khoản đã đăng ký của điểm này.",
    "The code that hangs there pays ACB •••• 6551, which is not an account registered for this point."],
  ["payment_code_mismatch", { code: "8ca62798c8d5", nature: "not_ours", reads: 4, bank: "970499" },
    "Mã đang treo chuyển tiền về 970499, không phải tài khoản đã đăng ký của điểm này.",
    "The code that hangs there pays 970499, which is not an account registered for this point."],
  ["payment_code_mismatch", { code: "8ca62798c8d5", nature: "broken", reads: 4 },
    "Mã đang treo mang dạng mã thanh toán nhưng không hợp lệ.", "The code that hangs there looks like a payment code and is not a valid one."],
  ["payment_code_foreign", { code: "8ca62798c8d5", nature: "foreign", reads: 4, host: "nhan-qua.example" },
    "Ở chỗ treo mã thanh toán là một mã mở trang nhan-qua.example.", "Where the payment code should hang is a code that opens nhan-qua.example."],
  ["payment_code_added", { code: "8ca62798c8d5", nature: "foreign", reads: 4 },
    "Cạnh mã của điểm này có thêm một mã không dùng để thanh toán.", "Beside the code of this point is another one, which is not for payment."],
  ["payment_code_missing", { seconds: 20, threshold_s: 20, somebody_s: 3 },
    "Chỗ treo mã trống suốt 20 giây (ngưỡng 20 giây).", "The place of the code was empty for 20 s (limit 20 s)."],
  ["gateway_silent", { silent_s: 190, period_s: 60, children: 40 },
    "Bộ trung tâm không phản hồi; chưa rõ tình trạng của 40 thiết bị phía sau.", "The gateway is silent; nothing is known of the 40 devices behind it."],
]) {
  test(`why ${kind} is said in words: ${english}`, () => {
    assert.deepEqual([whySentence(vi, event({ kind, why })), whySentence(en, event({ kind, why }))], [vietnamese, english]);
    for (const { key, name } of whyRows(vi, event({ kind, why }))) assert.notEqual(name, key);
  });
}

test("what says yes or no is said by its sentence alone, and a camera by its name", () => {
  const smoke = event({ kind: "smoke", why: { metric: "smoke", value: 1, bound: 1, camera: "cho-1" } });
  assert.equal(whySentence(vi, smoke), "Đầu báo khói đang báo động.");
  assert.deepEqual(whyRows(vi, smoke, (id) => `Camera ${id}`), [{ key: "camera", name: "Camera đối chiếu", value: "Camera cho-1" }]);
  const hot = event({ kind: "heat", why: { metric: "temperature", value: 63, bound: 60 } });
  assert.deepEqual(whyRows(vi, hot).map(({ value }) => value), ["nhiệt độ (°C)", "63", "60"]);
});

test("a count counts people, things or crossings", () => {
  assert.deepEqual(["loitering", "left_object", "line_crossing", "telepathy"].map(counted), ["people", "objects", "crossings", "people"]);
});
