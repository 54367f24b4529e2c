/** What can be seen of an event: the picture of its moment, its clip, and the camera as it is now. */
import { useEffect, useState } from "preact/hooks";
import { centreNow, second } from "../clock.js";
import { moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { barredFrom, eyeOf } from "../select.js";
import { clipUrl } from "../requests/recordings.js";
import { state } from "../store.js";
import { Notice } from "./notice.js";
import { Reason, reasonHolds } from "./reason.js";
import { Snapshot } from "./snapshot.js";

const VIEWS = /** @type {const} */ ([["snapshot", "camera"], ["clip", "film"], ["live", "online"]]);
/** @type {never[]} */
const NONE = [];

/** @param {{event: import("../types.js").Event, place: string}} props */
export function EventView({ event, place }) {
  const t = words.value;
  const [chosen, setChosen] = useState("snapshot");
  const camera = eyeOf(state.value, event);
  const shut = barredFrom(state.value, event);
  const view = shut || (chosen === "live" && !camera) ? "snapshot" : chosen;
  const time = moment(Date.parse(event.captured_at), second.peek());
  if (event.camera === undefined && !event.snapshot && !camera) {
    return html`<div class="view"><div class="view__stage"><${Snapshot} event=${event} large=${true} /></div></div>`;
  }
  return html`<div class="view">
    <div class="tabs view__tabs" role="group" aria-label=${t("view.label")}>${VIEWS.map(([name, icon]) => html`<button type="button"
      key=${name} class="tabs__item" aria-pressed=${view === name} data-testid=${`view-${name}`}
      disabled=${shut || (name === "live" && !camera) || (name === "clip" && event.camera === undefined)} onClick=${() => setChosen(name)}><${Icon} name=${icon} />${t(`view.${name}`)}</button>`)}</div>
    <div class="view__stage">
      ${view === "snapshot" && html`<${Snapshot} key=${event.id} event=${event} large=${true} alt=${t("snapshot.alt", { place, time })} />`}
      ${view === "clip" && html`<${Clip} key=${event.id} event=${event} />`}
      ${view === "live" && camera && html`<camera-tile key=${camera.id} class="tile view__live" camera=${camera} number=${99} alerts=${NONE} />`}
    </div>
  </div>`;
}

/** The clip, once a reason was given. */
function Clip({ event }) {
  const t = words.value;
  const thing = { event: event.id };
  const [allowed, setAllowed] = useState(() => reasonHolds(thing, centreNow(), event.camera));
  const [asking, setAsking] = useState(!allowed);
  if (!event.clip) {
    const over = event.phase === "close" && second.value - Date.parse(event.closed_at ?? event.at) > 600_000;
    return html`<${Notice} icon=${over ? "film" : "waiting"} title=${t(over ? "clip.none" : "clip.waiting")} />`;
  }
  if (allowed) return html`<${Film} event=${event} onRefused=${() => { setAllowed(false); setAsking(true); }} />`;
  return html`
    <${Notice} icon="film" title=${t("clip.reason")} action=${{ label: t("clip.give"), run: () => setAsking(true) }} />
    ${asking && html`<${Reason} thing=${thing} onAllowed=${() => setAllowed(true)} onClose=${() => setAsking(false)} />`}`;
}

/** The film itself. What the player cannot say of a failure, a request of two bytes does. */
function Film({ event, onRefused }) {
  const t = words.value;
  const [attempt, setAttempt] = useState(0);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const url = `${clipUrl(event.id)}${attempt > 0 ? `?attempt=${attempt}` : ""}`;
  useEffect(() => {
    if (problem !== "waiting") return undefined;
    const timer = setTimeout(again, 5_000);
    return () => clearTimeout(timer);
  }, [problem, attempt]);

  function again() {
    setProblem(null);
    setAttempt(attempt + 1);
  }

  async function explain() {
    const status = await fetch(clipUrl(event.id), { headers: { Range: "bytes=0-1" } }).then((answer) => answer.status, () => 0);
    if (status === 403) onRefused();
    else setProblem(status === 404 ? "waiting" : status === 0 ? "network" : "unplayable");
  }

  if (problem !== null) {
    return html`<${Notice} icon=${problem === "waiting" ? "waiting" : "film"} title=${t(`clip.${problem}`)}
      action=${{ label: t("retry"), run: again }} />`;
  }
  return html`<video class="view__film" data-testid="clip" key=${attempt} src=${url} controls autoplay muted playsinline
    aria-label=${t("view.clip")} onError=${explain}></video>`;
}
