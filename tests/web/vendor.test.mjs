import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const WEB = new URL("../../api/web/", import.meta.url);
const VENDOR = new URL("vendor/", WEB);
const libraries = JSON.parse(readFileSync(new URL("vendor.json", VENDOR), "utf8"));
const page = readFileSync(new URL("index.html", WEB), "utf8");
const { imports } = JSON.parse(page.match(/<script type="importmap">(.*?)<\/script>/s)[1]);

for (const { file, sha256, licence_file } of libraries) {
  test(`${file} is the file that was vendored, with its licence`, () => {
    assert.equal(createHash("sha256").update(readFileSync(new URL(file, VENDOR))).digest("hex"), sha256);
    assert.ok(readFileSync(new URL(licence_file, VENDOR), "utf8").length > 500);
  });
}

test("every vendored file is listed, and each script is named by the import map or loaded by its address", () => {
  const files = readdirSync(VENDOR, { recursive: true }).filter((name) => /\.(js|css)$/.test(name)).sort();
  assert.deepEqual(libraries.map(({ file }) => file).sort(), files);
  const named = Object.values(imports).map((address) => address.replace("/static/vendor/", ""));
  const loading = ["ward-map.js", "views/qr.js", "scanner.js"].map((name) => readFileSync(new URL(name, WEB), "utf8")).join("");
  const loaded = [...loading.matchAll(/import\("\.{1,2}\/vendor\/([a-z.-]+)"\)/g)].map(([, file]) => file);
  const written = files.filter((name) => name.startsWith("noble/")); // into the page that checks evidence
  assert.deepEqual([...named, ...loaded, ...written].sort(), files.filter((name) => name.endsWith(".js")));
});

test("the page loads nothing from elsewhere and styles nothing in its markup", () => {
  assert.doesNotMatch(page, /https?:\/\//);
  for (const folder of ["", "views/", "requests/"]) {
    for (const name of readdirSync(new URL(folder, WEB)).filter((entry) => entry.endsWith(".js"))) {
      const source = readFileSync(new URL(folder + name, WEB), "utf8");
      assert.doesNotMatch(source, /\sstyle=|https?:\/\//, name);
    }
  }
});
