/** The boxes and their cameras, for who mounts and mends them: how each fares, and what to do about it in plain words. */
import { useEffect } from "preact/hooks";
import { adviceOfBox, adviceOfCamera, GIB, gravestFirst, levelOf } from "../advice.js";
import { second } from "../clock.js";
import { ago, duration, moment, number } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { readBoxes } from "../requests/boxes.js";
import { addressOf } from "../route.js";
import { cameras, state } from "../store.js";
import { codeWords } from "../translate.js";
import { BoxAccess, EnrolBox } from "./box-enrolment.js";
import { BoxConfig } from "./box-config.js";
import { BoxVersion } from "./box-version.js";
import { BoxReport } from "./box-report.js";
import { Notice } from "./notice.js";

const FRESH_MS = 10_000;
const LEVELS = { good: ["good", "check"], warn: ["warn", "warning"], bad: ["bad", "warning"] };
const STATES = { streaming: ["good", "check"], connecting: ["warn", "waiting"], failed: ["bad", "camera_off"], unknown: ["quiet", "help"] };

/** The list of boxes, or what one of them watches. @param {{id: string|null}} props */
export function Boxes({ id }) {
  return id === null ? html`<${BoxList} />` : html`<${BoxConfig} key=${id} id=${id} />`;
}

function BoxList() {
  const t = words.value;
  const boxes = useLoad("boxes", readBoxes);
  useEffect(() => {
    const timer = setInterval(boxes.reload, FRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<main class="sheet" data-testid="boxes" aria-labelledby="boxes-title">
    <div class="sheet__head"><h2 class="sheet__title" id="boxes-title">${t("page.boxes")}</h2>
      ${boxes.data && html`<${Summary} boxes=${boxes.data.items} />`}
      <div class="sheet__tools"><${EnrolBox} changed=${boxes.reload} /><button type="button" class="button" onClick=${boxes.reload}><${Icon}
        name="undo" />${t("boxes.again")}</button></div></div>
    ${boxes.data && boxes.problem && html`<p class="message message--bad" role="alert"><${Icon} name="offline" />
      <span>${t("boxes.stale")} ${codeWords(t, "problem", boxes.problem)}</span></p>`}
    <${List} boxes=${boxes} />
  </main>`;
}

function Summary({ boxes }) {
  const t = words.value;
  const well = withCameras(boxes).filter(({ box, cameras }) => levelOf(box, cameras) === "good").length;
  return html`<p class="sheet__note" data-testid="boxes-summary">${t("boxes.summary", { n: boxes.length, well })}</p>`;
}

/** Each box with its cameras as the wall knows them: what the feed says is newer than any list. */
function withCameras(boxes) {
  return boxes.map((box) => ({ box, cameras: cameras.value.filter((camera) => camera.box === box.id) }));
}

function List({ boxes }) {
  const t = words.value;
  if (boxes.status === "loading") return html`<${Notice} icon="waiting" title=${t("loading")} />`;
  if (boxes.data === null) {
    return html`<${Notice} icon="offline" title=${t("boxes.failed")} body=${codeWords(t, "problem", boxes.problem)}
      action=${{ label: t("retry"), run: boxes.reload }} />`;
  }
  if (boxes.data.items.length === 0) return html`<${Notice} icon="box" title=${t("boxes.none")} body=${t("boxes.none.body")} />`;
  return html`<div class="boxes">${gravestFirst(withCameras(boxes.data.items)).map(({ box, cameras }) => html`<${Box} key=${box.id}
    box=${box} cameras=${cameras} changed=${boxes.reload} />`)}</div>`;
}

function Box({ box, cameras, changed }) {
  const t = words.value;
  const [colour, icon] = LEVELS[levelOf(box, cameras)];
  const advice = adviceOfBox(box);
  return html`<section class="card" data-testid=${`box-${box.id}`} aria-labelledby=${`box-${box.id}`}>
    <div class="card__head"><${Icon} name="box" /><div class="boxes__names"><h3 class="card__title" id=${`box-${box.id}`}>${box.name}</h3>
      <p class="sheet__note">${[box.site?.name, box.ward.name, box.id].filter(Boolean).join(" · ")}</p></div>
      ${state.value.user?.role !== "operator" && html`<a class="button" data-testid=${`configure-${box.id}`} href=${`${addressOf("boxes", box.id)}/config`}><${Icon} name="pencil" />${t("config.open")}</a>`}
      <span class=${`chip chip--${colour}`}><${Icon} name=${icon} />${t(`boxes.level.${colour}`)}</span></div>
    <div class="card__body form">
      <dl class="readings">${figures(t, box).map(([name, value]) => html`<div key=${name} class="readings__item">
        <dt>${t(`boxes.${name}`)}</dt><dd>${value}</dd></div>`)}</dl>
      ${advice.length > 0 && html`<ul class="form" data-testid="box-advice">${advice.map(({ code, level, n }) => html`<li
        key=${code} class=${`message message--${level}`}>
        <${Icon} name="warning" /><span>${t(`advice.${code}`, { n: n ?? 0 })}</span></li>`)}</ul>`}
    </div>
    ${cameras.length > 0 && html`<ul class="boxes__cameras">${cameras.map((camera) => html`<${Camera} key=${camera.id}
      camera=${camera} />`)}</ul>`}
    ${cameras.length === 0 && html`<p class="card__foot sheet__note">${t("boxes.no_cameras")}</p>`}
    <${BoxVersion} box=${box} />
    <${BoxReport} box=${box} />
    <${BoxAccess} box=${box} changed=${changed} />
  </section>`;
}

/** @returns {[string, string][]} */
function figures(t, box) {
  const now = second.value;
  /** @type {[string, string|null|false][]} */
  const all = [
    ["state", t(`boxes.state.${box.state}`)],
    ["heard", box.heard_at ? ago(t, now - Date.parse(box.heard_at)) : t("boxes.never")],
    ["pending", box.pending !== null && number(t, box.pending)],
    ["lost", box.dropped !== null && number(t, box.dropped + box.missing)],
    ["cpu", box.cpu_percent !== null && t("percent", { n: Math.round(box.cpu_percent) })],
    ["memory", box.memory_percent !== null && t("percent", { n: Math.round(box.memory_percent) })],
    ["disk", box.disk_free_bytes !== null && `${number(t, box.disk_free_bytes / GIB)} GiB`],
    ["version", box.version],
  ];
  return /** @type {[string, string][]} */ (all.filter(([, value]) => value));
}

function Camera({ camera }) {
  const t = words.value;
  const gone = camera.box_state === "offline" || camera.box_state === "unknown";
  const [colour, icon] = gone ? STATES.unknown : STATES[camera.state] ?? STATES.unknown;
  const advice = adviceOfCamera(camera);
  const since = camera.since && t("boxes.since", { at: moment(Date.parse(camera.since), second.value), for: duration(t, second.value - Date.parse(camera.since)) });
  const rate = camera.fps !== null && camera.state === "streaming" && !gone
    && (camera.analysed_fps === null ? t("tile.rate", { fps: number(t, camera.fps) }) : t("tile.rate.both", { fps: number(t, camera.fps), analysed: number(t, camera.analysed_fps) }));
  const size = camera.width && camera.height && `${camera.width} × ${camera.height}`;
  return html`<li class="boxes__camera" data-testid=${`box-camera-${camera.id}`} data-state=${camera.state}>
    <div class="boxes__line"><strong>${camera.name}</strong><span class="sheet__note">${camera.site.name}</span>
      <span class=${`chip chip--${colour}`}><${Icon}
        name=${icon} />${gone ? t("boxes.camera.gone") : t(`boxes.camera.${camera.state}`)}</span></div>
    <p class="sheet__note">${[!gone && since, rate, size].filter(Boolean).join(" · ")}</p>
    ${advice && html`<p class=${`message message--${advice.level}`}><${Icon} name="warning" />
      <span>${t(`advice.${advice.code}`)}</span></p>`}
  </li>`;
}
