import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { counts, faults, goods, readsReports, sentence } from "../../api/web/findings.js";
import { translator } from "../../api/web/translate.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../../api/web/locales/${name}.json`, import.meta.url), "utf8"));
const vi = translator(read("vi"));
const en = translator(read("en"));

const finding = (code, level = "bad", values = {}) => ({ code, level, values });

test("a finding is said in the reader's language, its codes and numbers too", () => {
  const slow = finding("camera_slow", "bad", { camera: "cho-1", stream: "sub", fps: 1.5, claimed: 25 });
  assert.match(sentence(vi, slow), /^Camera 'cho-1', luồng phụ: thật ra chỉ gửi 1,5 hình\/giây dù khai báo 25\./);
  assert.match(sentence(en, slow), /^Camera 'cho-1', sub-stream: it really sends 1.5 pictures\/s/);
});

test("a length of time is told in the unit that says most", () => {
  const off = (seconds) => sentence(vi, finding("camera_clock_off", "bad", { camera: "a", off_s: seconds }));
  for (const [seconds, said] of [[2.4, "2,4 giây"], [59, "59 giây"], [90, "2 phút"], [-7200, "2 giờ"], [86400 * 30, "30 ngày"], [0, "0 giây"]]) {
    assert.ok(off(seconds).includes(`lệch ${said}.`), off(seconds));
  }
});

test("a code or a value that the page lacks is shown as it is", () => {
  assert.equal(sentence(vi, finding("of_a_newer_box")), "of_a_newer_box");
  assert.match(sentence(vi, finding("broker_unreachable", "bad", { host: "h", port: 1883, reason: "moon" })), /h:1883 \(moon\)/);
  assert.match(sentence(vi, finding("camera_unreachable", "bad", { camera: "timeout", host: "main" })), /camera 'timeout' \(main\)/);
});

test("the gravest come first, and what is well apart", () => {
  const report = { findings: [finding("a", "ok"), finding("b", "warn"), finding("c", "bad"), finding("d", "warn")] };
  assert.deepEqual(faults(report).map(({ code }) => code), ["c", "b", "d"]);
  assert.deepEqual(goods(report).map(({ code }) => code), ["a"]);
  assert.deepEqual(counts(report), { bad: 1, warn: 2, ok: 1 });
});

test("who looks after boxes reads their reports", () => {
  assert.deepEqual(["admin", "operator", "technician", "police", "viewer"].map((role) => readsReports({ role })), [true, true, true, false, false]);
  assert.equal(readsReports(null), false);
});
