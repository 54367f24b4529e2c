/** One incident on a page of its own: everything that belongs to it, and the work on it. */
import { useEffect, useState } from "preact/hooks";
import { second } from "../clock.js";
import { duration, moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { works } from "../incidents.js";
import { isFire } from "../kinds.js";
import { useLoad } from "../load.js";
import { readIncident } from "../requests/incidents.js";
import { addressOf } from "../route.js";
import { dispatch, state } from "../store.js";
import { codeWords } from "../translate.js";
import { Why } from "./alert-detail.js";
import { EventView } from "./event-view.js";
import { ExportButton } from "./export.js";
import { FireCall } from "./fire-call.js";
import { causeIcon, placeWords } from "./incident-words.js";
import { IncidentWork } from "./incident-work.js";
import { Notice } from "./notice.js";
import { Snapshot } from "./snapshot.js";

/** @param {{id: string}} props */
export function IncidentPage({ id }) {
  const t = words.value;
  const { alerts, work } = state.value;
  const { data, status, problem, reload } = useLoad(id, () => readIncident(id));
  const [chosen, setChosen] = useState(/** @type {string|null} */ (null));
  const incident = work.incidents[id];
  useEffect(() => {
    if (!data) return;
    dispatch({ type: "incidents.loaded", items: [data.incident] });
    dispatch({ type: "alerts.met", items: data.events });
  }, [data]);
  useEffect(() => { if (data && incident && incident.events !== data.incident.events) reload(); }, [incident?.events]);
  if (status === "failed") {
    return html`<main class="sheet"><${Back} /><${Notice} icon="warning" title=${t("incident.failed")}
      body=${codeWords(t, "problem", problem)} action=${{ label: t("retry"), run: reload }} /></main>`;
  }
  if (!data || !incident) return html`<main class="sheet"><${Notice} icon="waiting" title=${t("incident.loading")} /></main>`;
  const events = data.events.map((alert) => alerts[alert.event.id] ?? alert);
  const shown = (events.find(({ event }) => event.id === chosen) ?? events[0])?.event;
  const place = placeWords(state.value, incident);
  return html`<main class="sheet incident" data-testid="incident-page" data-incident-id=${id}>
    <${Back} />
    <${Head} incident=${incident} place=${place} />
    ${isFire(incident.kind) && html`<${FireCall} />`}
    <div class="incident__columns">
      <div class="incident__seen">
        ${shown ? html`<div class="card incident__view"><${EventView} key=${shown.id} event=${shown} place=${place} /></div>`
          : html`<div class="card"><${Notice} icon=${causeIcon(incident)} title=${t("incident.no_events")} /></div>`}
        ${events.length > 1 && html`<${Strip} events=${events} shown=${shown} choose=${setChosen} />`}
      </div>
      <div class="card card__body"><${IncidentWork} id=${id}>${shown && html`<${Why} event=${shown} />`}<//></div>
    </div>
  </main>`;
}

function Back() {
  return html`<a class="link incident__back" href=${addressOf("incidents")}>← ${words.value("incident.back")}</a>`;
}

function Head({ incident, place }) {
  const t = words.value;
  const opened = Date.parse(incident.opened_at);
  const ended = incident.ended_at ? Date.parse(incident.ended_at) : null;
  return html`<div class="sheet__head">
    <span class=${`dialog__badge severity--${incident.severity}`}><${SeverityIcon} severity=${incident.severity} />${codeWords(t, "severity", incident.severity)}</span>
    <h1 class="sheet__title">${codeWords(t, "kind", incident.kind)}</h1>
    <span><${Icon} name="place" /> ${place}</span>
    <span class="sheet__note">${moment(opened, second.value)} · ${t(ended === null ? "incident.since" : "incident.lasted", { for: duration(t, (ended ?? second.value) - opened) })}</span>
    <div class="sheet__tools">${works(state.value.user) && html`<a class="button" data-testid="incident-announce"
      href=${addressOf("announcements", null, { site: incident.site, incident: incident.id })}><${Icon} name="louder" />${t("announce.from_incident")}</a>`}<${ExportButton} thing=${{ incident: incident.id }} /></div>
  </div>`;
}

/** The alerts of the incident, each to be looked at above. */
function Strip({ events, shown, choose }) {
  const t = words.value;
  return html`<section aria-label=${t("incident.events", { n: events.length })}>
    <h2 class="incident__heading">${t("incident.events", { n: events.length })}</h2>
    <ol class="strip">${events.map(({ event }) => html`<li key=${event.id}><button type="button" data-testid="incident-event"
      class="strip__item" aria-pressed=${event.id === shown?.id} onClick=${() => choose(event.id)}>
      <${Snapshot} event=${event} /><span class="strip__text"><strong>${codeWords(t, "kind", event.kind)}</strong>
      <time>${moment(Date.parse(event.opened_at), second.peek())}</time></span></button></li>`)}</ol>
  </section>`;
}
