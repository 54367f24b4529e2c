/** Whether the ward's streets can be paid on now: the figures of each site against its target, why not, and the trend. */
import { useEffect, useState } from "preact/hooks";
import { second } from "../clock.js";
import { dateOf, number, percent } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { bars, byWard, clock, minutesWords, payableShare, setsTargets, standing, trend, verifiedShare } from "../payability.js";
import { exportUrl, readDays, readPayability } from "../requests/payability.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { Notice } from "./notice.js";
import { OutageList } from "./payability-outages.js";
import { TargetEditor } from "./payability-targets.js";

const FRESH_MS = 10_000;
const SPANS = [30, 90, 365];

export function Payability() {
  const t = words.value;
  const load = useLoad("payability", readPayability);
  useEffect(() => {
    const timer = setInterval(load.reload, FRESH_MS);
    return () => clearInterval(timer);
  }, []);
  if (load.status === "loading") return html`<${Notice} icon="waiting" title=${t("loading")} />`;
  if (load.data === null) {
    return html`<${Notice} icon="offline" title=${t("payability.failed")} body=${codeWords(t, "problem", load.problem)}
      action=${{ label: t("retry"), run: load.reload }} />`;
  }
  const { items, outages, notices, looks } = load.data;
  if (items.length === 0) return html`<${Notice} icon="qr" title=${t("payability.none")} body=${t("payability.none.body")} />`;
  return html`<div class="payability" data-testid="payability">
    ${load.problem && html`<p class="message message--bad" role="alert"><${Icon} name="offline" /><span>${t("payability.old")} ${codeWords(t, "problem", load.problem)}</span></p>`}
    ${byWard(items).map((ward) => html`<${Ward} key=${ward.id} ward=${ward} look=${looks.find((one) => one.ward === ward.id)}
      outages=${outages.filter((one) => one.ward === ward.id)} notices=${notices.filter((one) => one.ward === ward.id)} changed=${load.reload} />`)}
  </div>`;
}

function Ward({ ward, look, outages, notices, changed }) {
  const t = words.value;
  const [editing, setEditing] = useState(false);
  const stale = look?.stale ?? true;
  const share = stale ? null : payableShare(ward.sums);
  const target = ward.sites.reduce((sum, site) => sum + site.target.payable * site.points, 0) / Math.max(1, ward.sums.points);
  return html`<section class="payability__ward" aria-labelledby=${`ward-${ward.id}`}>
    <div class="payability__head"><h3 class="payability__name" id=${`ward-${ward.id}`}>${ward.name}</h3>
      <p class="sheet__note">${look?.looked_at ? t(stale ? "payability.stale" : "payability.at", { at: clock(look.looked_at, second.value) }) : t("payability.never")}</p>
      <div class="sheet__tools">${setsTargets(state.value.user) && html`<button type="button" class="button" data-testid="targets-open"
        onClick=${() => setEditing(true)}><${Icon} name="flag" />${t("payability.targets")}</button>`}</div></div>
    <dl class="payability__figures">
      <${Figure} name="registered" value=${number(t, ward.sums.points)} note=${t("payability.sites", { n: ward.sites.length })} />
      <${Figure} name="verified" value=${number(t, ward.sums.verified)} note=${shareWords(t, verifiedShare(ward.sums))} />
      <${Figure} name="payable" value=${stale ? "–" : number(t, ward.sums.payable)} note=${shareWords(t, share)} look=${standing(share, target)} />
      <${Figure} name="lost" value=${minutesWords(t, ward.sums.lost_minutes)} note=${t("payability.today")} />
    </dl>
    <${OutageList} outages=${outages} notices=${notices} names=${nameOf(ward)} />
    <div class="card table__scroll"><table class="table payability__table" data-testid="payability-sites">
      <thead><tr><th>${t("payability.site")}</th><th>${t("payability.registered")}</th><th>${t("payability.verified")}</th>
        <th>${t("payability.payable")}</th><th>${t("payability.lost")}</th></tr></thead>
      <tbody>${ward.sites.map((site) => html`<${Site} key=${site.site} site=${site} stale=${stale} />`)}</tbody></table></div>
    <${Trend} ward=${ward.id} target=${target} />
    ${editing && html`<${TargetEditor} ward=${ward} onClose=${() => setEditing(false)} onChanged=${changed} />`}
  </section>`;
}

const nameOf = (ward) => (id) => ward.sites.find(({ site }) => site === id)?.site_name ?? id;
const shareWords = (t, share) => (share === null ? t("payability.unknown") : percent(t, share));

/** @param {{name: string, value: string, note: string, look?: {tone: string, icon: string}|null}} props */
function Figure({ name, value, note, look = null }) {
  const t = words.value;
  return html`<div class="card payability__figure" data-testid=${`figure-${name}`}><dt>${t(`payability.${name}`)}</dt>
    <dd class="payability__number">${value}</dd>
    <dd class="sheet__note">${look ? html`<span class=${`chip chip--${look.tone}`}><${Icon} name=${look.icon} />${note}</span>` : note}</dd></div>`;
}

