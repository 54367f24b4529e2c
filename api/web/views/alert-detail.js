/** One alert in full: what can be seen of it, why the box raised it, and the work on the incident that it is part of. */
import { second } from "../clock.js";
import { duration, moment, percent, pictureAge } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { isFire } from "../kinds.js";
import { go } from "../navigation.js";
import { eyeOf, isOpen, neighbour, placeOf } from "../select.js";
import { alertIds, dispatch, state } from "../store.js";
import { codeWords } from "../translate.js";
import { counted, whyRows, whySentence } from "../why.js";
import { Dialog } from "./dialog.js";
import { EventView } from "./event-view.js";
import { ExportButton } from "./export.js";
import { FireCall } from "./fire-call.js";
import { IncidentWork } from "./incident-work.js";
import { people } from "./lane-entry.js";
import { Toast } from "./toast.js";

/** @param {{id: string}} props */
export function AlertDetail({ id }) {
  const t = words.value;
  const { alerts, work } = state.value;
  const alert = alerts[id];
  if (!alert) return null;
  const { event } = alert;
  const place = placeOf(state.value, alert);
  const incident = work.incidents[work.incidentOf[id]];
  const eye = eyeOf(state.value, event);
  const title = html`<span class=${`dialog__badge severity--${event.severity}`}>
      <${SeverityIcon} severity=${event.severity} />${codeWords(t, "severity", event.severity)}</span>
    <h2 class="dialog__title">${codeWords(t, "kind", event.kind)}</h2>
    <span class="dialog__place">${[place.site, place.source].join(" · ")}</span>
    <${Status} event=${event} open=${isOpen(alert)} />`;
  return html`<${Dialog} name="alert" label=${t("detail.label")} testid="alert-detail" title=${title}
    onClose=${() => dispatch({ type: "alert.left" })}>
    <div class="detail">
      <${EventView} event=${event} place=${[place.source, place.site].join(", ")} />
      <div class="detail__facts">
        ${isFire(event.kind) && html`<${FireCall} />`}
        ${incident ? html`<${IncidentWork} key=${incident.id} id=${incident.id}><${Why} event=${event} /><//>` : html`<${Why} event=${event} />`}
        <${Facts} alert=${alert} place=${place} />
      </div>
    </div>
    <div class="dialog__foot">
      <${Steps} id=${id} />
      <div class="dialog__steps">
        <${ExportButton} thing=${{ event: id }} />
        ${incident && html`<button type="button" class="button" data-testid="open-incident" onClick=${() => leaveTo(() => go("incidents", incident.id))}>
          <${Icon} name="flag" />${t("detail.incident", { n: incident.events })}</button>`}
        ${eye && html`<button type="button" class="button"
          onClick=${() => leaveTo(() => watch(eye.id))}><${Icon} name="camera" />${t("detail.watch")}</button>`}
      </div>
    </div>
    <${Toast} />
  <//>`;
}

function leaveTo(where) {
  dispatch({ type: "alert.left" });
  where();
}

function watch(camera) {
  go("wall");
  dispatch({ type: "camera.focused", id: camera });
}

function Status({ event, open }) {
  const t = words.value;
  const end = event.closed_at ? Date.parse(event.closed_at) : second.value;
  const lasted = duration(t, end - Date.parse(event.opened_at));
  return html`<span class=${`alert__state ${open ? "alert__state--open" : ""}`}>
    ${t(open ? "alert.open.for" : "alert.closed.for", { for: lasted })}</span>`;
}

/** Why the box raised it. @param {{event: import("../types.js").Event}} props */
export function Why({ event }) {
  const t = words.value;
  const sentence = whySentence(t, event);
  const rows = whyRows(t, event, (id) => state.value.cameras[id]?.name ?? id);
  if (rows.length === 0 && !sentence) return null;
  return html`<section class="why">
    <h3>${t("detail.why")}</h3>
    ${sentence && html`<p class="why__sentence">${sentence}</p>`}
    <dl class="facts">${rows.map(({ key, name, value }) => html`<${Fact} key=${key} name=${name} value=${value} />`)}</dl>
  </section>`;
}

function Facts({ alert, place }) {
  const t = words.value;
  const { event } = alert;
  const now = second.value;
  const at = (text) => moment(Date.parse(text), now);
  const delay = Math.max(0, Date.parse(alert.received_at) - Date.parse(event.opened_at));
  const facts = [
    ["site", place.site],
    [event.camera === undefined ? "device" : "camera", place.source],
    ["zone", place.zone],
    ["opened", at(event.opened_at)],
    ["closed", event.closed_at && at(event.closed_at)],
    ["reason", codeWords(t, "reason", event.close_reason)],
    [counted(event.kind) === "people" ? "people" : "count", event.count + event.peak_count > 0 && people(t, event, isOpen(alert))],
    ["confidence", event.confidence > 0 && percent(t, event.confidence)],
    ["delay", Number.isFinite(delay) && pictureAge(t, delay)],
    ["box", alert.box],
    ["id", event.id],
  ];
  return html`<dl class="facts">${facts.filter(([, value]) => value).map(([key, value]) =>
    html`<${Fact} key=${key} name=${t(`detail.${key}`)} value=${value} fine=${key === "id"} />`)}</dl>`;
}

function Fact({ name, value, fine = false }) {
  return html`<div class=${fine ? "fact fact--fine" : "fact"}><dt>${name}</dt><dd>${value}</dd></div>`;
}

function Steps({ id }) {
  const t = words.value;
  const ids = alertIds.value;
  const step = (by, label, icon) => {
    const next = neighbour(ids, id, by);
    return html`<button type="button" class="button" disabled=${next === null || next === id}
      onClick=${() => dispatch({ type: "alert.shown", id: next })}><${Icon} name=${icon} />${label}</button>`;
  };
  return html`<div class="dialog__steps">${step(-1, t("detail.newer"), "up")}${step(1, t("detail.older"), "down")}</div>`;
}
