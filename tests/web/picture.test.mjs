import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokenPictureError, parsePicture } from "../../api/web/picture.js";

const JPEG = [0xff, 0xd8, 0xff, 0xe0, 1, 2, 3];

function pack(header, jpeg = JPEG) {
  const head = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const message = new Uint8Array(4 + head.length + jpeg.length);
  new DataView(message.buffer).setUint32(0, head.length);
  message.set(head, 4);
  message.set(jpeg, 4 + head.length);
  return message.buffer;
}

const header = { camera: "cong-cho", captured_at: "2026-11-21T15:00:00.250Z", width: 768, height: 576 };

test("a picture comes apart into header, time and JPEG", () => {
  const track = { id: "t", label: "person", box: { x1: 0, y1: 0, x2: 1, y2: 1 }, confidence: 0.5 };
  const picture = parsePicture(pack({ ...header, tracks: [track] }));
  assert.deepEqual(picture.header.tracks, [track]);
  assert.equal(picture.capturedAt, Date.UTC(2026, 10, 21, 15, 0, 0, 250));
  assert.deepEqual([...picture.jpeg], JPEG);
});

test("a header without tracks means that nobody was seen", () => {
  assert.deepEqual(parsePicture(pack(header)).header.tracks, []);
});

for (const [name, message] of [
  ["empty", new ArrayBuffer(0)],
  ["shorter than its header", pack(header).slice(0, 20)],
  ["without a JPEG", pack(header, [])],
  ["with something else than a JPEG", pack(header, [0x89, 0x50, 0x4e])],
  ["with a header that is not JSON", pack("{camera")],
  ["with a header that is no object", pack("null")],
  ["with a header that lacks the camera", pack({ captured_at: header.captured_at })],
  ["with a time that is none", pack({ ...header, captured_at: "soon" })],
]) {
  test(`a message ${name} is refused`, () => assert.throws(() => parsePicture(message), BrokenPictureError));
}
