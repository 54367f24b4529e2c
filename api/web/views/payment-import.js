/** A table of payment points: chosen, tried line by line without any effect, then proposed as one change. */
import { useState } from "preact/hooks";
import { placesOf } from "../access.js";
import { csv } from "../csv.js";
import { useForm } from "../form.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { MOST_CHARACTERS, payeeWords, tableText, template } from "../payments.js";
import { proposeTable, tryTable } from "../requests/payments.js";
import { readMap } from "../requests/places.js";
import { addressOf } from "../route.js";
import { saveFile } from "../save.js";
import { cameras, state } from "../store.js";
import { codeWords } from "../translate.js";
import { Done, Field, FormProblem } from "./field.js";

const SHOWN = 200;
const COLUMNS = ["id", "name", "site", "kind", "stall", "bank", "account", "service", "label", "code"];

/** @param {{changed: () => void}} props */
export function PaymentImport({ changed }) {
  const t = words.value;
  const wards = state.value.user?.wards ?? [];
  const names = placesOf(cameras.value);
  const [ward, setWard] = useState(wards[0] ?? "");
  const table = useTable(ward);
  return html`<div class="columns columns--wide"><div class="columns__part">
      <section class="card" aria-labelledby="import-title"><div class="card__head"><h3 class="card__title" id="import-title">${t("import.title")}</h3></div>
        <div class="form card__body">
          <ol class="import__steps"><li>${t("import.step.file")}</li><li>${t("import.step.try")}</li><li>${t("import.step.approve")}</li></ol>
          ${wards.length > 1 && html`<label class="field"><span>${t("import.ward")}</span><select value=${ward} onChange=${(event) => setWard(event.currentTarget.value)}>
            ${wards.map((id) => html`<option key=${id} value=${id} selected=${id === ward}>${names.find((one) => one.id === id)?.name ?? id}</option>`)}</select></label>`}
          <div class="scanner__ways"><label class="button button--primary scanner__photo"><${Icon} name="folder" />${t("import.choose")}
            <input class="hidden" type="file" accept=".csv,text/csv,.txt" data-testid="import-file" onChange=${table.choose} /></label>
            <${Template} /></div>
          ${table.name && html`<p class="sheet__note">${t("import.file", { name: table.name })}</p>`}
          <div role="alert">${table.fault && html`<p class="message message--bad" data-testid="import-fault"><${Icon} name="warning" /><span>${t(`import.fault.${table.fault}`)}</span></p>`}</div>
          <${FormProblem} code=${table.problem} />
        </div></section>
      <${Columns} />
    </div><div class="columns__part">
      ${table.busy && html`<p class="sheet__note" role="status">${t("import.trying")}</p>`}
      ${table.tried && html`<${Tried} key=${table.n} tried=${table.tried} />`}
      ${table.tried && table.tried.faults.length === 0 && html`<${Submit} key=${`submit ${table.n}`} table=${table} ward=${ward} changed=${changed} />`}
      ${!table.tried && !table.busy && html`<div class="card"><p class="card__body sheet__note">${t("import.nothing")}</p></div>`}
    </div></div>`;
}

/** The chosen file, and what the centre says of it. */
function useTable(ward) {
  const none = { n: 0, name: "", content: "", fault: /** @type {string|null} */ (null), problem: /** @type {string|null} */ (null), busy: false,
    tried: /** @type {import("../requests/payments.js").Tried|null} */ (null) };
  const [held, setHeld] = useState(none);
  async function choose(event) {
    const input = /** @type {HTMLInputElement} */ (event.currentTarget);
    const file = input.files?.[0];
    if (!file) return;
    const content = file.size > 4 * MOST_CHARACTERS ? "" : tableText(await file.arrayBuffer());
    input.value = "";
    const fault = content === null ? "encoding" : content === "" ? (file.size > 0 ? "size" : "empty") : content.length > MOST_CHARACTERS ? "size" : null;
    const start = { ...none, n: held.n + 1, name: file.name, content: content ?? "", fault };
    setHeld({ ...start, busy: fault === null });
    if (fault !== null) return;
    try {
      setHeld({ ...start, tried: await tryTable(ward, start.content) });
    } catch (problem) {
      setHeld({ ...start, problem: problem.code ?? "unavailable" });
    }
  }
  return { ...held, choose };
}

