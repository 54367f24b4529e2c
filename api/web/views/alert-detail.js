/** One alert in full: the moment as a picture, where and when, and why the box raised it. */
import { second } from "../clock.js";
import { duration, moment, percent, pictureAge } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { isOpen, neighbour, placeOf } from "../select.js";
import { alertIds, dispatch, state } from "../store.js";
import { codeWords } from "../translate.js";
import { counted, whyRows, whySentence } from "../why.js";
import { people } from "./alerts.js";
import { Dialog } from "./dialog.js";
import { Snapshot } from "./snapshot.js";

/** @param {{id: string}} props */
export function AlertDetail({ id }) {
  const t = words.value;
  const alert = state.value.alerts[id];
  if (!alert) return null;
  const { event } = alert;
  const place = placeOf(state.value, alert);
  const where = [place.camera, place.site].join(", ");
  const time = moment(Date.parse(event.captured_at), second.peek());
  const title = html`<span class=${`dialog__badge severity--${event.severity}`}>
      <${SeverityIcon} severity=${event.severity} />${codeWords(t, "severity", event.severity)}</span>
    <h2 class="dialog__title">${codeWords(t, "kind", event.kind)}</h2>
    <${Status} event=${event} open=${isOpen(alert)} />`;
  return html`<${Dialog} name="alert" label=${t("detail.label")} testid="alert-detail" title=${title}
    onClose=${() => dispatch({ type: "alert.left" })}>
    <div class="detail">
      <${Snapshot} key=${id} event=${event} large=${true} alt=${t("snapshot.alt", { place: where, time })} />
      <div class="detail__facts">
        <${Why} event=${event} />
        <${Facts} alert=${alert} place=${place} />
      </div>
    </div>
    <div class="dialog__foot">
      <${Steps} id=${id} />
      ${state.value.cameras[event.camera] && html`<button type="button" class="button button--primary"
        onClick=${() => watch(event.camera)}><${Icon} name="camera" />${t("detail.watch")}</button>`}
    </div>
  <//>`;
}

function watch(camera) {
  dispatch({ type: "alert.left" });
  dispatch({ type: "camera.focused", id: camera });
}

function Status({ event, open }) {
  const t = words.value;
  const end = event.closed_at ? Date.parse(event.closed_at) : second.value;
  const lasted = duration(t, end - Date.parse(event.opened_at));
  return html`<span class=${`alert__state ${open ? "alert__state--open" : ""}`}>
    ${t(open ? "alert.open.for" : "alert.closed.for", { for: lasted })}</span>`;
}

function Why({ event }) {
  const t = words.value;
  const sentence = whySentence(t, event);
  const rows = whyRows(t, event);
  if (rows.length === 0) return null;
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
    ["camera", place.camera],
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
