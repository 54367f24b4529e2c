/** One camera: live, and what it saw before. The address carries the moment, so that an alert or a colleague can link to it. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { second } from "../clock.js";
import { duration, moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { useLoad } from "../load.js";
import { go } from "../navigation.js";
import { readEvent, readTimeline } from "../requests/places.js";
import { addressOf } from "../route.js";
import { barred, standing } from "../select.js";
import { cameras, dispatch, openByCamera, state } from "../store.js";
import { LENGTHS, fieldOf, momentOf, panned, showing, spanAround, spanNow, windowOf, zoomed } from "../timeline.js";
import { codeWords } from "../translate.js";
import { EventView } from "./event-view.js";
import { Notice } from "./notice.js";
import { RecordingOffer, RecordingView } from "./recording.js";
import { TimelineView } from "./timeline-view.js";
import { When } from "./when.js";

const HOUR = LENGTHS[2];
const CHIPS = { live: "good", failed: "bad", offline: "bad", waiting: "warn" };
const MOST_LISTED = 200;
/** @type {never[]} */
const NONE = [];

/** @param {{id: string|null, query: Record<string, string>, doings: import("./page.js").Doings}} props */
export function CameraPage({ id, query, doings }) {
  const t = words.value;
  const { camerasStatus, camerasProblem } = state.value;
  const camera = id === null ? undefined : state.value.cameras[id];
  if (camera) return html`<${Camera} key=${camera.id} camera=${camera} query=${query} />`;
  const sheet = (inner) => html`<main class="sheet" data-testid="camera-page" aria-label=${t("page.cameras")}>${inner}</main>`;
  if (camerasStatus === "loading") return sheet(html`<${Notice} icon="waiting" title=${t("wall.loading")} />`);
  if (camerasStatus === "failed") {
    return sheet(html`<${Notice} icon="offline" title=${t("wall.failed.title")} body=${codeWords(t, "problem", camerasProblem)}
      action=${{ label: t("retry"), run: doings.refetch }} />`);
  }
  if (id !== null) {
    return sheet(html`<${Notice} icon="camera_off" title=${t("camera.none.title")} body=${t("camera.none.body")}
      action=${{ label: t("camera.choose"), run: () => go("cameras") }} />`);
  }
  if (cameras.value.length === 0) return sheet(html`<${Notice} icon="camera" title=${t("wall.empty.title")}
    body=${t("wall.empty.body")} />`);
  return sheet(html`<${Choice} />`);
}

/** No camera is named: all of them to choose from. */
function Choice() {
  const t = words.value;
  const sites = [...new Map(cameras.value.map(({ site }) => [site.id, site.name]))];
  return html`<div class="sheet__head"><h1 class="sheet__title">${t("page.cameras")}</h1><p
    class="sheet__note">${t("camera.choose.note")}</p></div>
    ${sites.map(([site, name]) => html`<section key=${site} class="choice"><h2 class="map__name"><${Icon} name="place" />${name}</h2>
      <ul class="choice__list">${cameras.value.filter((one) => one.site.id === site).map((one) => html`<li key=${one.id}>
        <a class="choice__camera card" href=${addressOf("cameras", one.id)} data-testid=${`camera-${one.id}`}><${Icon}
          name="camera" /><strong>${one.name}</strong><${Chip} camera=${one} /></a></li>`)}</ul>
    </section>`)}`;
}

function Chip({ camera }) {
  const stand = standing(camera);
  return html`<span class=${`chip chip--${CHIPS[stand]}`}>${words.value(`standing.${stand}`)}</span>`;
}

