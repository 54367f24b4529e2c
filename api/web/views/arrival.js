/** A bar on pages beside which no lane stands: the alert that has just come, until it is opened or put away. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { works } from "../incidents.js";
import { go } from "../navigation.js";
import { callers, dispatch, state } from "../store.js";
import { codeWords } from "../translate.js";
import { placeOf } from "../select.js";
import { placeWords } from "./incident-words.js";

/** What was put away, or came while the lane was in sight: the id of an alert. */
const away = signal(/** @type {string|null} */ (null));

/** @param {{lane: boolean|undefined}} props whether the lane stands beside the page */
export function ArrivalBar({ lane }) {
  const { latestArrival, alerts, user, work } = state.value;
  useEffect(() => { if (lane) away.value = latestArrival; }, [lane, latestArrival]);
  if (lane) return null;
  const grave = works(user) ? callers.value[0] : undefined;
  if (grave) {
    return html`<${Bar} severity=${grave.severity} kind=${grave.kind} place=${placeWords(state.value, grave)}
      more=${callers.value.length - 1} open=${() => go("incidents", grave.id)} />`;
  }
  const alert = latestArrival === null || latestArrival === away.value ? undefined : alerts[latestArrival];
  const incident = alert && work.incidents[work.incidentOf[alert.event.id]];
  if (!alert || (incident && incident.state !== "new")) return null;
  const place = placeOf(state.value, alert);
  return html`<${Bar} severity=${alert.event.severity} kind=${alert.event.kind} place=${[place.site, place.source].join(" · ")}
    more=${0} open=${() => dispatch({ type: "alert.shown", id: alert.event.id })} close=${() => { away.value = latestArrival; }} />`;
}

function Bar({ severity, kind, place, more, open, close }) {
  const t = words.value;
  return html`<div class=${`arrival severity--${severity}`} role="alert" data-testid="arrival">
    <span class="arrival__severity"><${SeverityIcon} severity=${severity} />${codeWords(t, "severity", severity)}</span>
    <p class="arrival__text"><strong>${codeWords(t, "kind", kind)}</strong> · ${place}
      ${more > 0 && html` <span class="count">+${more}</span>`}</p>
    <button type="button" class="button button--primary" onClick=${open}>${t("arrival.open")}</button>
    ${close && html`<button type="button" class="button button--icon" aria-label=${t("close")} title=${t("close")} onClick=${close}>
      <${Icon} name="close" /></button>`}
  </div>`;
}
