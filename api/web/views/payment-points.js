/** The registry of payment points: found by site and words, one of them with its history, and a new one. */
import { useState } from "preact/hooks";
import { useForm } from "../form.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { go } from "../navigation.js";
import { bySite, payeeWords } from "../payments.js";
import { exportUrl, readPoints } from "../requests/payments.js";
import { readMap } from "../requests/places.js";
import { addressOf } from "../route.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { Field } from "./field.js";
import { Notice } from "./notice.js";
import { PaymentPoint } from "./payment-point.js";
import { Propose } from "./payment-propose.js";

const STATES = ["used", "ended", "all"];
export const KINDS = ["stall", "shop", "desk"];
const PAGE = 200;

/** @param {{query: Record<string, string>, changed: () => void}} props */
export function PaymentPoints({ query, changed }) {
  if (query.point) return html`<${PaymentPoint} key=${query.point} id=${query.point} changed=${changed} />`;
  return html`<${List} asked=${query} changed=${changed} />`;
}

function List({ asked, changed }) {
  const t = words.value;
  const [adding, setAdding] = useState(false);
  const map = useLoad("map", readMap);
  const sites = map.data?.sites ?? [];
  const question = { q: asked.q, site: asked.site, state: asked.state, start: asked.start, limit: PAGE };
  const points = useLoad(JSON.stringify(question), () => readPoints(question));
  const set = (changes) => go("payments", "points", { ...asked, start: null, ...changes }, { replace: true });
  const wards = state.value.user?.wards ?? [];
  return html`<div class="filters">
      <label class="field field--search"><span>${t("payments.search")}</span><input type="search" data-testid="points-search" value=${asked.q ?? ""}
        placeholder=${t("payments.search.hint")} onInput=${(event) => set({ q: event.currentTarget.value })} /></label>
      <label class="field field--short"><span>${t("payments.site")}</span><select data-testid="points-site" value=${asked.site ?? ""}
        onChange=${(event) => set({ site: event.currentTarget.value })}><option value="">${t("payments.site.all")}</option>
        ${sites.map(({ id, name }) => html`<option key=${id} value=${id} selected=${id === asked.site}>${name}</option>`)}</select></label>
      <div class="tabs" role="group" aria-label=${t("payments.state")}>${STATES.map((name) => html`<button type="button" key=${name} class="tabs__item"
        data-testid=${`points-${name}`} aria-pressed=${(asked.state ?? "used") === name} onClick=${() => set({ state: name === "used" ? null : name })}>
        ${t(`payments.state.${name}`)}</button>`)}</div>
      <div class="sheet__tools"><a class="button" href=${exportUrl(wards.length === 1 ? wards[0] : "")} download data-testid="points-export"><${Icon} name="download" />${t("payments.export")}</a>
        <button type="button" class="button button--primary" data-testid="point-new" disabled=${points.data?.key === false} onClick=${() => setAdding(true)}>
        <${Icon} name="plus" />${t("payments.new")}</button></div>
    </div>
    ${points.data?.key === false && html`<p class="message message--warn payments__key" data-testid="no-key"><${Icon} name="warning" /><span>${t("payments.no_key")}
      ${" "}${t("payments.no_key.body")}</span></p>`}
    <${Body} points=${points} asked=${asked} set=${set} />
    ${adding && html`<${NewPoint} sites=${sites} changed=${changed} onClose=${() => setAdding(false)} />`}`;
}

