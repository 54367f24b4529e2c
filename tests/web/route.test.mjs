import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, parse } from "../../api/web/route.js";

test("an address without a page is the wall", () => {
  for (const hash of ["", "#", "#/", "/"]) assert.deepEqual(parse(hash), { page: "wall", id: null, query: {} });
});

test("what an address was made of is read from it again", () => {
  for (const [page, id, query] of [
    ["incidents", null, {}],
    ["incidents", "0197a3c0-0000-7000-8000-000000000001", {}],
    ["search", null, { q: "cổng chợ & đình", kind: "intrusion" }],
    ["cameras", "a/b?c#d", { at: "2026-11-22T02:00:00Z" }],
    ["wall", null, { layout: "night" }],
  ]) {
    assert.deepEqual(parse(addressOf(page, id, query)), { page, id, query });
  }
});

test("empty values are left out of an address", () => {
  assert.equal(addressOf("search", null, { q: "", kind: null, site: undefined }), "#/search");
  assert.equal(addressOf("wall"), "#/");
});

test("a broken address still leads to its page", () => {
  assert.deepEqual(parse("#/cameras/%E0%A4%A"), { page: "cameras", id: "%E0%A4%A", query: {} });
});
