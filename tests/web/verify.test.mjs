import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bytesOf, readMembers } from "../../api/web/verify/archive.js";
import { check } from "../../api/web/verify/check.js";
import { fingerprint, readKey } from "../../api/web/verify/key.js";
import { clockWords, fileStates, groups, headline, isProven, keyState, momentOf, sizeWords } from "../../api/web/verify/tell.js";
import { WORDS } from "../../api/web/verify/words.js";
import { translator } from "../../api/web/translate.js";

// The same bytes as tests/contracts/test_evidence.py pins; that file is written by the centre's own code.
const WHOLE = readFileSync(new URL("../contracts/golden/evidence.zip", import.meta.url));
const KEY_ID = "a050837d85070582ccf7394b0988847cc312cb88259b894899f6f239cf1791a5";

const judged = (bytes) => check(new Blob([bytes]));
const codes = ({ faults }) => faults.map(({ code, path }) => (path === null ? code : `${code} ${path}`));

function changed(at, by = 1) {
  const bytes = Uint8Array.from(WHOLE);
  bytes[at] ^= by;
  return bytes;
}

/** Where a file's bytes begin. */
async function placeOf(path) {
  return (await readMembers(new Blob([WHOLE]))).find((member) => member.path === path).place;
}

test("an export of the centre is untouched, and says by which key", async () => {
  const heard = [];
  const verdict = await check(new Blob([WHOLE]), (share) => heard.push(share));
  assert.deepEqual([verdict.state, verdict.faults, verdict.keyId], ["untouched", [], KEY_ID]);
  assert.equal(verdict.manifest.export.reason, "đối chiếu vụ mất xe");
  assert.ok(heard.at(-1) > 0.5 && heard.at(-1) <= 1);
});

test("no byte of the archive can be changed unseen", async () => {
  for (let at = 0; at < WHOLE.length; at += 1) {
    if (at % 31 > 0 && at > 50 && at < WHOLE.length - 70) continue; // each kind of byte is met many times over
    assert.notEqual((await judged(changed(at))).state, "untouched", `byte ${at}`);
  }
});

test("no end can be cut off unseen", async () => {
  for (let length = 0; length < WHOLE.length; length += 97) {
    assert.notEqual((await judged(WHOLE.subarray(0, length))).state, "untouched", `${length} bytes`);
  }
});

test("the file that was changed is named, and the others are as they were", async () => {
  const verdict = await judged(changed((await placeOf("snapshot.jpg")) + 20));
  assert.deepEqual([verdict.state, codes(verdict)], ["touched", ["file_changed snapshot.jpg"]]);
  const states = Object.fromEntries(fileStates(verdict).map(({ path, state }) => [path, state]));
  assert.deepEqual(states, {
    "clip.mp4": "ok", "snapshot.jpg": "changed", "event.json": "ok", "README.txt": "ok", "thumbnail.jpg": "absent",
  });
  assert.ok(isProven(verdict));
});

test("a changed manifest, signature or key is said, and nothing of it is shown as signed", async () => {
  const manifest = await judged(changed((await placeOf("manifest.json")) + 2));
  assert.ok(codes(manifest).includes("signature_wrong"));
  assert.ok(!isProven(manifest));
  const signature = await judged(changed(await placeOf("manifest.sig")));
  assert.ok(codes(signature).includes("signature_wrong"));
  assert.ok(!isProven(signature));
  const key = await judged(changed((await placeOf("key.pem")) + 60));
  assert.ok(codes(key).includes("key_changed key.pem"));
  assert.ok(!isProven(key));
});

test("what is no export is unreadable, not touched", async () => {
  for (const bytes of [new Uint8Array(), new TextEncoder().encode("a photo"), new Uint8Array(5000).fill(0x7f)]) {
    const verdict = await judged(bytes);
    assert.deepEqual([verdict.state, codes(verdict)], ["unreadable", ["no_archive"]]);
  }
});

test("a whole export by another key is told from the ward's once the ward's is entered", async () => {
  const verdict = await judged(WHOLE);
  assert.equal(headline(verdict, keyState(verdict.keyId, null)), "untouched");
  assert.equal(headline(verdict, keyState(verdict.keyId, KEY_ID)), "untouched");
  assert.equal(headline(verdict, keyState(verdict.keyId, "ab".repeat(32))), "other");
});

test("a key is read only where it is written in the one usual way", async () => {
  const bytes = new Blob([WHOLE]);
  const { place, size } = (await readMembers(bytes)).find(({ path }) => path === "key.pem");
  const pem = await bytesOf(bytes, place, size);
  assert.equal(readKey(pem).id, KEY_ID);
  const text = new TextDecoder().decode(pem);
  for (const other of [`${text}\n`, text.replace("PUBLIC", "PRIVATE"), text.replace("MCow", "MC0w"), text.replace("\n", " \n"), ""]) {
    assert.equal(readKey(new TextEncoder().encode(other)), null);
  }
});

test("a fingerprint is taken as people write it", () => {
  const spaced = groups(KEY_ID).join(" ");
  assert.equal(spaced.split(" ").length, 16);
  for (const text of [KEY_ID, spaced, KEY_ID.toUpperCase(), `SHA256:${KEY_ID}`, ` ${spaced}\n`]) assert.equal(fingerprint(text), KEY_ID);
  for (const text of ["", "abc", `${KEY_ID}0`, KEY_ID.replace("a", "g")]) assert.equal(fingerprint(text), null);
});

test("both languages say the same things, every fault among them", () => {
  assert.deepEqual(Object.keys(WORDS.en).sort(), Object.keys(WORDS.vi).sort());
  for (const key of Object.keys(WORDS.vi)) {
    const holes = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
    assert.deepEqual(holes(WORDS.en[key]), holes(WORDS.vi[key]), key);
  }
  const checker = readFileSync(new URL("../../api/web/verify/check.js", import.meta.url), "utf8")
    + readFileSync(new URL("../../api/web/verify/archive.js", import.meta.url), "utf8");
  const said = [...checker.matchAll(/(?:fault|ArchiveError)\("(\w+)"/g)].map(([, code]) => code);
  assert.ok(said.length > 10);
  for (const code of [...said, "unknown_format", "invalid"]) assert.ok(`fault.${code}` in WORDS.vi, code);
});

test("times are Vietnam's, figures the language's, and a clock is said as far as it is known", () => {
  assert.equal(momentOf("2026-02-10T05:00:00.000Z"), "12:00:00 · 10/02/2026");
  const vi = translator(WORDS.vi);
  assert.equal(sizeWords(vi, 1_500_000), "1,4 MB");
  assert.equal(clockWords(vi, { offset_ms: -40, clock_note: "from_records" }), "khớp với trung tâm trong khoảng 0,1 giây");
  assert.equal(clockWords(vi, { offset_ms: 7500, clock_note: "from_records" }), "nhanh hơn trung tâm ít nhất 7,5 giây");
  assert.match(clockWords(vi, { offset_ms: null, clock_note: "late_records" }), /^không rõ/);
});
