/** The pages as a column of signs at the left edge; on a phone as a bar at the foot, with the alerts beside the wall. */
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { route } from "../navigation.js";
import { addressOf } from "../route.js";
import { dispatch, state, waiting } from "../store.js";
import { pageNamed, pagesFor } from "./pages.js";

export function Rail() {
  const t = words.value;
  const { user, pane } = state.value;
  const current = pageNamed(route.value.page, user).name;
  const listed = pagesFor(user).filter(({ unlisted }) => !unlisted);
  const rail = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => {
    rail.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current, pane]);
  return html`<nav class="rail" ref=${rail} aria-label=${t("rail.label")} data-testid="rail">
    ${listed.map(({ name, icon, key }) => html`<${Item} key=${name} name=${name} icon=${icon} hint=${key}
      current=${name === current && (name !== "wall" || pane === "wall")} />`)}
    <${AlertsItem} current=${current === "wall" && pane === "alerts"} />
  </nav>`;
}

function Item({ name, icon, hint, current }) {
  const t = words.value;
  const label = t(`page.${name}`);
  return html`<a class="rail__item" data-testid=${`rail-${name}`} href=${addressOf(name)} title=${`${label} (g ${hint})`}
    aria-current=${current ? "page" : undefined} onClick=${() => dispatch({ type: "pane.chosen", pane: "wall" })}>
    <${Icon} name=${icon} /><span>${label}</span></a>`;
}

/** Only on a phone, where the lane has no room beside the pictures. */
function AlertsItem({ current }) {
  const t = words.value;
  const open = waiting.value;
  return html`<a class="rail__item rail__item--alerts" data-testid="rail-alerts" href=${addressOf("wall")}
    aria-current=${current ? "page" : undefined} onClick=${() => dispatch({ type: "pane.chosen", pane: "alerts" })}>
    <${Icon} name="bell" /><span>${t("pane.alerts")}</span>${open > 0 && html`<span class="count">${open}</span>`}</a>`;
}
