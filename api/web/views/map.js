/** The map of the ward: where cameras stand, what they see, which of them have alerts; and the same as a list. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { second } from "../clock.js";
import { duration } from "../format.js";
import { cone, nameAt } from "../geo.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { useLoad } from "../load.js";
import { go } from "../navigation.js";
import { readMap } from "../requests/places.js";
import { addressOf } from "../route.js";
import { barred, standing } from "../select.js";
import { dispatch, openByCamera, state } from "../store.js";
import { codeWords } from "../translate.js";
import { Notice } from "./notice.js";
import "../ward-map.js";

/** @typedef {import("../requests/places.js").WardMapData} WardMapData */

const SIGNS = { live: "camera", failed: "camera_off", offline: "box_off", waiting: "waiting" };
const BOX_SIGNS = { online: "box", offline: "box_off", unknown: "box" };
/** @type {import("../types.js").Alert[]} */
const NONE = [];

/** @param {{id: string|null, doings: import("./page.js").Doings}} props */
export function WardMapPage({ id }) {
  const t = words.value;
  const loaded = useLoad("map", readMap);
  if (loaded.status === "ready" && loaded.data) {
    return html`<main class="map" data-testid="map" aria-label=${t("map.label")}><${Ward} data=${loaded.data} chosen=${id} /></main>`;
  }
  return html`<main class="sheet" data-testid="map" aria-label=${t("map.label")}>${loaded.status === "loading"
    ? html`<${Notice} icon="waiting" title=${t("map.loading")} />`
    : html`<${Notice} icon="offline" title=${t("map.failed.title")} body=${codeWords(t, "problem", loaded.problem)}
        action=${{ label: t("retry"), run: loaded.reload }} />`}</main>`;
}

/** @param {{data: WardMapData, chosen: string|null}} props */
function Ward({ data, chosen }) {
  const t = words.value;
  const element = useRef(/** @type {any} */ (null));
  const pointed = usePointedCamera();
  const sites = useMemo(() => groundOf(data), [data]);
  const { cameras, boxes } = livened(data, state.value.cameras);
  const choose = (key) => go("map", key === chosen ? null : key, {}, { replace: true });
  useEffect(() => { if (chosen) element.current?.bring(chosen, document.querySelector(".map__card")); }, [chosen]);
  useEffect(() => {
    const leave = (event) => { if (event.key === "Escape" && chosen && !document.querySelector("dialog[open]")) choose(chosen); };
    document.addEventListener("keydown", leave);
    return () => document.removeEventListener("keydown", leave);
  }, [chosen]);
  if (data.sites.length + data.cameras.length === 0) {
    return html`<${Notice} icon="map" title=${t("map.empty.title")} body=${t("map.empty.body")} />`;
  }
  const pins = [
    ...cameras.flatMap((camera) => cameraPin(t, data, camera, chosen, pointed)),
    ...boxes.flatMap((box) => boxPin(t, box, chosen)),
  ];
  const camera = cameras.find((one) => one.id === chosen);
  const box = boxes.find((one) => one.id === chosen);
  return html`
    <nav class="map__list" aria-label=${t("map.list")}><${List} data=${data} cameras=${cameras} boxes=${boxes} chosen=${chosen}
      choose=${choose} pointed=${pointed} /></nav>
    <div class="map__stage">
      <ward-map ref=${element} class="ward-map" tiles=${data.tiles} words=${{ zoomIn: t("map.zoom.in"), zoomOut: t("map.zoom.out") }}
        sites=${sites} pins=${pins} onchoose=${(event) => choose(event.detail)} />
      ${pins.length + sites.length === 0 && html`<div class="map__nowhere"><${Notice} icon="place" title=${t("map.nowhere.title")}
        body=${t("map.nowhere.body")} /></div>`}
      <${Legend} />
      ${camera && html`<${Card} key=${camera.id} camera=${camera} data=${data} close=${() => choose(chosen)} />`}
      ${box && html`<${BoxCard} key=${box.id} box=${box} cameras=${cameras} close=${() => choose(chosen)} />`}
    </div>`;
}

