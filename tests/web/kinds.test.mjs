import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { understand } from "../../api/web/fold.js";
import { isFire, kindNames } from "../../api/web/kinds.js";
import { translator } from "../../api/web/translate.js";

const vi = JSON.parse(readFileSync(new URL("../../api/web/locales/vi.json", import.meta.url), "utf8"));
const family = (name) => Object.keys(vi).filter((key) => key.startsWith(`${name}.`)).map((key) => key.slice(name.length + 1));
const names = kindNames(translator(vi), family("kind"));

test("what else a kind is called belongs to a kind", () => {
  for (const kind of family("called")) assert.ok(names[kind], kind);
});

test("a kind without other names is known by its full one", () => {
  assert.deepEqual(kindNames(translator({ "kind.new": "Mới" }), ["new"]), { new: ["Mới"] });
});

test("no short name of a kind is a word of another one's full name by mistake", () => {
  for (const kind of family("kind")) assert.ok(understand(vi[`kind.${kind}`], names).kinds.includes(kind), kind);
});

for (const [text, kind] of [["đột nhập", "intrusion"], ["dot nhap", "intrusion"], ["lang vang", "loitering"], ["do sai", "stopped_vehicle"], ["mat tin hieu", "camera_stalled"]]) {
  test(`"${text}" means ${kind}`, () => assert.deepEqual(understand(text, names), { kinds: [kind], rest: "" }));
}

test("what may be a fire is the same here as at the centre", () => {
  const contract = readFileSync(new URL("../../contracts/event.py", import.meta.url), "utf8");
  const fire = [...(contract.match(/^FIRE: .*$/m)?.[0] ?? "").matchAll(/EventKind\.([A-Z_]+)/g)].map(([, name]) => name.toLowerCase());
  assert.ok(fire.length > 0);
  assert.deepEqual(family("kind").filter(isFire).sort(), fire.sort());
});
