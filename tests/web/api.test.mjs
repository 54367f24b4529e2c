import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { problemIn } from "../../api/web/api.js";

test("the way back from the provider says what went wrong", () => {
  assert.equal(problemIn("?problem=oidc_unknown_user")?.code, "oidc_unknown_user");
});

for (const search of ["", "?", "?problem=", "?problem=<b>", "?problem=oidc_<b>", "?problem=bad_credentials", `?problem=oidc_${"a".repeat(99)}`]) {
  test(`nothing is said for ${search || "nothing"}`, () => assert.equal(problemIn(search), null));
}

test("every code that sign-in by a provider ends with has words", () => {
  const sources = ["sign_in", "admission"].map((name) =>
    readFileSync(new URL(`../../api/access/oidc/${name}.py`, import.meta.url), "utf8")).join("\n");
  const codes = [...sources.matchAll(/(?:RefusedError|_to_page)\("(oidc_[a-z_]+)"\)/g)].map(([, code]) => code);
  assert.ok(new Set(codes).size >= 8);
  const vi = JSON.parse(readFileSync(new URL("../../api/web/locales/vi.json", import.meta.url), "utf8"));
  for (const code of codes) assert.ok(vi[`problem.${code}`], code);
});