/** The camera of the alert in the lane that the pointer or the keyboard is on. @returns {string|null} */
function usePointedCamera() {
  const [camera, setCamera] = useState(/** @type {string|null} */ (null));
  useEffect(() => {
    const look = (event) => {
      const entry = event.target instanceof Element ? event.target.closest(".alerts [data-event-id]") : null;
      const alert = state.peek().alerts[entry?.getAttribute("data-event-id") ?? ""];
      setCamera(alert?.event.camera ?? null);
    };
    document.addEventListener("pointerover", look);
    document.addEventListener("focusin", look);
    return () => {
      document.removeEventListener("pointerover", look);
      document.removeEventListener("focusin", look);
    };
  }, []);
  return camera;
}

/** The map's cameras and boxes with the states that the feed has told since. @param {WardMapData} data */
function livened(data, known) {
  const states = new Map(Object.values(known).map(({ box, box_state }) => [box, box_state]));
  return {
    cameras: data.cameras.map((camera) => {
      const { state: now, box_state } = known[camera.id] ?? camera;
      return { ...camera, state: now, box_state };
    }),
    boxes: data.boxes.map((box) => ({ ...box, state: states.get(box.id) ?? box.state })),
  };
}

/** @param {WardMapData} data @returns {import("../ward-map.js").Site[]} */
function groundOf(data) {
  return data.sites.flatMap(({ id, name, outline, position }) => {
    if (outline) return [{ id, name, ...outline, name_at: nameAt(outline.shape, outline.points) }];
    return position ? [{ id, name, shape: "polygon", points: [], name_at: [position.lat, position.lon] }] : [];
  });
}

function cameraPin(t, data, camera, chosen, pointed) {
  const { id, name, position, bearing, view_angle: angle, range_m: range } = camera;
  if (!position) return [];
  const stand = standing(camera);
  const alerts = openByCamera.value[id] ?? NONE;
  const site = siteName(data, camera);
  const severity = alerts[0]?.event.severity;
  const label = t(alerts.length > 0 ? "map.pin.alerts" : "map.pin", { name, site, state: t(`standing.${stand}`), n: alerts.length });
  const at = /** @type {import("../geo.js").LatLon} */ ([position.lat, position.lon]);
  const seen = bearing !== null && angle !== null && range !== null;
  return [{
    key: id, at, label, selected: id === chosen, size: 38, height: pointed === id ? 4 : id === chosen ? 3 : alerts.length > 0 ? 2 : 1,
    look: `pin--${stand}${severity ? ` pin--alarmed severity--${severity}` : ""}${pointed === id ? " pin--pointed" : ""}`,
    cone: seen ? cone(at, bearing, angle, range) : null,
    face: html`<${Icon} name=${SIGNS[stand]} />${severity && html`<${Badge} alerts=${alerts} />`}`,
  }];
}

function boxPin(t, box, chosen) {
  if (!box.position) return [];
  const label = t("map.box", { name: box.name, state: boxWords(t, box.state) });
  return [{
    key: box.id, at: /** @type {import("../geo.js").LatLon} */ ([box.position.lat, box.position.lon]), label,
    selected: box.id === chosen, size: 28, height: box.id === chosen ? 3 : 0,
    look: `pin--box pin--box-${box.state}`, cone: null, face: html`<${Icon} name=${BOX_SIGNS[box.state] ?? "box"} />`,
  }];
}

function Badge({ alerts }) {
  return html`<span class=${`pin__badge severity--${alerts[0].event.severity}`}><${SeverityIcon}
    severity=${alerts[0].event.severity} />${alerts.length}</span>`;
}

function List({ data, cameras, boxes, chosen, choose, pointed }) {
  const t = words.value;
  return html`${data.sites.map((site) => html`<section key=${site.id} class="map__site">
      <h2 class="map__name"><${Icon} name="place" />${site.name}</h2>
      <ul>${cameras.filter((camera) => camera.site === site.id).map((camera) => html`<${Row} key=${camera.id} id=${camera.id}
        name=${camera.name}
        icon=${SIGNS[standing(camera)]} look=${standing(camera)} placed=${camera.position !== null}
          words=${t(`standing.${standing(camera)}`)}
        alerts=${openByCamera.value[camera.id] ?? NONE} chosen=${chosen} choose=${choose} pointed=${pointed} />`)}
      ${boxes.filter((box) => box.site === site.id).map((box) => html`<${Row} key=${box.id} id=${box.id} name=${box.name}
        icon=${BOX_SIGNS[box.state] ?? "box"}
        look=${`box-${box.state}`} placed=${box.position !== null} words=${boxWords(t, box.state)} alerts=${NONE} chosen=${chosen}
          choose=${choose} pointed=${null} />`)}
      </ul></section>`)}`;
}