function Template() {
  const t = words.value;
  const map = useLoad("map", readMap);
  const site = map.data?.sites[0]?.name ?? "";
  return html`<button type="button" class="button" data-testid="import-template" onClick=${() => saveFile("mau-diem-thanh-toan.csv", csv(template(t, site)), "text/csv")}>
    <${Icon} name="download" />${t("import.template")}</button>`;
}

function Columns() {
  const t = words.value;
  return html`<details class="card"><summary class="card__head import__help"><${Icon} name="down" />${t("import.columns")}</summary>
    <dl class="card__body facts import__columns">${COLUMNS.map((name) => html`<div class="fact" key=${name}><dt><code>${name}</code></dt><dd>${t(`import.column.${name}`)}</dd></div>`)}</dl>
    <p class="card__body sheet__note">${t("import.excel")}</p></details>`;
}

function Tried({ tried }) {
  const t = words.value;
  const { lines, faults, new_points, new_payees } = tried;
  return html`<section class="card" aria-labelledby="import-result" data-testid="import-result">
    <div class="card__head"><h3 class="card__title" id="import-result">${t("import.result")}</h3>
      <span class=${`chip chip--${faults.length > 0 ? "bad" : "good"}`} role="status"><${Icon} name=${faults.length > 0 ? "warning" : "check"} />
        ${faults.length > 0 ? t("import.faults", { n: faults.length }) : t("import.right")}</span></div>
    <p class="card__body">${t("import.would", { points: new_points, payees: new_payees })}</p>
    ${faults.length > 0 && html`<div class="table__scroll"><table class="table" data-testid="import-faults"><thead><tr>
      ${["line", "column", "fault"].map((name) => html`<th key=${name} scope="col">${t(`import.head.${name}`)}</th>`)}</tr></thead>
      <tbody>${faults.map((fault, n) => html`<tr key=${n}><td>${fault.line}</td><td><code>${fault.column || "–"}</code></td>
        <td>${codeWords(t, "import.wrong", fault.code)}${fault.said && html` <strong>“${fault.said}”</strong>`}</td></tr>`)}</tbody></table></div>`}
    ${lines.length > 0 && html`<div class="table__scroll import__lines"><table class="table table--cards" data-testid="import-lines"><thead><tr>
      ${["line", "point", "does"].map((name) => html`<th key=${name} scope="col">${t(`import.head.${name}`)}</th>`)}</tr></thead>
      <tbody>${lines.slice(0, SHOWN).map((line, n) => html`<tr key=${n} class=${line.does === "same" ? "row--off" : ""}>
        <td data-label=${t("import.head.line")}>${line.line}</td><td><strong>${line.name}</strong><span class="sheet__note row__sub">${line.site}${line.new_point ? ` · ${t("import.new_point")}` : ""}</span></td>
        <td>${line.does === "same" ? t("import.does.same") : t(`import.does.${line.does}`, { payee: payeeWords(t, line) })}</td></tr>`)}</tbody></table></div>`}
    ${lines.length > SHOWN && html`<p class="card__body sheet__note">${t("import.more", { n: lines.length - SHOWN })}</p>`}
  </section>`;
}

function Submit({ table, ward, changed }) {
  const t = words.value;
  const [sent, setSent] = useState(false);
  const form = useForm("import", { reason: "" }, { kinds: { reason: "reason" } });
  const send = async (event) => {
    if (!await form.submit(event, async () => { await proposeTable(ward, table.content, form.values.reason.trim()); })) return;
    form.reset();
    setSent(true);
    changed();
  };
  if (sent) {
    return html`<div class="form"><${Done} text=${t("propose.done")} /><div><a class="button" href=${addressOf("payments", "changes")}>${t("propose.see")}</a></div></div>`;
  }
  if (table.tried.new_points + table.tried.new_payees === 0) return html`<p class="message message--note"><${Icon} name="check" /><span>${t("import.all_there")}</span></p>`;
  return html`<section class="card"><form class="form card__body" novalidate onSubmit=${send}>
    <${Field} as="textarea" ...${form.field("reason")} label=${t("propose.reason")} hint=${t("propose.reason.hint")} rows="2" maxlength="300" required data-testid="import-reason" />
    <${FormProblem} code=${form.faults.whole} />
    <div class="form__foot"><span class="sheet__note">${t("propose.another")}</span>
      <button type="submit" class="button button--primary" data-testid="import-submit" disabled=${form.busy}>${t("propose.submit")}</button></div>
  </form></section>`;
}
