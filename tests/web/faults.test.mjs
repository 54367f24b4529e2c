import assert from "node:assert/strict";
import { test } from "node:test";
import { check, faultsOf } from "../../api/web/faults.js";

const KINDS = { username: "required", password: "password", reason: "reason" };

test("what is missing or short is said before anything is sent", () => {
  assert.deepEqual(check({ username: " ", password: "", reason: "" }, KINDS), { username: "missing", password: "missing", reason: "missing" });
  assert.deepEqual(check({ username: "lan", password: "1234567", reason: " vụ " }, KINDS), { password: "short_password", reason: "short_reason" });
  assert.deepEqual(check({ username: "lan", password: "12345678", reason: "tìm trẻ lạc" }, KINDS), {});
});

test("each field that the centre refused is named, those of a list by the list", () => {
  const document = { errors: [{ field: "role", code: "literal_error" }, { field: "wards.0", code: "string_pattern_mismatch" }, { field: "username", code: "string_too_long" }] };
  assert.deepEqual(faultsOf({ code: "invalid", document }, ["username", "role", "wards"]), {
    fields: { role: "invalid", wards: "characters", username: "too_long" }, whole: null,
  });
});

test("a problem that concerns one field stands at that field, under the form's own name", () => {
  assert.deepEqual(faultsOf({ code: "weak_password" }, ["current", "next"], { password: "next" }).fields, { next: "weak_password" });
  assert.deepEqual(faultsOf({ code: "bad_credentials" }, ["password", "code"], { current: "password" }).fields, { password: "wrong_password" });
  assert.deepEqual(faultsOf({ code: "user_exists" }, ["username"]).fields, { username: "taken" });
});

test("what concerns no field of the form concerns the whole of it", () => {
  assert.deepEqual(faultsOf({ code: "own_account" }, ["username"]), { fields: {}, whole: "own_account" });
  assert.deepEqual(faultsOf({ code: "weak_password" }, ["username"]), { fields: {}, whole: "weak_password" });
  assert.equal(faultsOf({}, []).whole, "unavailable");
});
