/** The head of the administrator's pages: they are one desk, so each names the others. */
import { html } from "../html.js";
import { words } from "../i18n.js";
import { addressOf } from "../route.js";

const TABS = ["users", "grants", "audit"];

/** @param {{current: string, children?: any}} props `children` stand at the right */
export function AdminHead({ current, children }) {
  const t = words.value;
  return html`<div class="sheet__head">
    <h2 class="sheet__title" id="admin-title">${t(`page.${current}`)}</h2>
    <nav class="tabs" aria-label=${t("admin.label")}>${TABS.map((name) => html`<a key=${name} class="tabs__item" data-testid=${`tab-${name}`}
      href=${addressOf(name)} aria-current=${name === current ? "page" : undefined}>${t(`admin.${name}`)}</a>`)}</nav>
    ${children && html`<div class="sheet__tools">${children}</div>`}
  </div>`;
}
