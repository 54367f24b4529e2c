/** On a box's card: what its doctor found last, in words, and the runs before. */
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { second } from "../clock.js";
import { counts, faults, goods, readsReports, sentence } from "../findings.js";
import { ago, moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { readLastReports, readReports } from "../requests/box-report.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";

/** @typedef {import("../findings.js").Report} Report */

const FRESH_MS = 30_000;
const LEVELS = { ok: ["good", "check"], warn: ["warn", "warning"], bad: ["bad", "warning"] };

/** The last report of each box; null until they are here. One request serves all cards. @type {import("@preact/signals").Signal<Record<string, Report>|null>} */
const last = signal(null);
const problem = signal("");
let asked = -Infinity;

function refresh() {
  if (performance.now() - asked < FRESH_MS / 2) return;
  asked = performance.now();
  readLastReports().then(
    ({ items }) => { last.value = Object.fromEntries(items.map((report) => [report.box, report])); problem.value = ""; },
    (error) => { problem.value = error.code ?? "unavailable"; asked = -Infinity; },
  );
}

/** @param {{box: import("../advice.js").Box}} props */
export function BoxReport({ box }) {
  const t = words.value;
  const mine = readsReports(state.value.user);
  const [chosen, setChosen] = useState(/** @type {Report|null} */ (null));
  useEffect(() => {
    if (!mine) return undefined;
    refresh();
    const timer = setInterval(refresh, FRESH_MS);
    return () => clearInterval(timer);
  }, [mine]);
  if (!mine) return null;
  const report = chosen ?? last.value?.[box.id] ?? null;
  return html`<section class="report" data-testid=${`report-${box.id}`} aria-labelledby=${`report-${box.id}`}>
    <div class="report__head"><h4 class="report__title" id=${`report-${box.id}`}>${t(chosen ? "report.earlier" : "report.title")}</h4>
      ${report && html`<${Head} report=${report} />`}</div>
    ${report ? html`<${Body} report=${report} />` : html`<p class="sheet__note">${
      last.value === null ? (problem.value ? codeWords(t, "problem", problem.value) : t("loading")) : t("report.none")}</p>`}
    ${report && html`<${Before} box=${box} shown=${report} choose=${setChosen} />`}
  </section>`;
}

function Head({ report }) {
  const t = words.value;
  const [colour, icon] = LEVELS[report.level];
  const found = counts(report);
  const at = Date.parse(report.at);
  const said = [found.bad > 0 && t("report.bad", { n: found.bad }), found.warn > 0 && t("report.warn", { n: found.warn })].filter(Boolean);
  return html`<span class=${`chip chip--${colour}`} data-testid="report-level"><${Icon} name=${icon} />${
      said.join(", ") || t("report.ok")}</span>
    <time class="sheet__note" datetime=${report.at} title=${moment(at, second.value)}>${ago(t, second.value - at)}</time>`;
}

function Body({ report }) {
  const t = words.value;
  const good = goods(report);
  return html`<ul class="report__list">${faults(report).map((finding, index) => html`<${Line} key=${index} finding=${finding} />`)}</ul>
    ${good.length > 0 && html`<details class="report__more"><summary>${t("report.good", { n: good.length })}</summary>
      <ul class="report__list">${good.map((finding, index) => html`<${Line} key=${index} finding=${finding} />`)}</ul></details>`}`;
}

function Line({ finding }) {
  const t = words.value;
  const [colour, icon] = LEVELS[finding.level];
  return html`<li class=${`report__line report__line--${colour}`} data-code=${finding.code}><${Icon} name=${icon} />
    <span><span class="hidden">${t(`report.level.${finding.level}`)}: </span>${sentence(t, finding)}</span></li>`;
}

/** The runs before, asked for only when somebody wants them: each look is in the audit. */
function Before({ box, shown, choose }) {
  const t = words.value;
  const [reports, setReports] = useState(/** @type {Report[]|null} */ (null));
  const [failed, setFailed] = useState("");
  const load = () => readReports(box.id).then(({ items }) => { setReports(items); setFailed(""); },
    (error) => setFailed(error.code ?? "unavailable"));
  const close = () => { setReports(null); choose(null); };
  if (reports === null) {
    return html`<div class="report__before"><button type="button" class="button button--quiet" data-testid="reports-before"
      onClick=${load}>${t("report.before")}</button>${failed && html`<span class="sheet__note" role="alert">${codeWords(t, "problem", failed)}</span>`}</div>`;
  }
  return html`<div class="report__before" role="group" aria-label=${t("report.before")}>${reports.map((report) => html`<button
      key=${report.at} type="button" class=${`chip chip--${LEVELS[report.level][0]}`} aria-pressed=${report.at === shown.at}
      onClick=${() => choose(report)}><${Icon} name=${LEVELS[report.level][1]} />${moment(Date.parse(report.at), second.value)}</button>`)}
    <button type="button" class="button button--quiet" onClick=${close}>${t("report.last")}</button></div>`;
}
