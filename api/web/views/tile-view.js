/** What stands around and over a tile's picture: names, age, the reason for a missing picture, the open alert. */
import { second } from "../clock.js";
import { duration, moment, number, pictureAge } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { route } from "../navigation.js";
import { addressOf } from "../route.js";
import { codeWords } from "../translate.js";

/** What is wrong when there is no sub-stream; a camera may also have none. */
const SUB_FAULTS = ["failed", "codec"];

/** @param {{shown: import("../tile.js").CameraTile["shown"], onEnlarge: () => void}} props */
export function TileView({ shown, onEnlarge }) {
  const t = words.value;
  const camera = shown.camera.value;
  if (!camera) return null;
  const enlarged = shown.enlarged.value;
  const place = `${camera.name}, ${camera.site.name}`;
  return html`
    <div class="tile__head">
      ${shown.number.value >= 1 && shown.number.value <= 9 && html`<kbd class="tile__key" aria-hidden="true">${shown.number.value}</kbd>`}
      <div class="tile__names">
        <strong class="tile__name">${camera.name}</strong>
        <span class="tile__site">${camera.site.name}</span>
      </div>
      ${enlarged && html`<${StreamName} shown=${shown} /><${Rate} camera=${camera} />`}
      ${enlarged && route.value.page !== "cameras" && html`<a class="tile__link" data-testid="tile-timeline"
        href=${addressOf("cameras", camera.id)} title=${`${t("tile.timeline")} (T)`}><${Icon} name="timeline" /><span class="tile__long">${t("tile.timeline")}</span></a>`}
      <${People} shown=${shown} />
      <${Age} shown=${shown} />
    </div>
    <div class="tile__stage">
      <video class="tile__picture tile__video" muted playsinline tabindex="-1" aria-hidden="true" />
      <canvas class="tile__picture" role="img" aria-label=${place}></canvas>
      <${Missing} shown=${shown} />
      <${Instead} shown=${shown} />
      <${Ahead} shown=${shown} />
      <${OpenAlert} alerts=${shown.alerts} zones=${camera.zones} />
      <button class="tile__button" type="button" onClick=${onEnlarge} aria-pressed=${enlarged}
        aria-label=${enlarged ? t("tile.shrink") : t("tile.enlarge", { name: place })}></button>
    </div>`;
}

/** Which stream is on the screen, and how large it is; null while it shows no video. */
function streamWords(t, { stream, size }) {
  if (stream.value === null || size.value === null) return null;
  return t(`tile.stream.${stream.value}`, { size: `${size.value.width}×${size.value.height}` });
}

function StreamName({ shown }) {
  const text = streamWords(words.value, shown);
  return text && html`<span class="tile__rate" data-testid="tile-stream">${text}</span>`;
}

function Rate({ camera }) {
  const t = words.value;
  if (camera.fps === null || camera.state !== "streaming") return null;
  const fps = number(t, camera.fps);
  return html`<span class="tile__rate">${camera.analysed_fps === null
    ? t("tile.rate", { fps })
    : t("tile.rate.both", { fps, analysed: number(t, camera.analysed_fps) })}</span>`;
}

function People({ shown }) {
  const n = shown.people.value;
  if (n === 0 || shown.verdict.value.state !== "live") return null;
  const text = words.value("tile.people", { n });
  return html`<span class="tile__people" title=${text}><${Icon} name="person" />
    <span class="tile__long">${text}</span><span class="tile__short" aria-hidden="true">${n}</span></span>`;
}

const AGE_ICONS = { live: "online", stale: "clock", failed: "camera_off", waiting: "waiting" };

function Age({ shown }) {
  const t = words.value;
  const { state, age } = shown.verdict.value;
  if (state === "waiting" && shown.barred.value) return null;
  const text = state === "live" ? pictureAge(t, age)
    : state === "stale" ? t("tile.stale", { age: pictureAge(t, age) })
    : t(state === "failed" ? "tile.failed" : "tile.none");
  return html`<span class=${`tile__age tile__age--${state}`} title=${streamWords(t, shown)} data-testid="tile-age">
    <${Icon} name=${AGE_ICONS[state]} />
    <span>${state === "live" && html`<span class="tile__long">${t("tile.live")} · </span>`}${text}</span></span>`;
}

