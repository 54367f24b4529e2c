/** The lane of alerts: what is happening on top, what has ended below, newest first in both. */
import { second } from "../clock.js";
import { ago, duration, moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { isOpen, placeOf } from "../select.js";
import { alertGroups, dispatch, state } from "../store.js";
import { codeWords } from "../translate.js";
import { counted } from "../why.js";
import { Notice } from "./notice.js";
import { Snapshot } from "./snapshot.js";

/** @param {{doings: import("./page.js").Doings}} props */
export function Alerts({ doings }) {
  const t = words.value;
  const { open } = alertGroups.value;
  return html`<aside class="alerts" id="alerts" data-testid="alert-feed" aria-label=${t("alerts.label")}>
    <h2 class="alerts__title"><${Icon} name="bell" />${t("alerts.label")}
      ${open.length > 0 && html`<span class="count" title=${t("alerts.open")}>${open.length}</span>`}</h2>
    <div class="alerts__list"><${Lane} doings=${doings} /></div>
  </aside>`;
}

function Lane({ doings }) {
  const t = words.value;
  const { alertsStatus, alertsProblem } = state.value;
  const { open, closed } = alertGroups.value;
  if (open.length + closed.length === 0) {
    if (alertsStatus === "loading") return html`<${Notice} icon="waiting" title=${t("alerts.loading")} />`;
    if (alertsStatus === "failed") {
      return html`<${Notice} icon="offline" title=${t("alerts.failed.title")} body=${codeWords(t, "problem", alertsProblem)}
        action=${{ label: t("retry"), run: doings.refetch }} />`;
    }
    return html`<${Notice} icon="check" title=${t("alerts.empty.title")} body=${t("alerts.empty.body")} />`;
  }
  return html`
    ${open.length > 0
      ? html`<${Group} title=${t("alerts.open")} alerts=${open} />`
      : html`<p class="alerts__quiet"><${Icon} name="check" />${t("alerts.quiet")}</p>`}
    ${closed.length > 0 && html`<${Group} title=${t("alerts.closed")} alerts=${closed} />`}
    <${Older} loadOlder=${doings.loadOlder} />`;
}

function Group({ title, alerts }) {
  return html`<section class="alerts__group" aria-label=${title}>
    <h3 class="alerts__heading">${title}</h3>
    <ol>${alerts.map((alert) => html`<li key=${alert.event.id}><${Item} alert=${alert} /></li>`)}</ol>
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

function Item({ alert }) {
  const t = words.value;
  const { event, arrived } = alert;
  const place = placeOf(state.value, alert);
  const open = isOpen(alert);
  return html`<button type="button" data-testid="alert" data-event-id=${event.id} data-severity=${event.severity}
    class=${`alert severity--${event.severity} ${open ? "alert--open" : "alert--closed"} ${arrived ? "alert--arrived" : ""}`}
    onClick=${() => dispatch({ type: "alert.shown", id: event.id })}>
    <${Snapshot} event=${event} />
    <span class="alert__text">
      <span class="alert__head">
        <span class="alert__severity"><${SeverityIcon} severity=${event.severity} />${codeWords(t, "severity", event.severity)}</span>
        <${When} openedAt=${Date.parse(event.opened_at)} />
      </span>
      <strong class="alert__kind">${codeWords(t, "kind", event.kind)}</strong>
      <span class="alert__place">${[place.site, place.camera, place.zone].filter(Boolean).join(" · ")}</span>
      <span class="alert__foot">
        ${event.count + event.peak_count > 0 && html`<span class="alert__people">${counted(event.kind) === "people" && html`<${Icon} name="person" />`}${people(t, event, open)}</span>`}
        <${Ago} openedAt=${Date.parse(event.opened_at)} />
        <${Lasting} event=${event} open=${open} />
      </span>
    </span>
  </button>`;
}

/** @param {import("../translate.js").Translator} t @param {import("../types.js").Event} event @param {boolean} open */
export function people(t, { kind, count, peak_count }, open) {
  const key = `alert.${counted(kind)}`;
  if (!open) return t(key, { n: Math.max(count, peak_count) });
  return peak_count > count ? t(`${key}.peak`, { n: count, peak: peak_count }) : t(key, { n: count });
}

function When({ openedAt }) {
  return html`<time class="alert__when" dateTime=${new Date(openedAt).toISOString()}>${moment(openedAt, second.value)}</time>`;
}

function Ago({ openedAt }) {
  return html`<span>${ago(words.value, second.value - openedAt)}</span>`;
}

function Lasting({ event, open }) {
  const t = words.value;
  const end = event.closed_at ? Date.parse(event.closed_at) : second.value;
  const text = t(open ? "alert.open.for" : "alert.closed.for", { for: duration(t, end - Date.parse(event.opened_at)) });
  return html`<span class=${`alert__state ${open ? "alert__state--open" : ""}`}>${text}</span>`;
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
    place: [place.site, place.camera].join(", "),
  });
}
