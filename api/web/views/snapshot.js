/**
 * The still picture of an event with its boxes drawn over it. The picture may reach the centre after the event: it is
 * asked for again with growing pauses, and after the last try the place says that there is none.
 */
import { useEffect, useState } from "preact/hooks";
import { snapshotUrl } from "../api.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { deviceIcon } from "../kinds.js";
import { barredFrom } from "../select.js";
import { state } from "../store.js";

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** @param {{event: import("../types.js").Event, alt?: string, large?: boolean}} props */
export function Snapshot({ event, alt = "", large = false }) {
  if (event.camera === undefined && !event.snapshot) return html`<${Sign} kind=${event.kind} large=${large} />`;
  if (barredFrom(state.value, event)) return html`<${Barred} large=${large} />`;
  return html`<${Picture} key=${`${event.id} ${event.snapshot}`} event=${event} alt=${alt} large=${large} />`;
}

/** What a device told, and no camera saw. @param {{kind: string, large: boolean}} props */
function Sign({ kind, large }) {
  return html`<span class=${`snapshot ${large ? "snapshot--large" : ""}`} data-testid="snapshot-sign">
    <span class="snapshot__none"><${Icon} name=${deviceIcon(kind)} />${large && html`<span>${words.value("snapshot.device")}</span>`}</span></span>`;
}

/** Nothing is asked for that the centre would refuse. */
function Barred({ large }) {
  return html`<span class=${`snapshot ${large ? "snapshot--large" : ""}`} data-testid="snapshot-barred">
    <span class="snapshot__none"><${Icon} name="picture_off" /><span>${words.value("snapshot.barred")}</span></span></span>`;
}

/** Lives as long as one picture of one event. */
function Picture({ event, alt, large }) {
  const t = words.value;
  const { id, snapshot, phase, severity } = event;
  const [attempt, setAttempt] = useState(0);
  const [failures, setFailures] = useState(0);
  const [size, setSize] = useState(/** @type {{width: number, height: number}|null} */ (null));
  const given = !snapshot ? phase === "close" : failures > PAUSES_MS.length;

  useEffect(() => {
    if (failures === 0 || failures > PAUSES_MS.length) return undefined;
    const timer = setTimeout(() => setAttempt(failures), PAUSES_MS[failures - 1]);
    return () => clearTimeout(timer);
  }, [failures]);

  const trying = snapshot && !given && attempt === failures;
  return html`<span class=${`snapshot ${large ? "snapshot--large" : ""} ${size ? "snapshot--ready" : ""}`}>
    ${trying && html`<img key=${`${snapshot}${attempt}`} src=${snapshotUrl(id, snapshot, attempt)} alt=${alt}
      loading=${large ? "eager" : "lazy"} decoding="async" onError=${() => setFailures((n) => n + 1)}
      onLoad=${({ currentTarget: image }) => setSize({ width: image.naturalWidth, height: image.naturalHeight })} />`}
    ${size && html`<${Boxes} size=${size} tracks=${event.tracks ?? []} severity=${severity} large=${large} />`}
    ${!size && html`<span class="snapshot__none"><${Icon} name=${given ? "picture_off" : "waiting"} />
      <span>${t(given ? "snapshot.none" : "snapshot.waiting")}</span></span>`}
  </span>`;
}

function Boxes({ size: { width, height }, tracks, severity, large }) {
  return html`<svg class=${`snapshot__boxes severity--${severity}`} viewBox=${`0 0 ${width} ${height}`} aria-hidden="true"
    preserveAspectRatio=${large ? "xMidYMid meet" : "xMidYMid slice"}>
    ${tracks.map(({ id, box }) => html`<g key=${id}>
      ${["snapshot__edge", "snapshot__box"].map((name) => html`<rect key=${name} class=${name} rx="3"
        x=${box.x1 * width} y=${box.y1 * height} width=${(box.x2 - box.x1) * width} height=${(box.y2 - box.y1) * height} />`)}
    </g>`)}
  </svg>`;
}
