import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, matches, understand, wordsOf } from "../../api/web/fold.js";

const KINDS = {
  intrusion: ["Xâm nhập ngoài giờ", "xâm nhập", "đột nhập"],
  crowding: ["Tụ tập đông, chen chúc", "tụ tập"],
  occupancy: ["Quá số người cho phép", "quá đông", "đông người"],
  camera_dark: ["Hình quá tối"],
};

test("letters lose their marks, đ too, composed or not", () => {
  assert.equal(fold("ĐƯỜNG Yersin"), "duong yersin");
  assert.equal(fold("Chợ An Lưu".normalize("NFD")), fold("Chợ An Lưu".normalize("NFC")));
  assert.deepEqual(wordsOf("Cổng chợ, An-Lưu"), ["cong", "cho", "an", "luu"]);
});

test("each word of the text begins a word of the name, in any order", () => {
  assert.ok(matches("luu cho", "Chợ An Lưu"));
  assert.ok(matches("QUANG tr", "Phố Quang Trung"));
  assert.ok(!matches("hợ", "Chợ An Lưu"));
  assert.ok(matches("", "Chợ An Lưu"));
});

for (const [text, kinds, rest] of [
  ["xam nhap cho an luu", ["intrusion"], "cho an luu"],
  ["Chợ An Lưu ĐỘT NHẬP", ["intrusion"], "Chợ An Lưu"],
  ["xâm nhập ngoài giờ quang trung", ["intrusion"], "quang trung"],
  ["tu tap dong nguoi", ["crowding", "occupancy"], ""],
  ["hình quá tối", ["camera_dark"], ""],
  ["xâm", [], "xâm"],
  ["", [], ""],
]) {
  test(`"${text}" names ${kinds.join(" and ") || "no kind"}`, () => {
    assert.deepEqual(understand(text, KINDS), { kinds, rest });
  });
}