function Row({ id, name, icon, look, placed, words: text, alerts, chosen, choose, pointed }) {
  const t = words.value;
  return html`<li><button type="button" class=${`map__row map__row--${look} ${pointed === id ? "map__row--pointed" : ""}`}
    data-testid=${`place-${id}`}
    aria-pressed=${chosen === id} onClick=${() => choose(id)}>
    <${Icon} name=${icon} /><span
      class="map__words"><strong>${name}</strong><small>${text}${!placed && ` · ${t("map.no_position")}`}</small></span>
    ${alerts.length > 0 && html`<${Badge} alerts=${alerts} />`}</button></li>`;
}

function Legend() {
  const t = words.value;
  return html`<ul class="map__legend"
    aria-label=${t("map.legend")}>${Object.keys(SIGNS).filter((stand) => stand !== "waiting").map((stand) => html`<li key=${stand}>
    <span class=${`pin pin--${stand} pin--small`}><${Icon} name=${SIGNS[stand]} /></span>${t(`standing.${stand}`)}</li>`)}</ul>`;
}

function Card({ camera, data, close }) {
  const t = words.value;
  const known = state.value.cameras[camera.id];
  const alerts = openByCamera.value[camera.id] ?? NONE;
  const watch = () => {
    go("wall");
    dispatch({ type: "camera.focused", id: camera.id });
  };
  return html`<section class="map__card card" data-testid="map-card" aria-label=${camera.name}>
    <header class="card__head"><div class="map__words"><h2
      class="card__title">${camera.name}</h2><small>${siteName(data, camera)}</small></div>
      <${Close} close=${close} /></header>
    ${known && html`<camera-tile class="tile map__tile" data-testid=${`tile-${camera.id}`} camera=${known} number=${0} enlarged=${false}
      barred=${barred(state.value.user, known)} alerts=${alerts} onenlarge=${watch} />`}
    <div class="map__alerts">${alerts.length === 0
      ? html`<p class="map__calm"><${Icon} name="check" />${t("map.calm")}</p>`
      : alerts.slice(0, 4).map(({ event }) => html`<button key=${event.id} type="button" class=${`map__alert severity--${event.severity}`}
          onClick=${() => dispatch({ type: "alert.shown", id: event.id })}><${SeverityIcon} severity=${event.severity} />
          <strong>${codeWords(t, "kind", event.kind)}</strong>
          <span>${duration(t, second.value - Date.parse(event.opened_at))}</span></button>`)}</div>
    <footer class="card__foot">
      <button type="button" class="button button--primary" onClick=${watch}><${Icon} name="grid" />${t("map.watch")}</button>
      <a class="button" href=${addressOf("cameras", camera.id)} data-testid="map-timeline"><${Icon}
        name="timeline" />${t("map.timeline")}</a>
    </footer>
  </section>`;
}

function BoxCard({ box, cameras, close }) {
  const t = words.value;
  const mine = cameras.filter((camera) => camera.box === box.id);
  const live = mine.filter((camera) => standing(camera) === "live").length;
  return html`<section class="map__card card" data-testid="map-card" aria-label=${box.name}>
    <header class="card__head"><div class="map__words"><h2
      class="card__title">${box.name}</h2><small>${boxWords(t, box.state)}</small></div><${Close} close=${close} /></header>
    <p class="card__body">${t("map.box.cameras", { n: mine.length, live })}</p>
  </section>`;
}

function Close({ close }) {
  const label = words.value("close");
  return html`<button type="button" class="button button--icon map__close" aria-label=${label} title=${label} onClick=${close}><${Icon}
    name="close" /></button>`;
}

function siteName(data, camera) {
  return data.sites.find(({ id }) => id === camera.site)?.name ?? camera.site;
}

function boxWords(t, stand) {
  return stand === "unknown" ? t("map.unknown") : codeWords(t, "box", stand);
}
