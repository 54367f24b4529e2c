/** A shift at a glance: figures, what came, what is left, which cameras are dark, who did what, what was said. */
import { second } from "../clock.js";
import { duration, moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { addressOf } from "../route.js";
import { byKind, byOfficer } from "../shift.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { placeWords } from "./incident-words.js";
import { WorkState } from "./work-state.js";

const ACTIONS = ["assign", "resolve", "false_alarm", "escalate", "comment"];

/** @param {{summary: import("../requests/handovers.js").Summary}} props */
export function ShiftSummary({ summary }) {
  const t = words.value;
  const kinds = byKind(summary.counts);
  const total = kinds.reduce((sum, { n }) => sum + n, 0);
  const { median_to_acknowledge: median, slowest_to_acknowledge: slowest, median_to_resolve: resolved } = summary.times;
  const time = (seconds) => (seconds === undefined ? "–" : duration(t, seconds * 1000));
  return html`<dl class="figures">
      <${Figure} name=${t("shift.total")} value=${total} />
      <${Figure} name=${t("shift.unfinished")} value=${summary.unfinished.length} warn=${summary.unfinished.length > 0} />
      <${Figure} name=${t("shift.dark")} value=${summary.cameras.length} warn=${summary.cameras.length > 0} />
      <${Figure} name=${t("shift.acknowledged")} value=${time(median)} note=${slowest !== undefined && t("shift.slowest", { for: time(slowest) })} />
      <${Figure} name=${t("shift.resolved")} value=${time(resolved)} />
    </dl>
    <div class="shift__columns">
      <${Card} title=${t("shift.unfinished")} empty=${t("shift.unfinished.none")} items=${summary.unfinished}>
        <ul class="shift__list" data-testid="shift-unfinished">${summary.unfinished.map((one) => html`<li key=${one.id} class=${`severity--${one.severity}`}>
          <${SeverityIcon} severity=${one.severity} /><a class="incidents__link" href=${addressOf("incidents", one.id)}>${codeWords(t, "kind", one.kind)}</a>
          <span>${placeWords(state.value, one)}</span><time>${moment(Date.parse(one.opened_at), second.peek())}</time>
          <${WorkState} incident=${state.value.work.incidents[one.id] ?? one} /></li>`)}</ul><//>
      <${Card} title=${t("shift.dark")} empty=${t("shift.dark.none")} items=${summary.cameras}>
        <ul class="shift__list">${summary.cameras.map((one) => html`<li key=${one.id}><${Icon} name="camera_off" />
          <strong>${one.name}</strong><span>${one.box_state === "offline" ? t("box.offline") : codeWords(t, "fault", one.fault ?? "unknown")}</span>
          ${one.since && html`<span>${t("tile.since", { time: moment(Date.parse(one.since), second.peek()), for: duration(t, second.peek() - Date.parse(one.since)) })}</span>`}</li>`)}</ul><//>
      <${Card} title=${t("shift.kinds")} empty=${t("shift.kinds.none")} items=${kinds}>
        <table class="table"><thead><tr>${["kind", "n", "unfinished", "false"].map((name) => html`<th key=${name} scope="col">${t(`shift.column.${name}`)}</th>`)}</tr></thead>
          <tbody>${kinds.map((row) => html`<tr key=${row.kind}><td>${codeWords(t, "kind", row.kind)}</td><td>${row.n}</td><td>${row.unfinished}</td><td>${row.false_alarms}</td></tr>`)}</tbody></table><//>
      <${Card} title=${t("shift.work")} empty=${t("shift.work.none")} items=${summary.work}>
        <ul class="shift__list">${byOfficer(summary.work).map((row) => html`<li key=${row.actor}><${Icon} name="person" /><strong>${row.name}</strong>
          <span>${ACTIONS.filter((action) => row.actions[action]).map((action) => t(`shift.did.${action}`, { n: row.actions[action] })).join(" · ")}</span></li>`)}</ul><//>
      ${summary.comments.length > 0 && html`<${Card} title=${t("shift.comments")} items=${summary.comments}>
        <ul class="shift__list">${summary.comments.map((one) => html`<li key=${`${one.incident_id} ${one.at}`}><time>${moment(Date.parse(one.at), second.peek())}</time>
          <strong>${one.actor_name ?? one.actor}</strong><a class="incidents__link" href=${addressOf("incidents", one.incident_id)}>${codeWords(t, "kind", one.kind)}</a>
          <span class="shift__said">${one.text}</span></li>`)}</ul><//>`}
    </div>`;
}

function Figure({ name, value, note, warn = false }) {
  return html`<div class=${`figures__item ${warn ? "figures__item--warn" : ""}`}><dt>${name}</dt><dd>${value}</dd>
    ${note && html`<dd class="figures__note">${note}</dd>`}</div>`;
}

function Card({ title, empty, items, children }) {
  return html`<section class="card"><div class="card__head"><h2 class="card__title">${title}</h2></div>
    ${items.length === 0 ? html`<p class="card__body sheet__note">${empty}</p>` : children}</section>`;
}
