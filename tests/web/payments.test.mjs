import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  STATES, answerWords, bySite, keeps, lookOf, payeeWords, pointWords, reportWords, stepWords, tableText, template,
} from "../../api/web/payments.js";
import { translator } from "../../api/web/translate.js";

const WEB = new URL("../../api/web/", import.meta.url);
const vi = JSON.parse(readFileSync(new URL("locales/vi.json", WEB), "utf8"));
const t = translator(vi);
const source = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const VERDICTS = [...source("api/payments/verdict.py").matchAll(/^ {4}[A-Z_]+ = "([a-z_]+)"/gm)].map(([, code]) => code);
const POINT = { name: "Quầy 14", stall: "Dãy B", site: "cho", site_name: "Chợ An Lưu" };
const MB = { bank: "970422", bank_name: "MB", last_four: "4050", ours: false };

test("every verdict of the centre has a look, a title, a meaning and what to do", () => {
  assert.equal(VERDICTS.length, 7);
  for (const verdict of VERDICTS) {
    const { tone, icon } = lookOf(verdict);
    assert.ok(["good", "warn", "bad"].includes(tone));
    assert.ok(icon);
    const said = answerWords(t, { verdict, point: POINT, points: [], payees: [MB], scan: "", may_report: false });
    for (const text of Object.values(said)) assert.doesNotMatch(text, /^payment\.|\{/, verdict);
    assert.ok(vi[`payment.short.${verdict}`], verdict);
  }
});

test("an unknown code is never called a fraud, nor shown as bad", () => {
  assert.equal(lookOf("unknown").tone, "warn");
  assert.match(vi["payment.means.unknown"], /không có nghĩa là gian lận/);
});

test("a code of another stall names that stall", () => {
  const answer = { verdict: "not_ours", point: POINT, points: [{ ...POINT, name: "Quầy 15", stall: "" }], payees: [MB] };
  assert.match(answerWords(t, answer).means, /Quầy 15 \(Chợ An Lưu\)/);
  assert.match(answerWords(t, { ...answer, points: [] }).means, /chưa được đăng ký cho Quầy 14/);
});

test("of a code that names the stall and a stranger only the stranger is told", () => {
  const ours = { bank: "970436", bank_name: "Vietcombank", last_four: "8086", ours: true };
  const { means } = answerWords(t, { verdict: "partly", point: POINT, points: [], payees: [ours, MB] });
  assert.match(means, /MB •••• 4050/);
  assert.doesNotMatch(means, /Vietcombank/);
  assert.match(reportWords(t, { payees: [ours, MB] }), /MB •••• 4050/);
  assert.equal(reportWords(t, { payees: [] }), vi["payment.report.note.foreign"]);
});

test("a payee is the bank and the last digits, also where the bank is not known", () => {
  assert.equal(payeeWords(t, MB), "MB •••• 4050");
  assert.equal(payeeWords(t, { bank: "971005", bank_name: null, last_four: "", label: "loa" }), "Ngân hàng 971005 (chưa rõ tên) (loa)");
  assert.equal(payeeWords(t, { bank: "", bank_name: null, last_four: "12" }), "Hệ thanh toán khác •••• 12");
});

test("a stall is told unless the name says it", () => {
  assert.equal(pointWords(POINT), "Quầy 14, Dãy B");
  assert.equal(pointWords({ name: "Quầy 14", stall: "quầy 14" }), "Quầy 14");
  assert.equal(pointWords({ name: "Quầy 14", stall: "" }), "Quầy 14");
});

test("every step and state of a change has words", () => {
  const actions = source("storage/sql/schema.sql").match(/action IN \('add_point'[^)]*\)/)[0].match(/'[a-z_]+'/g).map((word) => word.slice(1, -1));
  for (const action of actions) assert.doesNotMatch(stepWords(t, { action, point_name: "Quầy 14", site_name: "Chợ", ...MB }), /^payment\.|\{/);
  for (const state of Object.keys(STATES)) assert.ok(vi[`change.state.${state}`] && (state === "proposed" || vi[`change.decided.${state}`]), state);
});

test("every fault of a table has words", () => {
  const code = source("api/payments/sheet.py") + source("api/payments/imports.py");
  const codes = [...code.matchAll(/"((?:unknown|not|empty|too|column|account|code|other|point)_[a-z_]+|empty)"/g)].map(([, name]) => name);
  const faults = codes.filter((name) => !["add_point", "point_id"].includes(name));
  assert.ok(faults.length > 15);
  for (const fault of faults) assert.ok(vi[`import.wrong.${fault}`], fault);
});

test("every problem of the payment routes has words", () => {
  const files = ["proposals", "changes", "desk", "key", "patrol", "imports"].map((name) => source(`api/payments/${name}.py`)).join("");
  const codes = [...files.matchAll(/ProblemError\(\s*\d+, "([a-z_]+)"/g), ...files.matchAll(/^ {4}"([a-z_]+)": "/gm)].map(([, code]) => code);
  assert.ok(codes.length > 15);
  for (const code of codes) assert.ok(vi[`problem.${code}`], code);
});

test("points stand under their sites in the order in which they came", () => {
  const points = [["b", "Chợ"], ["a", "Chợ"], ["c", "Phố"]].map(([id, site]) => ({ id, site, site_name: site }));
  assert.deepEqual(bySite(points).map(({ name, points: own }) => [name, own.map(({ id }) => id)]), [["Chợ", ["b", "a"]], ["Phố", ["c"]]]);
});

test("who only patrols keeps no registry", () => {
  assert.ok(["admin", "operator", "police", "technician"].every((role) => keeps({ role })));
  assert.ok(!keeps({ role: "viewer" }));
  assert.ok(!keeps(null));
});

test("a table in another encoding is refused instead of read with wrong letters", () => {
  assert.equal(tableText(new TextEncoder().encode("\ufeffid;tên")), "id;tên");
  assert.equal(tableText(new Uint8Array([0x74, 0xea, 0x6e])), null);
  assert.equal(tableText(new Uint8Array([0xff, 0xfe, 0x74, 0x00])), null);
});

test("the template has a point with two codes", () => {
  const [head, first, second] = template(t, "Chợ An Lưu");
  assert.equal(first.length, head.length);
  assert.equal(first[0], second[0]);
});
