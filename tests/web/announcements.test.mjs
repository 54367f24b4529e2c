import assert from "node:assert/strict";
import test from "node:test";
import { apart, approval, chipOf, chosen, emptyDraft, heardOn, inOrder, lacking, moving, sentence, sitesOf, wishOf } from "../../api/web/announcements.js";

const SPEAKERS = [
  { id: "loa-1", name: "Loa 1", site: "cho", site_name: "Chợ An Lưu", ward: "an-luu" },
  { id: "loa-2", name: "Loa 2", site: "cho", site_name: "Chợ An Lưu", ward: "an-luu" },
  { id: "loa-3", name: "Loa 3", site: "pho", site_name: "Phố Quang Trung", ward: "an-luu" },
];
const STALL = {
  id: "kiem-tra", name: { vi: "Kiểm tra", en: "Check" }, places: ["stall"], priority: "urgent", preapproved: false,
  text: { vi: "Quầy {stall} tại {site} kiểm tra mã.", en: "Stall {stall} at {site}, check." },
};
const FIRE = { ...STALL, id: "chay", places: [], priority: "fire", preapproved: true, text: { vi: "Cháy tại {site}.", en: "Fire at {site}." } };
const draft = (changes = {}) => ({ ...emptyDraft(SPEAKERS, undefined), ...changes });

test("a link from an incident chooses its site, and one that has no speaker does not", () => {
  assert.equal(emptyDraft(SPEAKERS, "pho").site, "pho");
  assert.equal(emptyDraft(SPEAKERS, "khac").site, "cho");
  assert.equal(emptyDraft([], "pho").site, "");
  assert.deepEqual(sitesOf(SPEAKERS), [{ id: "cho", name: "Chợ An Lưu" }, { id: "pho", name: "Phố Quang Trung" }]);
});

test("what will be said shows a gap for what is missing", () => {
  assert.equal(sentence(draft(), STALL, "Chợ An Lưu"), "Quầy …… tại Chợ An Lưu kiểm tra mã.");
  assert.equal(sentence(draft({ stall: " A14 " }), STALL, "Chợ An Lưu"), "Quầy A14 tại Chợ An Lưu kiểm tra mã.");
  assert.equal(sentence(draft({ language: "en" }), FIRE, "Chợ An Lưu"), "Fire at Chợ An Lưu.");
  assert.equal(sentence(draft({ text: "  Mời  họp\n" }), null, "Chợ"), "Mời họp");
});

for (const [name, given, template, expected] of [
  ["nothing", {}, FIRE, null],
  ["every speaker left out", { silent: ["loa-1", "loa-2"] }, FIRE, "announce.lacks.speaker"],
  ["no words", { text: "  " }, null, "announce.lacks.text"],
  ["words", { text: "Mời họp" }, null, null],
  ["no stall", {}, STALL, "announce.lacks.stall"],
  ["a stall that cannot be said", { stall: "[[x]]" }, STALL, "announce.lacks.sayable"],
  ["a stall", { stall: "A-14" }, STALL, null],
]) {
  test(`what a draft lacks: ${name}`, () => assert.equal(lacking(draft(given), template, SPEAKERS), expected));
}

test("only the speakers of the site that were not left out are asked", () => {
  const one = draft({ silent: ["loa-2"], template: "kiem-tra", stall: " A14 " });
  assert.deepEqual(chosen(one, SPEAKERS).map(({ id }) => id), ["loa-1"]);
  assert.deepEqual(wishOf(one, "i1", SPEAKERS), {
    site: "cho", language: "vi", template: "kiem-tra", stall: "A14", plate: "", speakers: ["loa-1"], incident: "i1",
  });
  assert.deepEqual(wishOf(draft({ text: "Mời họp" }), null, SPEAKERS), {
    site: "cho", language: "vi", text: "Mời họp", speakers: ["loa-1", "loa-2"],
  });
});

test("who approves follows from the text and the role", () => {
  assert.equal(approval(FIRE, { approves: false }), "nobody");
  assert.equal(approval(STALL, { approves: true }), "now");
  assert.equal(approval(STALL, { approves: false }), "later");
  assert.equal(approval(null, { approves: true }), "later");
});

test("fire comes first among the texts", () => {
  assert.deepEqual(inOrder([{ ...STALL, priority: "normal" }, STALL, FIRE]).map(({ priority }) => priority), ["fire", "urgent", "normal"]);
});

test("what waits is apart from what was said, and what moves is looked at often", () => {
  const items = [{ state: "proposed" }, { state: "played" }];
  assert.deepEqual(apart(items), { waiting: [items[0]], others: [items[1]] });
  assert.equal(moving(items), true);
  assert.equal(moving([{ state: "played" }, { state: "expired" }]), false);
});

test("a state has a colour and a count beside it", () => {
  assert.equal(chipOf("played"), "chip--good");
  assert.equal(chipOf("something new"), "chip--quiet");
  assert.deepEqual(heardOn({ plays: [{ state: "played" }, { state: "failed" }] }), { n: 1, all: 2 });
});
