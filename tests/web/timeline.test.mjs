import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LENGTHS, bar, dayOf, fieldOf, gaps, lasting, marks, momentOf, neighbourOf, panned, showing, spanAround, spanNow, sparkline, ticks,
  timeAt, windowOf, xOf, zoomed,
} from "../../api/web/timeline.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse("2026-11-22T05:00:00Z"); // noon in Việt Nam
const SPAN = { from: NOW - HOUR, to: NOW };
const event = (id, minutes, changes = {}) => ({
  id, kind: "intrusion", severity: "medium", opened_at: new Date(SPAN.from + minutes * MINUTE).toISOString(),
  snapshot: true, thumbnail: true, clip: false, ...changes,
});

test("a span lies around its moment and shows little of the future", () => {
  assert.deepEqual(spanAround(NOW - 5 * HOUR, HOUR, NOW), { from: NOW - 5.5 * HOUR, to: NOW - 4.5 * HOUR });
  const live = spanNow(HOUR, NOW);
  assert.equal(live.to - live.from, HOUR);
  assert.ok(live.to > NOW && live.to < NOW + 0.1 * HOUR);
});

test("what was under the pointer stays there while zooming", () => {
  const anchor = NOW - 45 * MINUTE;
  const closer = zoomed(SPAN, -1, anchor, NOW);
  assert.equal(closer.to - closer.from, 10 * MINUTE);
  assert.equal(Math.round(xOf(closer, 1000, anchor)), Math.round(xOf(SPAN, 1000, anchor)));
  assert.deepEqual(zoomed(closer, -1, anchor, NOW), closer);
  const day = zoomed({ from: NOW - 24 * HOUR, to: NOW }, 1, NOW, NOW);
  assert.equal(day.to - day.from, LENGTHS[0]);
});

test("nobody pans into the future", () => {
  assert.deepEqual(panned(SPAN, -HOUR, NOW), { from: NOW - 2 * HOUR, to: NOW - HOUR });
  assert.ok(panned(SPAN, 5 * HOUR, NOW).to < NOW + 0.1 * HOUR);
});

test("places and times are each other's reverse", () => {
  assert.equal(xOf(SPAN, 600, NOW), 600);
  assert.equal(timeAt(SPAN, 600, 150), NOW - 45 * MINUTE);
});

test("what is asked for covers what is shown, stays the same for small steps, and is at most two days", () => {
  for (const length of LENGTHS) {
    const span = spanAround(NOW - 3 * length - 1_234, length, NOW);
    const asked = windowOf(span, NOW);
    assert.ok(asked.from <= span.from && asked.to >= span.to);
    assert.ok(asked.to - asked.from <= 2 * LENGTHS[0]);
    assert.deepEqual(windowOf({ from: span.from + 1, to: span.to + 1 }, NOW), asked);
  }
  assert.ok(windowOf(spanNow(HOUR, NOW), NOW).to <= NOW + 2 * MINUTE);
});

test("ticks stand on full local times and have room for their labels", () => {
  for (const length of LENGTHS) {
    for (const width of [300, 900, 1800]) {
      const found = ticks(spanNow(length, NOW), width);
      assert.ok(found.length >= 2 && found.length <= width / 84 + 1, `${found.length} at ${width} of ${length}`);
    }
  }
  const day = ticks({ from: NOW - 24 * HOUR, to: NOW }, 900);
  assert.ok(day.some(({ midnight, at }) => midnight && fieldOf(at).endsWith("T00:00:00")));
});

test("events that lie too close are one mark of the gravest", () => {
  const found = marks([event("c", 31), event("b", 30.5, { severity: "critical", clip: true }), event("a", 5), event("out", 90)], SPAN, 600);
  assert.deepEqual(found.map(({ id, severity, ids, clip }) => ({ id, severity, ids, clip })), [
    { id: "a", severity: "medium", ids: ["a"], clip: false },
    { id: "b", severity: "critical", ids: ["b", "c"], clip: true },
  ]);
  assert.deepEqual(found.map(({ x }) => x), [50, 305]);
});

test("bars are cut at the edges and never vanish", () => {
  assert.deepEqual(bar(SPAN.from - HOUR, SPAN.from + 30 * MINUTE, SPAN, 600), { x: 0, width: 300 });
  assert.deepEqual(bar(NOW - HOUR / 2, NOW - HOUR / 2, SPAN, 600), { x: 300, width: 2 });
  assert.equal(bar(NOW + 1, NOW + HOUR, SPAN, 600), null);
  assert.equal(bar(SPAN.from - HOUR, SPAN.from - 1, SPAN, 600), null);
});

test("an open event lasts until now", () => {
  const [open, closed] = lasting([event("a", 30), event("b", 0, { closed_at: new Date(SPAN.from + 6 * MINUTE).toISOString() })], SPAN, 600, NOW);
  assert.deepEqual([open.x, open.width], [300, 300]);
  assert.deepEqual([closed.x, closed.width], [0, 60]);
});

test("only what was not streaming is a gap", () => {
  const at = (minutes) => new Date(SPAN.from + minutes * MINUTE).toISOString();
  const found = gaps([{ from: at(-60), to: at(10), state: "streaming", share: 1 }, { from: at(10), to: at(20), state: "down", share: 0 },
    { from: at(20), to: at(80), state: "silent" }], SPAN, 600);
  assert.deepEqual(found.map(({ state, x, width }) => [state, x, width]), [["down", 100, 100], ["silent", 200, 400]]);
});

test("the line of people has steps, and a hole where nothing was counted", () => {
  const at = (minutes) => new Date(SPAN.from + minutes * MINUTE).toISOString();
  const { lines, highest } = sparkline([{ at: at(30), mean: 1, highest: 4 }, { at: at(0), mean: 1, highest: 2 }, { at: at(5), mean: 0, highest: 0 }],
    SPAN, 600, 20, 5 * MINUTE);
  assert.equal(highest, 4);
  assert.deepEqual(lines, [[[0, 10], [50, 10], [50, 20], [100, 20]], [[300, 0], [350, 0]]]);
  assert.deepEqual(sparkline([], SPAN, 600, 20, MINUTE), { lines: [], highest: 0 });
});

test("the keyboard walks through the events in time", () => {
  const events = [event("c", 50), event("b", 30), event("a", 10)];
  assert.equal(neighbourOf(events, null, 1, SPAN)?.id, "c");
  assert.equal(neighbourOf(events, "c", -1, SPAN)?.id, "b");
  assert.equal(neighbourOf(events, "c", 1, SPAN)?.id, "c");
  assert.equal(neighbourOf([], null, 1, SPAN), null);
});

test("a span moves only for what it does not show", () => {
  assert.equal(showing(SPAN, NOW - HOUR / 2, NOW), SPAN);
  const moved = showing(SPAN, NOW - 5 * HOUR, NOW);
  assert.equal(moved.from + HOUR / 2, NOW - 5 * HOUR);
});

test("a field of date and time is in Việt Nam's time wherever the screen stands", () => {
  assert.equal(fieldOf(NOW), "2026-11-22T12:00:00");
  assert.equal(momentOf("2026-11-22T12:00"), NOW);
  assert.equal(momentOf(fieldOf(NOW + 5_000)), NOW + 5_000);
  assert.equal(momentOf(""), null);
  assert.equal(fieldOf(dayOf(Date.parse("2026-11-21T18:00:00Z"))), "2026-11-22T00:00:00");
});