/** In the middle of the picture: why there is none. */
function Missing({ shown }) {
  const t = words.value;
  const { state, reason } = shown.verdict.value;
  const camera = shown.camera.value;
  if (state === "waiting" && shown.barred.value && camera.state === "streaming") {
    return html`<div class="tile__message"><${Icon} name="camera" /><p class="tile__reason">${t("tile.barred")}</p></div>`;
  }
  if (state === "waiting") {
    const text = t(camera.state === "connecting" ? "tile.connecting" : "tile.waiting");
    return html`<div class="tile__message"><${Icon} name="waiting" /><p class="tile__reason">${text}</p></div>`;
  }
  if (state !== "failed") return null;
  const offline = reason === "box_offline";
  const title = offline ? t("tile.box_offline") : codeWords(t, "fault", camera.fault ?? "unknown");
  return html`<div class="tile__message tile__message--failed">
    <${Icon} name=${offline ? "box_off" : "camera_off"} />
    <p class="tile__reason">${title}</p>
    ${!offline && camera.since && html`<${Since} since=${Date.parse(camera.since)} />`}
    <${LastSeen} capturedAt=${shown.capturedAt} />
  </div>`;
}

function Since({ since }) {
  const now = second.value;
  const t = words.value;
  return html`<p class="tile__detail">${t("tile.since", { time: moment(since, now), for: duration(t, now - since) })}</p>`;
}

function LastSeen({ capturedAt }) {
  if (capturedAt.value === null) return null;
  return html`<p class="tile__detail">${words.value("tile.last", { time: moment(capturedAt.value, second.value) })}</p>`;
}

/** At the top of the picture: why it is not video, or not the stream that it should be. */
function Instead({ shown }) {
  const t = words.value;
  if (shown.verdict.value.state !== "live") return null;
  const reason = shown.instead.value !== null ? `pictures.${shown.instead.value}`
    : SUB_FAULTS.includes(shown.noSub.value) ? `no_sub.${shown.noSub.value}` : null;
  if (reason === null) return null;
  const text = t(`tile.${reason}`);
  return html`<p class="tile__instead" title=${text} data-testid="tile-instead">
    <${Icon} name="camera" /><span>${text}</span></p>`;
}

/** At the top of a tile that an alert brought forward: which alert it is. */
function Ahead({ shown }) {
  const t = words.value;
  const ahead = shown.ahead.value;
  if (ahead === null) return null;
  const alert = shown.alerts.value.find(({ event }) => event.id === ahead.event);
  const text = alert ? t("tile.ahead", { kind: codeWords(t, "kind", alert.event.kind) }) : t("tile.ahead.over");
  return html`<p class=${`tile__ahead severity--${alert?.event.severity}`} role="status" data-testid="tile-ahead">
    ${alert ? html`<${SeverityIcon} severity=${alert.event.severity} />` : html`<${Icon} name="check" />`}<strong>${text}</strong></p>`;
}

function OpenAlert({ alerts, zones }) {
  const t = words.value;
  const [gravest, ...others] = alerts.value;
  if (!gravest) return null;
  const { kind, severity, zone, opened_at } = gravest.event;
  const zoneName = zones.find(({ id }) => id === zone)?.name ?? zone;
  return html`<div class=${`tile__alert severity--${severity}`}>
    <${SeverityIcon} severity=${severity} />
    <strong>${codeWords(t, "kind", kind)}</strong>
    ${zoneName && html`<span class="tile__zone">${zoneName}</span>`}
    ${others.length > 0 && html`<span>${t("tile.alert.more", { n: others.length })}</span>`}
    <span class="tile__for">${duration(t, second.value - Date.parse(opened_at))}</span>
  </div>`;
}
