/** The number of the fire brigade, on everything that may be a fire. */
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";

/** A telephone dials it at a touch. */
export function FireCall() {
  const t = words.value;
  return html`<p class="fire-call" data-testid="fire-call"><${Icon} name="flame" />
    <a href="tel:114">${t("fire.call")}</a><span>${t("fire.when")}</span></p>`;
}

/** The same as a sign on something that is pressed itself. */
export function FireSign() {
  return html`<strong class="fire-call fire-call--sign" data-testid="fire-sign"><${Icon} name="flame" />${words.value("fire.call")}</strong>`;
}