function Camera({ camera, query }) {
  const t = words.value;
  const now = second.value;
  const at = query.at ? momentOfQuery(query.at) : null;
  const [length, setLength] = useState(HOUR);
  const [held, setHeld] = useState(() => (at === null ? null : spanAround(at, HOUR, now)));
  const span = held ?? spanNow(length, now);
  const timeline = useTimeline(camera.id, windowOf(span, now));
  const events = timeline.data?.events ?? NONE;
  const open = (next) => go("cameras", camera.id, next, { replace: true });
  const hold = (next) => { setHeld(next); setLength(next.to - next.from); };
  const live = () => { setHeld(null); open({}); };
  const show = (moment) => hold(showing(span, moment, now));
  const zoomTo = (next) => (held === null ? setLength(next) : hold(spanAround(at ?? (span.from + span.to) / 2, next, now)));
  const choose = (id) => {
    const event = events.find((one) => one.id === id);
    if (!event) return;
    show(Date.parse(event.opened_at));
    open({ at: event.opened_at, event: id });
  };
  const seek = (moment) => { show(moment); open({ at: new Date(moment).toISOString() }); };
  useEffect(() => { if (at !== null) hold(showing(span, at, now)); }, [query.at]);

  return html`<main class="camera" data-testid="camera-page" aria-label=${`${camera.name}, ${camera.site.name}`}>
    <${Head} camera=${camera} live=${Object.keys(query).length === 0 && held === null} onLive=${live} />
    <div class="camera__stage"><${Stage} camera=${camera} query=${query} at=${at} timeline=${timeline} open=${open} /></div>
    <aside class="camera__side" aria-label=${t("camera.events")}><${Side} events=${events} span=${span} chosen=${query.event ?? null}
      choose=${choose}
      timeline=${timeline} now=${now} /></aside>
    <section class="camera__time" aria-label=${t("timeline.label")}>
      <${Tools} span=${span} now=${now} at=${at} length=${length} hold=${hold} seek=${seek} live=${live}
        zoomTo=${zoomTo} problem=${timeline.data ? timeline.problem : null} />
      ${timeline.status === "failed" && timeline.data === null
        ? html`<${Notice} icon="offline" title=${t("timeline.failed")} body=${codeWords(t, "problem", timeline.problem)}
          action=${{ label: t("retry"), run: timeline.reload }} />`
        : html`<${TimelineView} data=${timeline.data} span=${span} now=${now} chosen=${query.event ?? null} at=${at} onSpan=${hold}
          onChoose=${choose}
            onOpen=${(id) => void openAlert(id)} onMoment=${seek} onLeave=${live} />`}
      <${Legend} data=${timeline.data} />
    </section>
  </main>`;
}

/** The timeline's data; while others are on their way, those of before stay. */
function useTimeline(camera, window) {
  const loaded = useLoad(`${camera} ${window.from} ${window.to}`, () => readTimeline(camera, window));
  const last = useRef(/** @type {import("../requests/places.js").Timeline|null} */ (null));
  if (loaded.data) last.current = loaded.data;
  const mine = Object.values(state.value.alerts).filter(({ event }) => event.camera === camera);
  const stirred = mine.map(({ event }) => `${event.id}${event.phase}`).sort().pop();
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) loaded.reload();
    first.current = false;
  }, [stirred]);
  return { ...loaded, data: loaded.data ?? last.current };
}

function Head({ camera, live, onLive }) {
  const t = words.value;
  return html`<header class="camera__head">
    <label class="camera__choice"><span class="hidden">${t("camera.choose")}</span>
      <select data-testid="camera-choice" value=${camera.id} onChange=${(event) => go("cameras", event.currentTarget.value)}>
        ${cameras.value.map((one) => html`<option key=${one.id} value=${one.id}>${one.name} · ${one.site.name}</option>`)}</select></label>
    <${Chip} camera=${camera} />
    <div class="camera__tools">
      <button type="button" class="button" aria-pressed=${live} data-testid="go-live" onClick=${onLive}>
        <${Icon} name="online" />${t("camera.live")}</button>
      <button type="button" class="button" onClick=${() => showOnWall(camera.id)}><${Icon} name="grid" />${t("page.wall")}</button>
    </div>
  </header>`;
}

function showOnWall(camera) {
  go("wall");
  dispatch({ type: "camera.focused", id: camera });
}

function Stage({ camera, query, at, timeline, open }) {
  const { user } = state.value;
  if (query.recording) return html`<${RecordingView} key=${query.recording} id=${query.recording} onReady=${timeline.reload} />`;
  if (query.event) return html`<${Happened} key=${query.event} id=${query.event} camera=${camera} />`;
  if (at !== null && !barred(user, camera)) {
    return html`<${RecordingOffer} camera=${camera.id} at=${at} recordings=${timeline.data?.recordings ?? NONE}
      onRecording=${(id) => open({ at: query.at, recording: id })} />`;
  }
  return html`<camera-tile class="tile camera__tile" data-testid=${`tile-${camera.id}`} camera=${camera} number=${0} enlarged=${true}
    barred=${barred(user, camera)} onenlarge=${() => showOnWall(camera.id)}
    alerts=${openByCamera.value[camera.id] ?? NONE} />`;
}

/** One event of the timeline: its picture and its clip. */
function Happened({ id, camera }) {
  const t = words.value;
  const { status, data, problem, reload } = useLoad(`event ${id}`, () => readEvent(id));
  if (status === "loading") return html`<${Notice} icon="waiting" title=${t("camera.event.loading")} />`;
  if (data === null) {
    return html`<${Notice} icon="offline" title=${t("camera.event.failed")} body=${codeWords(t, "problem", problem)}
      action=${{ label: t("retry"), run: reload }} />`;
  }
  const { event } = data;
  return html`<div class=${`happened severity--${event.severity}`} data-testid="happened">
    <p class="happened__head"><${SeverityIcon} severity=${event.severity} /><strong>${codeWords(t, "kind", event.kind)}</strong>
      <span>${moment(Date.parse(event.opened_at), second.peek())}</span>
      <button type="button" class="link" onClick=${() => meet(data)}>${t("camera.event.open")}</button></p>
    <${EventView} event=${event} place=${`${camera.name}, ${camera.site.name}`} />
  </div>`;
}

