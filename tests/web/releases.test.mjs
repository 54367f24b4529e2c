import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, mayName, standing, versions } from "../../api/web/releases.js";

const wish = (more) => ({ box: "an-luu-1", version: "0.2.0", by: "tech", at: "2026-02-10T05:00:00Z", ...more });

test("a box of which nothing is wanted, or that runs what was wanted, needs no words", () => {
  assert.equal(standing(undefined, "0.1.0"), null);
  assert.equal(standing(wish({ state: "installed" }), "0.2.0"), null);
});

test("a box that has not asked yet is waited for, one that went back is bad news", () => {
  assert.deepEqual(standing(wish({}), "0.1.0"), { code: "named", level: "quiet" });
  assert.deepEqual(standing(wish({ state: "rolled_back" }), "0.1.0"), { code: "rolled_back", level: "bad" });
  assert.deepEqual(standing(wish({ state: "installed" }), "0.1.0"), { code: "installed", level: "good" });
});

test("versions are offered once, the newest first, as people count", () => {
  const releases = ["0.9.0", "0.10.0", "0.9.0", "0.10.1"].map((version) => ({ version, arch: "none", made_by: "", at: "" }));
  assert.deepEqual(versions(releases), ["0.10.1", "0.10.0", "0.9.0"]);
  assert.ok(compare("0.10.0", "0.9.9") > 0);
});

test("who mounts boxes names their version, who watches does not", () => {
  assert.deepEqual(["admin", "technician", "operator", "police", undefined].map(mayName), [true, true, false, false, false]);
});