function Body({ points, asked, set }) {
  const t = words.value;
  if (points.status === "loading") return html`<${Notice} icon="waiting" title=${t("loading")} />`;
  if (points.data === null) {
    return html`<${Notice} icon="offline" title=${t("payments.failed")} body=${codeWords(t, "problem", points.problem)}
      action=${{ label: t("retry"), run: points.reload }} />`;
  }
  const { items, total, next } = points.data;
  const filtered = asked.q || asked.site || asked.state;
  if (items.length === 0) {
    return html`<${Notice} icon=${filtered ? "search" : "qr"} title=${t(filtered ? "payments.none" : "payments.empty")}
      body=${filtered ? undefined : t("payments.empty.body")} />`;
  }
  const start = Number(asked.start ?? 0);
  return html`<p class="sheet__note payments__count" role="status">${t("payments.count", { n: total })}</p>
    <div class="card table__scroll"><table class="table table--cards payments__table">
      <thead><tr>${["name", "kind", "payees", "state"].map((name) => html`<th key=${name} scope="col">${t(`payments.column.${name}`)}</th>`)}</tr></thead>
      ${bySite(items).map(({ site, name, points: own }) => html`<tbody key=${site}><tr class="payments__site"><th colspan="4" scope="rowgroup">
        <span class="payments__sitename"><${Icon} name="place" />${name}</span></th></tr>
        ${own.map((point) => html`<${Row} key=${point.id} point=${point} />`)}</tbody>`)}
    </table></div>
    ${(next !== null || start > 0) && html`<div class="payments__pages">
      <button type="button" class="button" disabled=${start === 0} onClick=${() => set({ start: start > PAGE ? String(start - PAGE) : null })}>
        <${Icon} name="left" />${t("payments.before")}</button>
      <button type="button" class="button" disabled=${next === null} onClick=${() => set({ start: String(next) })}>${t("payments.after")}<${Icon} name="right" /></button>
    </div>`}`;
}

function Row({ point }) {
  const t = words.value;
  const address = addressOf("payments", "points", { point: point.id });
  return html`<tr data-testid="point" data-point=${point.id} class=${point.ended_at ? "row--off" : ""}>
    <td><a class="row__link" href=${address}>${point.name}</a>${point.stall && html`<span class="sheet__note row__sub">${point.stall}</span>`}</td>
    <td data-label=${t("payments.column.kind")}>${t(`payment.kind.${point.kind}`)}</td>
    <td data-label=${t("payments.column.payees")}><span class="chips">${point.payees.map((payee) => html`<span key=${payee.fingerprint} class="chip">
      <${Icon} name="qr" />${payeeWords(t, payee)}</span>`)}</span></td>
    <td data-label=${t("payments.column.state")}><${PointState} point=${point} /></td>
  </tr>`;
}

/** @param {{point: import("../requests/payments.js").Point}} props */
export function PointState({ point }) {
  const t = words.value;
  const [tone, icon, name] = point.ended_at ? ["quiet", "close", "ended"] : point.codes > 0 ? ["good", "check", "used"] : ["warn", "warning", "no_code"];
  return html`<span class=${`chip chip--${tone}`}><${Icon} name=${icon} />${t(`payments.is.${name}`)}</span>`;
}

function NewPoint({ sites, changed, onClose }) {
  const t = words.value;
  const kinds = { name: "required", site: "required", reason: "reason" };
  const form = useForm("new point", { name: "", site: sites.length === 1 ? sites[0].id : "", kind: "stall", stall: "", hours: "", reason: "" }, { kinds });
  const { name, site, kind, stall, hours } = form.values;
  const ward = sites.find(({ id }) => id === site)?.ward ?? state.value.user?.wards[0] ?? "";
  const steps = () => [{ action: "add_point", name: name.trim(), site, kind, stall: stall.trim(), hours: hours.trim() }];
  return html`<${Propose} title=${t("payments.new")} icon="plus" ward=${ward} name="new point" steps=${steps} form=${form} done=${changed} onClose=${onClose}>
    <${Field} ...${form.field("name")} label=${t("payments.name")} hint=${t("payments.name.hint")} maxlength="80" required data-testid="new-name" />
    <${Field} as="select" ...${form.field("site")} label=${t("payments.site")} required data-testid="new-site">
      <option value="">${t("propose.choose")}</option>
      ${sites.map((one) => html`<option key=${one.id} value=${one.id} selected=${one.id === site}>${one.name}</option>`)}<//>
    <${Field} as="select" ...${form.field("kind")} label=${t("payments.column.kind")} data-testid="new-kind">
      ${KINDS.map((one) => html`<option key=${one} value=${one} selected=${one === kind}>${t(`payment.kind.${one}`)}</option>`)}<//>
    <${Field} ...${form.field("stall")} label=${t("payments.stall")} maxlength="80" />
    <${Field} ...${form.field("hours")} label=${t("payments.hours")} hint=${t("payments.hours.hint")} maxlength="80" />
    <p class="field__hint">${t("payments.new.codes")}</p>
  <//>`;
}
