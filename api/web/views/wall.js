/** The tiles of the wall: a page of the layout that is chosen, with one camera enlarged, by hand or because of an alert. */
import { useEffect } from "preact/hooks";
import { draft, follow, followAlerts, forward, layouts, loadLayouts, sendBack, slots } from "../arrangement.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { barred } from "../select.js";
import { cameras, dispatch, openByCamera, state } from "../store.js";
import { crowded } from "../quality.js";
import { codeWords } from "../translate.js";
import { LayoutBar, edit } from "./layout-bar.js";
import { LayoutEditor } from "./layout-editor.js";
import { Notice } from "./notice.js";

/** With more cameras than this beside one that was enlarged by hand, the others are hidden instead of shrunk to stamps. */
const MOST_BESIDE = 5;
/** @type {import("../types.js").Alert[]} one array for all calm tiles, so that they need not be drawn anew */
const NONE = [];

/** @param {{doings: import("./page.js").Doings}} props */
export function Wall({ doings }) {
  const t = words.value;
  useEffect(() => {
    if (layouts.peek().status !== "ready") void loadLayouts();
    return followAlerts();
  }, []);
  return html`<main class="wall" data-testid="wall" aria-label=${t("wall.label")}>
    <${Tiles} doings=${doings} />
    ${draft.value && html`<${LayoutEditor} />`}
  </main>`;
}

function Tiles({ doings }) {
  const t = words.value;
  const { camerasStatus, camerasProblem, focus } = state.value;
  if (camerasStatus === "loading") return html`<${Notice} icon="waiting" title=${t("wall.loading")} />`;
  if (camerasStatus === "failed") {
    return html`<${Notice} icon="offline" title=${t("wall.failed.title")} body=${codeWords(t, "problem", camerasProblem)}
      action=${{ label: t("retry"), run: doings.refetch }} />`;
  }
  if (cameras.value.length === 0) return html`<${Notice} icon="camera" title=${t("wall.empty.title")} body=${t("wall.empty.body")} />`;
  const ahead = focus === null && follow.value ? forward.value : null;
  const large = focus ?? ahead?.camera ?? null;
  const page = slots.value;
  const small = crowded(page.length, large !== null);
  const guest = large !== null && !page.includes(large) ? large : null;
  return html`<${LayoutBar} />
    <div class=${gridClass(page, large, guest !== null, ahead !== null)}>
      ${guest !== null && html`<${Tile} key=${guest} id=${guest} number=${0} large=${true} ahead=${ahead} small=${small} />`}
      ${page.map((id, i) => (id === null
        ? html`<${Empty} key=${`empty ${i}`} slot=${i} />`
        : html`<${Tile} key=${id} id=${id} number=${i + 1} large=${large === id} small=${small} ahead=${large === id ? ahead : null} />`))}
    </div>`;
}

function Tile({ id, number, large, ahead, small }) {
  const { cameras: known, user } = state.value;
  const camera = known[id];
  if (!camera) return null;
  const enlarge = () => {
    if (ahead !== null) sendBack();
    else dispatch({ type: "camera.focused", id: large ? null : id });
  };
  return html`<camera-tile class="tile" data-testid=${`tile-${id}`} camera=${camera} number=${number} enlarged=${large} crowded=${small} ahead=${ahead}
    barred=${barred(user, camera)} alerts=${openByCamera.value[id] ?? NONE} onenlarge=${enlarge} />`;
}

/** A slot without a camera: a way to give it one. */
function Empty({ slot }) {
  const t = words.value;
  return html`<button type="button" class="tile tile--empty" data-testid=${`empty-${slot + 1}`} onClick=${() => edit(slot)}>
    <${Icon} name="plus" /><span>${t("layout.slot.choose", { n: slot + 1 })}</span></button>`;
}

function gridClass(page, large, guest, ahead) {
  if (large === null) return `grid grid--${Math.min(page.length, 16)}`;
  const beside = page.filter((id) => id !== null).length - (guest ? 0 : 1);
  if (beside > 0 && beside <= MOST_BESIDE) return `grid grid--focus grid--beside-${beside}`;
  return `grid grid--focus ${beside > 0 && ahead ? "grid--around" : "grid--alone"}`;
}
