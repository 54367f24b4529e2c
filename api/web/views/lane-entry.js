/** One entry of the lane: an alert with its picture and how far the work on it is, or an incident without an alert. */
import { second } from "../clock.js";
import { ago, duration, moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { works } from "../incidents.js";
import { isFire } from "../kinds.js";
import { go } from "../navigation.js";
import { isOpen, placeOf } from "../select.js";
import { dispatch, state } from "../store.js";
import { codeWords } from "../translate.js";
import { start } from "../triage.js";
import { counted } from "../why.js";
import { ChoiceMenu } from "./choice-menu.js";
import { FireSign } from "./fire-call.js";
import { causeIcon, placeWords } from "./incident-words.js";
import { Snapshot } from "./snapshot.js";
import { WorkState } from "./work-state.js";

/** @param {{entry: import("../lane.js").Entry}} props */
export function LaneEntry({ entry }) {
  const { work, user } = state.value;
  const { key, alert, incident } = entry;
  const chosen = work.selected === key;
  const menu = chosen && work.menu?.place === "lane" && work.menu.incident === incident?.id ? work.menu : null;
  const body = entry.compact ? html`<${Compact} entry=${entry} />` : alert ? html`<${Full} entry=${entry} alert=${alert} />`
    : html`<${Eventless} incident=${incident} />`;
  const { severity } = alert?.event ?? incident ?? { severity: "medium" };
  const lit = alert ? isOpen(alert) : entry.open;
  return html`<li class=${`entry ${chosen ? "entry--chosen" : ""}`}>
    <button type="button" data-testid=${alert ? "alert" : "alert-incident"} data-key=${key} data-event-id=${alert?.event.id}
      data-incident-id=${incident?.id} data-severity=${severity} aria-current=${chosen ? "true" : undefined}
      class=${`alert severity--${severity} ${lit ? "alert--open" : "alert--closed"} ${alert?.arrived ? "alert--arrived" : ""} ${entry.compact ? "alert--compact" : ""}`}
      onFocus=${() => dispatch({ type: "work.selected", key })} onClick=${() => open(entry)}>${body}</button>
    ${chosen && incident && !entry.compact && works(user) && html`<${Actions} incident=${incident} />`}
    ${menu && html`<${ChoiceMenu} menu=${menu} />`}
  </li>`;
}

/** @param {import("../lane.js").Entry} entry */
function open({ alert, incident }) {
  if (alert) dispatch({ type: "alert.shown", id: alert.event.id });
  else if (incident) go("incidents", incident.id);
}

function Full({ entry, alert }) {
  const t = words.value;
  const { event } = alert;
  const place = placeOf(state.value, alert);
  const lasts = isOpen(alert);
  const others = (entry.incident?.events ?? 1) - 1;
  return html`<${Snapshot} event=${event} />
    <span class="alert__text">
      <${Head} severity=${event.severity} at=${event.opened_at} />
      <strong class="alert__kind">${codeWords(t, "kind", event.kind)}</strong>
      <span class="alert__place">${[place.site, place.source, place.zone].filter(Boolean).join(" · ")}</span>
      ${isFire(event.kind) && html`<${FireSign} />`}
      <${WorkState} incident=${entry.incident} />
      <span class="alert__foot">
        ${event.count + event.peak_count > 0 && html`<span class="alert__people">${counted(event.kind) === "people" && html`<${Icon} name="person" />`}${people(t, event, lasts)}</span>`}
        <${Lasting} event=${event} open=${lasts} />
        ${entry.key !== event.id && others > 0 && html`<span>${t("lane.more", { n: others })}</span>`}
      </span>
    </span>`;
}

/** What is known without any alert: a box that is silent, or an incident whose alerts lie far back. */
function Eventless({ incident }) {
  const t = words.value;
  return html`<span class="alert__sign"><${Icon} name=${causeIcon(incident)} /></span>
    <span class="alert__text">
      <${Head} severity=${incident.severity} at=${incident.opened_at} />
      <strong class="alert__kind">${codeWords(t, "kind", incident.kind)}</strong>
      <span class="alert__place">${placeWords(state.value, incident)}</span>
      ${isFire(incident.kind) && html`<${FireSign} />`}
      <${WorkState} incident=${incident} />
      <span class="alert__foot">${incident.cause && html`<strong>${t(`cause.${incident.cause}`)}</strong>`}
        <span>${ago(t, second.value - Date.parse(incident.opened_at))}</span></span>
    </span>`;
}

/** One line, for what is over and dealt with. */
function Compact({ entry: { alert, incident, at } }) {
  const t = words.value;
  const where = alert ? placeOf(state.value, alert).source : placeWords(state.value, incident);
  return html`<${SeverityIcon} severity=${alert?.event.severity ?? incident.severity} />
    <span class="alert__line"><strong>${codeWords(t, "kind", alert?.event.kind ?? incident.kind)}</strong> · ${where}</span>
    <time class="alert__when">${moment(Date.parse(at), second.value)}</time>
    <${WorkState} incident=${incident} />`;
}

function Head({ severity, at }) {
  const time = Date.parse(at);
  return html`<span class="alert__head">
    <span class="alert__severity"><${SeverityIcon} severity=${severity} />${codeWords(words.value, "severity", severity)}</span>
    <time class="alert__when" dateTime=${at}>${moment(time, second.value)}</time></span>`;
}

function Actions({ incident }) {
  const t = words.value;
  const { busy } = state.value.work;
  const waits = incident.state === "new" || incident.state === "seen";
  const step = (action, key) => html`<button type="button" class="button entry__step" data-testid=${`lane-${action}`}
    disabled=${busy[incident.id] !== undefined} onClick=${() => start({ id: incident.id, place: "lane" }, action)}>
    ${t(`step.${action}.short`)}<kbd>${key}</kbd></button>`;
  return html`<div class="entry__steps">
    ${waits ? step("assign", "R") : incident.state === "assigned" && step("resolve", "D")}
    ${incident.state === "resolved" || incident.state === "false_alarm" ? step("reopen", "O")
      : html`${step("false_alarm", "F")}${step("escalate", "E")}`}
  </div>`;
}

/** @param {import("../translate.js").Translator} t @param {import("../types.js").Event} event @param {boolean} open */
export function people(t, { kind, count, peak_count }, open) {
  const key = `alert.${counted(kind)}`;
  if (!open) return t(key, { n: Math.max(count, peak_count) });
  return peak_count > count ? t(`${key}.peak`, { n: count, peak: peak_count }) : t(key, { n: count });
}

function Lasting({ event, open }) {
  const t = words.value;
  const end = event.closed_at ? Date.parse(event.closed_at) : second.value;
  const text = t(open ? "alert.open.for" : "lane.lasted", { for: duration(t, end - Date.parse(event.opened_at)) });
  return html`<span class=${`alert__state ${open ? "alert__state--open" : ""}`}>${text}</span>`;
}
