/** The lane of alerts: what waits for somebody, or all; what is happening on top, what has ended below. */
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { placeOf } from "../select.js";
import { dispatch, laneGroups, state, waiting } from "../store.js";
import { codeWords } from "../translate.js";
import { LaneEntry } from "./lane-entry.js";
import { Notice } from "./notice.js";

/** @param {{doings: import("./page.js").Doings}} props */
export function Alerts({ doings }) {
  const t = words.value;
  return html`<aside class="alerts" id="alerts" data-testid="alert-feed" aria-label=${t("alerts.label")}>
    <div class="alerts__title"><h2><${Icon} name="bell" />${t("alerts.label")}</h2><${Filter} /></div>
    <div class="alerts__list"><${Lane} doings=${doings} /></div>
  </aside>`;
}

function Filter() {
  const t = words.value;
  const { filter } = state.value.work;
  const tab = (name, count) => html`<button type="button" class="tabs__item" aria-pressed=${filter === name}
    data-testid=${`lane-${name}`} onClick=${() => dispatch({ type: "work.filtered", filter: name })}>${t(`lane.${name}`)}
    ${count > 0 && html`<span class="count" title=${t("lane.waiting", { n: count })}>${count}</span>`}</button>`;
  return html`<div class="tabs" role="group" aria-label=${t("lane.filter")}>${tab("unhandled", waiting.value)}${tab("all", 0)}</div>`;
}

function Lane({ doings }) {
  const t = words.value;
  const { alertsStatus, alertsProblem, work } = state.value;
  const { open, ended } = laneGroups.value;
  const unhandled = work.filter === "unhandled";
  if (open.length + ended.length === 0) {
    if (alertsStatus === "loading") return html`<${Notice} icon="waiting" title=${t("alerts.loading")} />`;
    if (alertsStatus === "failed") {
      return html`<${Notice} icon="offline" title=${t("alerts.failed.title")} body=${codeWords(t, "problem", alertsProblem)}
        action=${{ label: t("retry"), run: doings.refetch }} />`;
    }
    return unhandled && Object.keys(state.value.alerts).length > 0
      ? html`<${Notice} icon="check" title=${t("lane.empty.title")} body=${t("lane.empty.body")} />`
      : html`<${Notice} icon="check" title=${t("alerts.empty.title")} body=${t("alerts.empty.body")} />`;
  }
  return html`
    ${open.length > 0
      ? html`<${Group} title=${t("alerts.open")} entries=${open} />`
      : html`<p class="alerts__quiet"><${Icon} name="check" />${t("alerts.quiet")}</p>`}
    ${ended.length > 0 && html`<${Group} title=${t(unhandled ? "lane.ended" : "alerts.closed")} entries=${ended} />`}
    ${!unhandled && html`<${Older} loadOlder=${doings.loadOlder} />`}`;
}

function Group({ title, entries }) {
  return html`<section class="alerts__group" aria-label=${title}>
    <h3 class="alerts__heading">${title}</h3>
    <ol>${entries.map((entry) => html`<${LaneEntry} key=${entry.key} entry=${entry} />`)}</ol>
  </section>`;
}

function Older({ loadOlder }) {
  const t = words.value;
  const { nextCursor, olderStatus, alertsStatus } = state.value;
  if (nextCursor === null) return alertsStatus === "ready" ? html`<p class="alerts__end">${t("alerts.end")}</p>` : null;
  const text = { idle: "alerts.older", loading: "alerts.older.loading", failed: "alerts.older.failed" }[olderStatus];
  return html`<button type="button" class="button alerts__older" onClick=${loadOlder} disabled=${olderStatus === "loading"}>
    ${t(text)}</button>`;
}

/** Reads a new alert to those who listen to the page. */
export function Announcer() {
  const t = words.value;
  const { alerts, latestArrival } = state.value;
  const alert = latestArrival === null ? undefined : alerts[latestArrival];
  return html`<p class="hidden" aria-live="polite">${alert && announcement(t, alert)}</p>`;
}

function announcement(t, alert) {
  const place = placeOf(state.peek(), alert);
  return t("alerts.announce", {
    severity: codeWords(t, "severity", alert.event.severity),
    kind: codeWords(t, "kind", alert.event.kind),
    place: [place.site, place.source].join(", "),
  });
}