/** Opens the window of an alert that the lane may not know. */
export function meet(alert) {
  dispatch({ type: "alerts.met", items: [alert] });
  dispatch({ type: "alert.shown", id: alert.event.id });
}

async function openAlert(id) {
  const alert = await readEvent(id).catch(() => null);
  if (alert) meet(alert);
}

function Side({ events, span, chosen, choose, timeline, now }) {
  const t = words.value;
  const seen = events.filter((event) => Date.parse(event.opened_at) <= span.to && endOf(event, now) >= span.from);
  return html`<h2 class="camera__title">${t("camera.events")} <span class="camera__number">${timeline.data && seen.length}</span></h2>
    ${timeline.data === null && timeline.status === "loading" && html`<${Notice} icon="waiting" title=${t("camera.events.loading")} />`}
    ${timeline.data !== null && seen.length === 0 && html`<${Notice} icon="check" title=${t("camera.events.none")} />`}
    <ol class="camera__list">${seen.slice(0, MOST_LISTED).map((event) => html`<li key=${event.id}>
      <${Entry} event=${event} chosen=${event.id === chosen} choose=${choose} now=${now} /></li>`)}</ol>
    ${timeline.data?.truncated && html`<p class="camera__more">${t("camera.events.cut")}</p>`}`;
}

function Entry({ event, chosen, choose, now }) {
  const t = words.value;
  const opened = Date.parse(event.opened_at);
  return html`<button type="button" data-testid="camera-event" aria-pressed=${chosen} class=${`camera__event severity--${event.severity}`}
    onClick=${() => choose(event.id)}><${SeverityIcon} severity=${event.severity} />
    <span class="map__words"><strong>${codeWords(t, "kind", event.kind)}</strong>
      <small>${moment(opened, now)} · ${duration(t, endOf(event, now) - opened)}</small></span>
    ${event.clip && html`<span class="camera__clip" title=${t("view.clip")}><${Icon} name="film" /></span>`}</button>`;
}

function endOf({ closed_at: closed }, now) {
  return closed ? Date.parse(closed) : now;
}

function Tools({ span, now, at, length, hold, seek, live, zoomTo, problem }) {
  const t = words.value;
  const shown = useMemo(() => fieldOf(at ?? now), [at]);
  const step = (share, icon, key) => html`<button type="button" class="button button--icon" title=${t(key)} aria-label=${t(key)}
    onClick=${() => hold(panned(span, share * (span.to - span.from), now))}><${Icon} name=${icon} /></button>`;
  const zoom = (by, icon, key) => html`<button type="button" class="button button--icon" title=${t(key)} aria-label=${t(key)}
    onClick=${() => hold(zoomed(span, by, at ?? (span.from + span.to) / 2, now))}><${Icon} name=${icon} /></button>`;
  return html`<div class="camera__bar">
    <div class="tabs" role="group" aria-label=${t("timeline.zoom")}>${LENGTHS.map((one) => html`<button key=${one} type="button"
      class="tabs__item" data-testid=${`zoom-${one / 60_000}`}
      aria-pressed=${length === one}
        onClick=${() => zoomTo(one)}>${one === LENGTHS[0] ? t("timeline.day") : duration(t, one)}</button>`)}</div>
    ${zoom(1, "minus", "timeline.wider")}${zoom(-1, "plus", "timeline.closer")}
    ${step(-0.5, "left", "timeline.earlier")}${step(0.5, "right", "timeline.later")}
    <span class="camera__when"><${When} key=${at ?? "now"} value=${shown} seconds=${true} label=${t("timeline.when")} testid="timeline-when"
      onChange=${(value) => {
        const picked = momentOf(value);
        if (picked !== null) seek(Math.min(picked, now));
      }} /></span>
    <button type="button" class="button" onClick=${live}>${t("timeline.now")}</button>
    ${problem && html`<span class="chip chip--warn" role="status"><${Icon} name="warning" />${t("timeline.stale")}</span>`}
    <span class="camera__span">${moment(span.from, now)} – ${moment(Math.min(span.to, now), now)}</span>
  </div>`;
}

function Legend({ data }) {
  const t = words.value;
  const keys = ["clip", "recording", "down", "silent"].filter((key) => key !== "recording" || data?.recordings);
  return html`<ul class="camera__legend">${keys.map((key) => html`<li key=${key}><span
    class=${`swatch swatch--${key}`}></span>${t(`timeline.legend.${key}`)}</li>`)}
    <li class="camera__keys"><kbd>←</kbd> <kbd>→</kbd> <kbd>Enter</kbd> <kbd>+</kbd> <kbd>−</kbd></li></ul>`;
}

/** @param {string} text a time as the API writes it, or of a field */
function momentOfQuery(text) {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
