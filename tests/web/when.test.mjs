import assert from "node:assert/strict";
import { test } from "node:test";
import { apart, readDay, readTime, sayDay, together } from "../../api/web/when.js";

for (const [typed, read] of [
  ["9", "09:00"], ["9h", "09:00"], ["9h5", "09:05"], ["9H05", "09:05"], ["21:05", "21:05"], ["0:00", "00:00"], ["23.59", "23:59"],
  ["905", "09:05"], ["2105", "21:05"], [" 7 : 30 ", "07:30"], ["24:00", null], ["12:60", null], ["9:05 PM", null], ["sáng", null],
  ["", null], ["12345678", null], ["-1", null],
]) {
  test(`"${typed}" is ${read ?? "no time"}`, () => assert.equal(readTime(typed), read));
}

test("seconds are kept where they are asked for", () => {
  assert.equal(readTime("21:05:09", true), "21:05:09");
  assert.equal(readTime("210509", true), "21:05:09");
  assert.equal(readTime("21:05", true), "21:05:00");
  assert.equal(readTime("21:05:09"), "21:05");
  assert.equal(readTime("21:05:61", true), null);
});

test("a value comes apart and together again", () => {
  for (const [value, seconds] of [["2026-11-22T09:30", false], ["2026-11-22T09:30:05", true]]) {
    assert.equal(together(apart(value, seconds), "2026-01-01", seconds), value);
  }
  assert.deepEqual(apart(""), { date: "", time: "" });
});

test("a time alone is today's, a date alone begins at midnight, and nothing is nothing", () => {
  assert.equal(together({ date: "", time: "9h" }, "2026-11-22"), "2026-11-22T09:00");
  assert.equal(together({ date: "2026-11-20", time: "" }, "2026-11-22"), "2026-11-20T00:00");
  assert.equal(together({ date: "", time: " " }, "2026-11-22"), "");
  assert.equal(together({ date: "2026-11-20", time: "25" }, "2026-11-22"), null);
});

for (const [typed, read] of [
  ["22/11/2026", "2026-11-22"], ["3/4/2026", "2026-04-03"], ["03-04-26", "2026-04-03"], [" 3.4.2026 ", "2026-04-03"], ["22112026", "2026-11-22"],
  ["22/11", "2026-11-22"], ["29/2/2028", "2028-02-29"], ["29/2/2026", null], ["11/22/2026", null], ["31/4", null], ["0/1/2026", null],
  ["2026-11-22", null], ["hôm qua", null], ["", null], ["22/11/202", null],
]) {
  test(`"${typed}" is ${read ?? "no day"}`, () => assert.equal(readDay(typed, "2026-01-31"), read));
}

test("a day is said day first, and read again as the same", () => {
  assert.equal(sayDay("2026-04-03"), "03/04/2026");
  assert.equal(readDay(sayDay("2026-04-03"), "2020-01-01"), "2026-04-03");
  assert.equal(sayDay(""), "");
});
