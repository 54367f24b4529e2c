/** The bar over the wall: which cameras are shown, how many at a time, and whether alerts bring theirs forward. */
import { useEffect, useState } from "preact/hooks";
import {
  choice, choose, draft, follow, layout, layouts, loadLayouts, page, pages, size, slots, switchFollow, turnPage,
} from "../arrangement.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { SIZES, completed, resized } from "../layout.js";
import { cameras, state } from "../store.js";

export function LayoutBar() {
  const t = words.value;
  return html`<div class="layouts" role="toolbar" aria-label=${t("layout.label")} data-testid="layout-bar">
    <${Choice} />
    <${Sizes} />
    <button type="button" class="button layouts__follow" aria-pressed=${follow.value} data-testid="follow-alerts"
      title=${t("layout.follow.title")} onClick=${switchFollow}><${Icon} name="bell" /><span>${t("layout.follow")}</span></button>
    <${Pages} />
    <div class="layouts__tools">
      <button type="button" class="button button--icon" data-testid="edit-layout" title=${t("layout.edit")} aria-label=${t("layout.edit")}
        onClick=${() => edit()}><${Icon} name="pencil" /></button>
      <${FullScreen} />
    </div>
  </div>`;
}

function Choice() {
  const t = words.value;
  const { items, status } = layouts.value;
  /** @type {[string, import("../layout.js").Layout[]][]} */
  const groups = [["mine", items.filter(({ mine }) => mine)], ["shared", items.filter(({ mine }) => !mine)]];
  return html`<label class="layouts__choice"><span class="hidden">${t("layout.choice")}</span>
    <select data-testid="layout-choice" value=${choice.value} onChange=${(event) => choose(event.currentTarget.value)}>
      <option value="all">${t("layout.all")}</option>
      ${SIZES.map((n) => html`<option key=${n} value=${`all-${n}`} hidden=${size.value !== n}>${t("layout.all.by", { n })}</option>`)}
      ${groups.map(([name, list]) => list.length > 0 && html`<optgroup key=${name} label=${t(`layout.${name}`)}>
        ${list.map(({ id, name: title }) => html`<option key=${id} value=${id}>${title}</option>`)}</optgroup>`)}
    </select></label>
    ${status === "failed" && html`<button type="button" class="button button--icon layouts__failed" title=${t("layout.failed")}
      aria-label=${t("layout.failed")} onClick=${loadLayouts}><${Icon} name="warning" /></button>`}`;
}

/** How many at a time; a layout has its own number. */
function Sizes() {
  const t = words.value;
  const now = layout.value?.tiles ?? size.value;
  return html`<div class="tabs layouts__sizes" role="group" aria-label=${t("layout.sizes")}>
    ${SIZES.map((n) => html`<button key=${n} type="button" class="tabs__item" aria-pressed=${now === n} title=${t("layout.size", { n })}
      data-testid=${`size-${n}`} onClick=${() => choose(`all-${n}`)}>${n}</button>`)}</div>`;
}

function Pages() {
  const t = words.value;
  const count = pages.value.length;
  if (count < 2) return null;
  const turn = (step, key, icon) => html`<button type="button" class="button button--icon" disabled=${state.value.focus !== null}
    title=${`${t(`layout.${key}`)} (${step < 0 ? "[" : "]"})`} aria-label=${t(`layout.${key}`)} onClick=${() => turnPage(step)}>
    <${Icon} name=${icon} /></button>`;
  return html`<div class="layouts__pages">${turn(-1, "back", "left")}
    <span role="status" data-testid="wall-page">${t("layout.page", { page: page.value + 1, count })}</span>
    ${turn(1, "next", "right")}</div>`;
}

function FullScreen() {
  const t = words.value;
  const [full, setFull] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const look = () => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);
  const label = t(full ? "layout.full.leave" : "layout.full");
  return html`<button type="button" class="button button--icon layouts__full" aria-pressed=${full} title=${`${label} (W)`}
    aria-label=${label}
    data-testid="full-screen" onClick=${switchFullScreen}><${Icon} name=${full ? "shrink" : "expand"} /></button>`;
}

/** Fills the screen with the page, or leaves that again. A browser that refuses does nothing. */
export function switchFullScreen() {
  const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();
  done?.catch(() => undefined);
}

/** Opens the editor with the layout on the screen; without one, with what is shown. @param {number} [slot] to choose first */
export function edit(slot) {
  const known = layout.peek();
  const all = cameras.peek().map(({ id }) => id);
  const tiles = known?.tiles ?? size.peek() ?? SIZES.find((n) => n >= all.length) ?? 16;
  draft.value = {
    id: known?.id ?? null,
    name: known?.name ?? "",
    tiles,
    cameras: known ? known.cameras : completed(resized(slots.peek(), tiles), all),
    follow_alerts: follow.peek(),
    role: known?.role ?? "",
    version: known?.version ?? null,
    slot: slot ?? 0,
  };
}
