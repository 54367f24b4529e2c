import assert from "node:assert/strict";
import { test } from "node:test";
import { boxesAt } from "../../api/web/boxes.js";
import { NONE, asks, crowded, joins, take, wishFor, wishesOf } from "../../api/web/quality.js";

const SUB = { width: 640, height: 360 };
const room = (width, height = 2 * width) => ({ width, height });

test("alone and enlarged a camera is shown in its main stream, among many in its sub-stream", () => {
  const tile = { enlarged: false, crowded: true, room: room(480), sub: SUB };
  assert.equal(wishFor(tile), "sub");
  assert.equal(wishFor({ ...tile, enlarged: true }), "main");
  assert.equal(wishFor({ ...tile, crowded: false }), "main");
  assert.equal(wishFor({ ...tile, sub: null, room: room(4000) }), "sub", "its size is not known yet");
});

test("a tile that would stretch the sub-stream too much takes the main stream", () => {
  const tile = { enlarged: false, crowded: true, sub: SUB };
  assert.equal(wishFor({ ...tile, room: room(960) }), "sub");
  assert.equal(wishFor({ ...tile, room: room(961) }), "main");
  assert.equal(wishFor({ ...tile, room: room(1920, 540) }), "sub", "what is not filled by the picture does not count");
});

test("four tiles are many, and so are those beside a large one", () => {
  assert.deepEqual([1, 2, 3, 4, 16].map((tiles) => crowded(tiles, false)), [false, false, false, true, true]);
  assert.ok(crowded(2, true));
});

const piece = (kind, stream, more = {}) => ({ header: { camera: "a", kind, stream, ...more }, capturedAt: 0, data: new Uint8Array() });
const named = ({ header }) => `${header.stream ?? "main"} ${header.kind}`;

/** Plays pieces, one each 100 ms. */
function played(wish, pieces, from = { playing: NONE, now: 0 }) {
  let { playing, now } = from;
  const got = [];
  for (const each of pieces) {
    now += 100;
    const taken = take(playing, each, wish, now);
    playing = taken.playing;
    got.push(...taken.pieces.map(named));
  }
  return { playing, now, got };
}
const of = (stream, ...kinds) => kinds.map((kind) => piece(kind, stream));

test("a stream begins with its key frame", () => {
  const { got, playing } = played("sub", [...of("sub", "init", "delta", "key", "delta")]);
  assert.deepEqual(got, ["sub init", "sub key", "sub delta"]);
  assert.equal(playing.shown, "sub");
  assert.equal(asks(playing, "sub"), "sub");
});

test("a piece that names no stream is of the main stream", () => {
  const { got, playing } = played("sub", [piece("init"), piece("key")]);
  assert.deepEqual(got, ["main init", "main key"]);
  assert.equal(playing.shown, "main");
});

for (const [wish, before] of [["main", "sub"], ["sub", "main"]]) {
  test(`changing over to the ${wish} stream, the other is shown up to the first key frame`, () => {
    const first = played(before, of(before, "init", "key", "delta"));
    assert.equal(asks(first.playing, wish), "both");
    const over = played(wish, [...of(before, "delta"), ...of(wish, "init"), ...of(before, "key"), ...of(wish, "key", "delta"),
      ...of(before, "delta", "key")], first);
    assert.deepEqual(over.got, [`${before} delta`, `${before} key`, `${wish} init`, `${wish} key`, `${wish} delta`]);
    assert.equal(asks(over.playing, wish), wish);
  });
}

test("where there is no sub-stream the main stream is shown, and nothing more is asked for", () => {
  const none = played("sub", [piece("end", "sub", { no_sub: "none" }), ...of("main", "init", "key", "delta")]);
  assert.deepEqual(none.got, ["main init", "main key", "main delta"]);
  assert.deepEqual([none.playing.over, asks(none.playing, "sub"), asks(none.playing, "main")], ["none", "sub", "main"]);
});

test("when the sub-stream ends the main stream takes over at once, and the sub-stream when it comes again", () => {
  const shown = played("sub", of("sub", "init", "key", "delta"));
  const ended = played("sub", [piece("end", "sub", { no_sub: "failed" }), ...of("main", "init", "key")], shown);
  assert.deepEqual([ended.got, ended.playing.over], [["main init", "main key"], "failed"]);
  const again = played("sub", of("sub", "init", "key", "delta"), ended);
  assert.deepEqual([again.got, again.playing.over], [["sub init", "sub key", "sub delta"], null]);
});

test("a sub-stream that is silent gives way to the main stream, if that comes", () => {
  const shown = played("sub", of("sub", "init", "key"));
  const early = played("sub", of("main", "init", "key"), shown);
  assert.deepEqual(early.got, []);
  assert.deepEqual(played("sub", of("main", "key", "delta"), { ...early, now: early.now + 2_000 }).got,
    ["main init", "main key", "main delta"]);
});

test("a stream that begins anew is played anew", () => {
  const shown = played("main", of("main", "init", "key", "delta"));
  assert.deepEqual(played("main", of("main", "init", "delta", "key"), shown).got, ["main init", "main key"]);
});

const wanted = (tiles) => new Map(Object.entries(tiles).map(([id, forms]) => [id, new Map(forms.map((form) => [{}, form]))]));

test("the centre is asked for what all tiles of the page want", () => {
  assert.deepEqual(wishesOf(wanted({ b: ["sub"], a: ["main"], c: ["pictures"], d: ["sub", "main"], e: ["both"], f: ["main", "pictures"] })), {
    cameras: ["a", "b", "c", "d", "e", "f"],
    video: ["a", "b", "d", "e", "f"],
    sub: ["b", "d", "e"],
    main: ["d", "e"],
  });
});

test("a tile that needs the beginning of a stream that the page has already makes it ask anew", () => {
  assert.ok(!joins(null, "sub", []));
  assert.ok(joins(null, "sub", ["sub"]));
  assert.ok(joins(null, "main", ["sub"]), "what comes instead of the sub-stream may be the main stream");
  assert.ok(!joins(null, "main", ["pictures"]));
  assert.ok(!joins("sub", "both", []), "its own change over");
  assert.ok(!joins("both", "main", ["main"]));
  assert.ok(joins("sub", "both", ["main"]));
  assert.ok(!joins("main", null, ["main"]));
});

test("boxes of frames of the main stream lie on frames of the sub-stream that came between them", () => {
  const box = (x1) => ({ x1, y1: 0.2, x2: x1 + 0.1, y2: 0.6 });
  const seen = [1_000, 1_200].map((capturedAt) => ({
    capturedAt,
    tracks: [{ id: "t", label: "person", confidence: 1, box: box(capturedAt / 4_000) }],
  }));
  for (const at of [1_037, 1_101, 1_166]) {
    const [track] = boxesAt(seen, at);
    assert.ok(Math.abs(track.box.x1 - at / 4_000) < 1e-9, `${at}`);
  }
  assert.deepEqual(boxesAt(seen, 2_300), [], "too old");
});
