import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokenVideoError, isVideo, parseVideo } from "../../api/web/video.js";

function pack(header, data = [1, 2, 3]) {
  const head = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const message = new Uint8Array(4 + head.length + data.length);
  new DataView(message.buffer).setUint32(0, (1 << 24) | head.length);
  message.set(head, 4);
  message.set(data, 4 + head.length);
  return message.buffer;
}

const header = { camera: "cong-cho", kind: "key", captured_at: "2026-11-21T15:00:00.250Z", sequence: 1, pts: 0 };

test("a piece comes apart into header, time and MP4", () => {
  const piece = parseVideo(pack(header));
  assert.equal(piece.header.kind, "key");
  assert.deepEqual(piece.header.tracks, []);
  assert.equal(piece.capturedAt, Date.UTC(2026, 10, 21, 15, 0, 0, 250));
  assert.deepEqual([...piece.data], [1, 2, 3]);
});

test("what was seen comes without MP4", () => {
  const track = { id: "t", label: "person", box: { x1: 0, y1: 0, x2: 1, y2: 1 }, confidence: 0.5 };
  const piece = parseVideo(pack({ ...header, kind: "tracks", tracks: [track] }, []));
  assert.deepEqual(piece.header.tracks, [track]);
});

test("that there is no sub-stream comes without MP4, and says why", () => {
  const piece = parseVideo(pack({ ...header, kind: "end", stream: "sub", no_sub: "failed" }, []));
  assert.deepEqual([piece.header.kind, piece.header.stream, piece.header.no_sub], ["end", "sub", "failed"]);
});

test("a picture is no video", () => {
  assert.ok(isVideo(pack(header)));
  assert.ok(!isVideo(new Uint8Array([0, 0, 0, 2, 123, 125]).buffer));
  assert.ok(!isVideo(new ArrayBuffer(0)));
});

for (const [name, message] of [
  ["of one byte", new Uint8Array([1]).buffer],
  ["shorter than its header", pack(header).slice(0, 20)],
  ["with a header that is not JSON", pack("{camera")],
  ["with a header that is no object", pack("null")],
  ["with a header that lacks the camera", pack({ ...header, camera: undefined })],
  ["of a kind that is not known", pack({ ...header, kind: "sound" })],
  ["with a time that is none", pack({ ...header, captured_at: "soon" })],
  ["without MP4", pack(header, [])],
  ["of what was seen, with MP4", pack({ ...header, kind: "tracks" })],
  ["that ends a stream, with MP4", pack({ ...header, kind: "end" })],
]) {
  test(`a piece ${name} is refused`, () => assert.throws(() => parseVideo(message), BrokenVideoError));
}