function Site({ site, stale }) {
  const t = words.value;
  const shut = site.closed === site.points;
  return html`<tr data-testid=${`site-${site.site}`}>
    <th scope="row" class="payability__site">${site.site_name}<span class="sheet__note">${t(`payability.kind.${site.kind}`)}</span></th>
    <td data-label=${t("payability.registered")}>${number(t, site.points)}</td>
    <td data-label=${t("payability.verified")}><${Share} n=${site.verified} of=${site.points} share=${verifiedShare(site)} target=${site.target.verified} /></td>
    <td data-label=${t("payability.payable")}>${shut && !stale ? html`<span class="chip chip--quiet"><${Icon} name="clock" />${t("payability.closed")}</span>`
      : html`<${Share} n=${stale ? null : site.payable} of=${site.payable + site.not_payable} share=${stale ? null : payableShare(site)} target=${site.target.payable} />`}
      ${site.unknown > 0 && !stale && html`<span class="sheet__note">${t("payability.blind", { n: site.unknown })}</span>`}</td>
    <td data-label=${t("payability.lost")}>${minutesWords(t, site.lost_minutes)}</td></tr>`;
}

/** A number, its share as a bar, and how that stands to the target; a stroke in the bar is the target. */
function Share({ n, of, share, target }) {
  const t = words.value;
  const { tone, icon, word } = standing(share, target);
  const said = t(`payability.standing.${word}`, { target: percent(t, target) });
  return html`<div class="share"><span class="share__n">${n === null || share === null ? "–" : `${n} / ${of}`}</span>
    <svg class="share__bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label=${`${shareWords(t, share)}. ${said}`}>
      <rect class="share__all" width="100" height="10" rx="2" />
      ${share !== null && html`<rect class=${`share__part share__part--${tone}`} width=${Math.round(share * 1000) / 10} height="10" rx="2" />`}
      <rect class="share__target" x=${Math.min(99, target * 100)} y="0" width="1" height="10" /></svg>
    <span class=${`chip chip--${tone}`}><${Icon} name=${icon} />${shareWords(t, share)}</span>
    <span class="share__aim sheet__note">${said}</span></div>`;
}

function Trend({ ward, target }) {
  const t = words.value;
  const [days, setDays] = useState(SPANS[0]);
  const load = useLoad(`days ${ward} ${days}`, () => readDays(ward, days));
  const line = trend(load.data?.items ?? []);
  return html`<section class="card" data-testid="payability-trend"><div class="card__head payability__trendhead">
      <h4 class="card__title">${t("payability.trend")}</h4>
      <div class="tabs" role="group" aria-label=${t("payability.span.label")}>${SPANS.map((n) => html`<button type="button" key=${n} class="tabs__item"
        aria-pressed=${n === days} onClick=${() => setDays(n)}>${t("payability.days", { n })}</button>`)}</div>
      <a class="button" href=${exportUrl(ward, days)} download data-testid="payability-csv"><${Icon} name="download" />${t("payability.csv")}</a></div>
    <div class="card__body">${load.status === "failed" ? html`<p class="message message--bad"><${Icon} name="offline" /><span>${codeWords(t, "problem", load.problem)}</span></p>`
      : line.length === 0 ? html`<p class="sheet__note">${t(load.status === "loading" ? "loading" : "payability.trend.none")}</p>`
        : html`<${Chart} line=${line} target=${target} />`}</div></section>`;
}

const WIDE = 720;
const HIGH = 120;

function Chart({ line, target }) {
  const t = words.value;
  const shares = line.flatMap(({ share }) => (share === null ? [] : [share]));
  const mean = shares.length === 0 ? null : shares.reduce((a, b) => a + b, 0) / shares.length;
  const day = (text) => dateOf(Date.parse(`${text}T12:00:00+07:00`)).slice(0, 5);
  const said = t("payability.trend.said", { n: line.length, mean: shareWords(t, mean), target: percent(t, target) });
  return html`<figure class="trend"><svg viewBox=${`0 0 ${WIDE} ${HIGH}`} role="img" aria-label=${said} preserveAspectRatio="none">
      ${bars(line, WIDE, HIGH).map(({ n, ...box }) => html`<rect key=${n} ...${box} rx="1.5" class=${`share__part--${standing(line[n].share, target).tone}`}>
        <title>${`${day(line[n].day)}: ${shareWords(t, line[n].share)}, ${t("payability.lost")}: ${minutesWords(t, line[n].lost)}`}</title></rect>`)}
      <line class="trend__target" x1="0" x2=${WIDE} y1=${HIGH * (1 - target)} y2=${HIGH * (1 - target)} /></svg>
    <figcaption><span>${day(line[0].day)}</span><span>${said}</span><span>${day(line[line.length - 1].day)}</span></figcaption></figure>`;
}
