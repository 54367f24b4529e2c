import assert from "node:assert/strict";
import { test } from "node:test";
import { retryDelay } from "../../api/web/live.js";

test("waits grow from a second to fifteen and never beyond", () => {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    for (const chance of [0, 0.5, 1]) {
      const delay = retryDelay(attempt, chance);
      assert.ok(delay >= 1_000 && delay <= 15_000, `${attempt}: ${delay}`);
    }
  }
  assert.ok(retryDelay(0, 1) < 2_000);
  assert.equal(retryDelay(20, 1), 15_000);
});

test("screens that lost the centre together come back apart", () => {
  assert.ok(retryDelay(4, 1) - retryDelay(4, 0) >= 5_000);
});
