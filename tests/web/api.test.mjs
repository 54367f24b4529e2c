import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { ProblemError, problemIn, request } from "../../api/web/api.js";

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

for (const [what, status, body, code] of [
  ["an answer that breaks off", 200, '{"items": [', "network"],
  ["a proxy that answers in the centre's place", 404, "<html>", "unavailable"],
  ["a proxy whose centre is away", 502, "<html>", "unavailable"],
  ["what the centre itself says", 409, '{"code": "changed_meanwhile"}', "changed_meanwhile"],
]) {
  test(`${what} is a problem that has words`, async (context) => {
    const server = createServer((_, answer) => { answer.writeHead(status, { "Content-Type": "application/json" }); answer.end(body); });
    await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
    context.after(() => server.close());
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const { fetch } = globalThis;
    context.mock.method(globalThis, "fetch", (path, how) => fetch(`http://127.0.0.1:${port}${path}`, how));
    await assert.rejects(request("GET", "/cameras"), (problem) => problem instanceof ProblemError && problem.code === code);
    const vi = JSON.parse(readFileSync(new URL("../../api/web/locales/vi.json", import.meta.url), "utf8"));
    assert.ok(vi[`problem.${code}`]);
  });
}
