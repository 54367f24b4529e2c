import assert from "node:assert/strict";
import { test } from "node:test";
import { isBackwards, parametersOf, readSearch, spanOf, writeSearch } from "../../api/web/search.js";

const NOW = Date.parse("2026-11-22T20:00:00Z"); // three in the morning of the 23rd in Việt Nam
const KINDS = { intrusion: ["Xâm nhập"], crowding: ["Tụ tập"] };
const iso = (at) => (at === null ? null : new Date(at).toISOString());

test("an address without anything is the week's alerts, and writes nothing", () => {
  const search = readSearch({});
  assert.equal(search.when, "week");
  assert.deepEqual(writeSearch(search), {});
});

test("what stands in the address comes back from it", () => {
  const query = { q: "cho an luu", kind: "intrusion,loitering", severity: "high", site: "cho-an-luu", camera: "c1", when: "span",
    from: "2026-11-01", to: "2026-11-03", clip: "1" };
  assert.deepEqual(writeSearch(readSearch(query)), query);
});

test("nonsense in the address is as if it were not there", () => {
  assert.deepEqual(writeSearch(readSearch({ severity: "huge", when: "never", from: "x", clip: "yes" })), {});
});

for (const [when, from, to] of [
  ["today", "2026-11-22T17:00:00.000Z", null],
  ["yesterday", "2026-11-21T17:00:00.000Z", "2026-11-22T17:00:00.000Z"],
  ["week", "2026-11-16T17:00:00.000Z", null],
  ["all", null, null],
]) {
  test(`${when} is a span of local days`, () => {
    const span = spanOf(readSearch({ when }), NOW);
    assert.deepEqual([iso(span.from), iso(span.to)], [from, to]);
  });
}

test("a span holds its last day in full, and each end may be open", () => {
  const both = spanOf(readSearch({ when: "span", from: "2026-11-01", to: "2026-11-01" }), NOW);
  assert.deepEqual([iso(both.from), iso(both.to)], ["2026-10-31T17:00:00.000Z", "2026-11-01T17:00:00.000Z"]);
  assert.deepEqual(spanOf(readSearch({ when: "span" }), NOW), { from: null, to: null });
  assert.ok(isBackwards(readSearch({ when: "span", from: "2026-11-02", to: "2026-11-01" })));
  assert.ok(!isBackwards(readSearch({ when: "span", from: "2026-11-01", to: "2026-11-01" })));
});

test("the centre is asked for the kinds that the text names, and for the places that are left", () => {
  const asked = parametersOf(readSearch({ q: "xam nhap cho an luu", kind: "crowding", severity: "high", when: "all", clip: "1" }), KINDS, NOW);
  assert.equal(asked.toString(), "q=cho+an+luu&kind=crowding&kind=intrusion&severity=high&has=clip");
});
