/** The audit log: who did and saw what, narrowed by the page's address, and whether the chain is whole. An administrator's page. */
import { useEffect, useState } from "preact/hooks";
import { toLocal } from "../access.js";
import { centreNow } from "../clock.js";
import { csv } from "../csv.js";
import { FAMILIES, LOOKS, actionWords, detailRows, objectWords, table } from "../entry.js";
import { dateOf, timeOfDay } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { go } from "../navigation.js";
import { MOST_SAVED, PAGE, checkAudit, readAudit, readWhole } from "../requests/audit.js";
import { addressOf } from "../route.js";
import { saveFile } from "../save.js";
import { cameras } from "../store.js";
import { codeWords } from "../translate.js";
import { AdminHead } from "./admin-tabs.js";
import { FormProblem } from "./field.js";
import { Notice } from "./notice.js";
import { When } from "./when.js";

const HOUR_MS = 3_600_000;

/** @param {{query: Record<string, string>}} props */
export function Audit({ query }) {
  const t = words.value;
  const names = Object.fromEntries(cameras.value.map(({ id, name }) => [`camera:${id}`, name]));
  return html`<main class="sheet" data-testid="audit" aria-labelledby="admin-title">
    <${AdminHead} current="audit"><${Save} query=${query} names=${names} /><//>
    <${Chain} />
    <${Filters} query=${query} />
    <${Entries} key=${JSON.stringify(query)} query=${query} names=${names} />
  </main>`;
}

/** Walks the chain once somebody asks: it is entered, so it is not done by merely looking. */
function Chain() {
  const t = words.value;
  const [found, setFound] = useState(/** @type {import("../requests/audit.js").Check|null} */ (null));
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setProblem(null);
    await checkAudit().then(setFound, (failure) => setProblem(failure.code ?? "unavailable"));
    setBusy(false);
  };
  return html`<section class="card chain" aria-label=${t("audit.chain")}>
    <${Icon} name="shield" />
    <div class="chain__text"><p>${t("audit.chain.about")}</p>
      <div role="status" data-testid="audit-verdict">${found && html`<p class=${`message message--${found.fault ? "bad" : "good"}`}>
        <${Icon} name=${found.fault ? "warning" : "check"} />
        <span>${t(found.fault ? "audit.broken" : "audit.whole", { first: found.first, last: found.last, fault: found.fault ?? "" })}
        ${" "}${!found.fault && t(found.anchored ? "audit.anchored" : "audit.not_anchored", { n: found.unanchored })}</span></p>`}</div>
      <${FormProblem} code=${problem} /></div>
    <button type="button" class="button" data-testid="audit-check" disabled=${busy}
      onClick=${run}>${t(busy ? "audit.checking" : "audit.check")}</button>
  </section>`;
}

function Filters({ query }) {
  const t = words.value;
  const [typed, setTyped] = useState({ actor: query.actor ?? "", object: query.object ?? "" });
  useEffect(() => setTyped({ actor: query.actor ?? "", object: query.object ?? "" }), [query.actor, query.object]);
  const narrow = (changes) => go("audit", null, { ...query, ...changes });
  const submit = (event) => { event.preventDefault(); narrow(typed); };
  const field = (name) => ({ value: typed[name], onInput: (event) => setTyped({ ...typed, [name]: event.currentTarget.value }), onChange: () => narrow(typed) });
  const hours = (n) => narrow({ start: toLocal(centreNow() - n * HOUR_MS), end: "" });
  return html`<form class="filters filters--pairs" data-testid="audit-filters" onSubmit=${submit}>
    <label class="field field--short"><span>${t("audit.column.actor")}</span><input ...${field("actor")} data-testid="audit-actor"
      maxlength="80" autocapitalize="none" spellcheck=${false} /></label>
    <label class="field field--short"><span>${t("audit.column.action")}</span><select data-testid="audit-action"
      onChange=${(event) => narrow({ action: event.currentTarget.value })}>
      <option value="">${t("audit.all")}</option>${FAMILIES.map((name) => html`<option key=${name} value=${name}
        selected=${query.action === name}>${t(`family.${name}`)}</option>`)}</select></label>
    <label class="field field--short"><span>${t("audit.column.object")}</span><select data-testid="audit-object"
      onChange=${(event) => narrow({ object: event.currentTarget.value })}>
      <option value="">${t("audit.all")}</option>${objects(query.object).map(({ id, name }) => html`<option key=${id} value=${id}
        selected=${query.object === id}>${name}</option>`)}</select></label>
    <div class="field field--when"><span>${t("audit.from")}</span><${When} value=${query.start ?? ""} label=${t("audit.from")}
      onChange=${(start) => narrow({ start })} testid="audit-start" /></div>
    <div class="field field--when"><span>${t("audit.to")}</span><${When} value=${query.end ?? ""} label=${t("audit.to")}
      onChange=${(end) => narrow({ end })} testid="audit-end" /></div>
    <div class="chips" role="group" aria-label=${t("audit.from")}>${[1, 24, 168].map((n) => html`<button key=${n} type="button"
      class="chip chip--choice" onClick=${() => hours(n)}>${t(`audit.last.${n}`)}</button>`)}
      ${Object.keys(query).length > 0 && html`<a class="chip chip--choice" href=${addressOf("audit")}><${Icon}
        name="close" />${t("audit.clear")}</a>`}</div>
    <button type="submit" class="hidden" tabindex="-1">${t("audit.show")}</button>
  </form>`;
}

