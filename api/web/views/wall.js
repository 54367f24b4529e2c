/** The grid of tiles, from 1 to 16 cameras, with one of them enlarged if the person wants it. */
import { html } from "../html.js";
import { words } from "../i18n.js";
import { cameras, dispatch, openByCamera, state } from "../store.js";
import { codeWords } from "../translate.js";
import { Notice } from "./notice.js";

/** With more cameras than this beside the enlarged one, the others are hidden instead of shrunk to stamps. */
const MOST_BESIDE = 5;
/** @type {import("../types.js").Alert[]} one array for all calm tiles, so that they need not be drawn anew */
const NONE = [];

/** @param {{doings: import("./page.js").Doings}} props */
export function Wall({ doings }) {
  const t = words.value;
  return html`<main class="wall" data-testid="wall" aria-label=${t("wall.label")}><${Tiles} doings=${doings} /></main>`;
}

function Tiles({ doings }) {
  const t = words.value;
  const { camerasStatus, camerasProblem, focus, user } = state.value;
  const all = cameras.value;
  if (camerasStatus === "loading") return html`<${Notice} icon="waiting" title=${t("wall.loading")} />`;
  if (camerasStatus === "failed") {
    return html`<${Notice} icon="offline" title=${t("wall.failed.title")} body=${codeWords(t, "problem", camerasProblem)}
      action=${{ label: t("retry"), run: doings.refetch }} />`;
  }
  if (all.length === 0) return html`<${Notice} icon="camera" title=${t("wall.empty.title")} body=${t("wall.empty.body")} />`;
  return html`<div class=${gridClass(all.length, focus)}>
    ${all.map((camera, i) => html`<camera-tile key=${camera.id} class="tile" data-testid=${`tile-${camera.id}`}
      camera=${camera} number=${i + 1} enlarged=${focus === camera.id} barred=${user?.sees_video === false || camera.watched === false} alerts=${openByCamera.value[camera.id] ?? NONE}
      onenlarge=${() => dispatch({ type: "camera.focused", id: focus === camera.id ? null : camera.id })} />`)}
  </div>`;
}

function gridClass(count, focus) {
  if (focus === null) return `grid grid--${Math.min(count, 16)}`;
  const beside = count - 1;
  return `grid grid--focus ${beside === 0 || beside > MOST_BESIDE ? "grid--alone" : `grid--beside-${beside}`}`;
}
