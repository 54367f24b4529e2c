/** A calm word in an empty place: loading, nothing there, or what went wrong and what to do. */
import { html } from "../html.js";
import { Icon } from "../icons.js";

/** @param {{icon: string, title: string, body?: string, action?: {label: string, run: () => void}}} props */
export function Notice({ icon, title, body, action }) {
  return html`<div class="notice">
    <${Icon} name=${icon} />
    <p class="notice__title">${title}</p>
    ${body && html`<p class="notice__body">${body}</p>`}
    ${action && html`<button type="button" class="button" onClick=${action.run}>${action.label}</button>`}
  </div>`;
}