/** The cameras, and what the address names beside them. */
function objects(asked) {
  const known = cameras.value.map(({ id, name }) => ({ id: `camera:${id}`, name }));
  return asked && !known.some(({ id }) => id === asked) ? [{ id: asked, name: asked }, ...known] : known;
}

function Entries({ query, names }) {
  const t = words.value;
  const page = useLoad(JSON.stringify(query), () => readAudit(query));
  const [older, setOlder] = useState({ busy: false, problem: /** @type {string|null} */ (null), more: true });
  if (page.status === "loading") return html`<${Notice} icon="waiting" title=${t("loading")} />`;
  if (page.data === null) {
    return html`<${Notice} icon="offline" title=${t("audit.failed")} body=${codeWords(t, "problem", page.problem)}
      action=${{ label: t("retry"), run: page.reload }} />`;
  }
  const { items } = page.data;
  if (items.length === 0) return html`<${Notice} icon="search" title=${t("audit.none")} body=${t("audit.none.body")} />`;
  const more = async () => {
    setOlder({ ...older, busy: true, problem: null });
    try {
      const next = (await readAudit(query, items[items.length - 1].seq)).items;
      page.set({ items: [...items, ...next] });
      setOlder({ busy: false, problem: null, more: next.length === PAGE });
    } catch (failure) {
      setOlder({ ...older, busy: false, problem: failure.code ?? "unavailable" });
    }
  };
  return html`<ol class="card entries" data-testid="audit-entries">${items.map((entry) => html`<${Entry} key=${entry.seq}
    entry=${entry} names=${names} />`)}</ol>
    <${FormProblem} code=${older.problem} />
    ${older.more && items.length >= PAGE
      ? html`<button type="button" class="button entries__older" data-testid="audit-older" disabled=${older.busy}
        onClick=${more}>${t(older.busy ? "loading" : "audit.older")}</button>`
      : html`<p class="alerts__end">${t("alerts.end")}</p>`}`;
}

function Entry({ entry, names }) {
  const t = words.value;
  const at = Date.parse(entry.at);
  const look = LOOKS.includes(entry.action.split(".")[0]);
  const rows = detailRows(t, entry.details);
  return html`<li class="line" data-testid="entry" data-action=${entry.action}><details>
    <summary class="line__line">
      <time class="line__time" dateTime=${entry.at}>${timeOfDay(at)} <span>${dateOf(at)}</span></time>
      <strong class="line__actor">${entry.actor}</strong>
      <span class="line__what">${look && html`<${Icon} name="eye" />`}${actionWords(t, entry.action)}</span>
      <span class="line__object">${objectWords(t, entry.object, names)}</span>
    </summary>
    <div class="line__body">
      <dl class="facts">${rows.map(({ key, name, value }) => html`<div class="fact" key=${key}><dt>${name}</dt><dd>${value}</dd></div>`)}
        <div class="fact"><dt>${t("audit.column.thing")}</dt><dd>${entry.object}</dd></div>
        <div class="fact"><dt>${t("audit.column.code")}</dt><dd>${entry.action}</dd></div>
        ${entry.client && html`<div class="fact"><dt>${t("audit.column.client")}</dt><dd>${entry.client}</dd></div>`}
        <div class="fact fact--fine"><dt>${t("audit.column.digest")} (${entry.seq})</dt><dd>${entry.digest}</dd></div></dl>
      <p class="line__links"><a href=${addressOf("audit", null, { actor: entry.actor })}>${t("audit.of_actor", { name: entry.actor })}</a>
        <a href=${addressOf("audit", null, { object: entry.object })}>${t("audit.of_object")}</a></p>
    </div>
  </details></li>`;
}

function Save({ query, names }) {
  const t = words.value;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const run = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const entries = await readWhole(query);
      saveFile(`nhat-ky-${toLocal(centreNow()).slice(0, 10)}.csv`, csv(table(t, entries, names)), "text/csv");
      if (entries.length >= MOST_SAVED) setProblem("audit_cut");
    } catch (failure) {
      setProblem(failure.code ?? "unavailable");
    }
    setBusy(false);
  };
  return html`<${FormProblem} code=${problem} />
    <button type="button" class="button" data-testid="audit-save" disabled=${busy} onClick=${run}><${Icon}
      name="download" />${t(busy ? "audit.saving" : "audit.save")}</button>`;
}
