/** The whole page: sign-in or the wall, with the windows that may lie over it. */
import { html } from "../html.js";
import { words } from "../i18n.js";
import { alertGroups, dispatch, state } from "../store.js";
import { AlertDetail } from "./alert-detail.js";
import { Alerts, Announcer } from "./alerts.js";
import { Enrol } from "./enrol.js";
import { Header, LostBanner } from "./header.js";
import { Help } from "./help.js";
import { Login } from "./login.js";
import { Notice } from "./notice.js";
import { Wall } from "./wall.js";

/**
 * What a view may ask for beyond changing the state.
 * @typedef {object} Doings
 * @property {(username: string, password: string, code?: string) => Promise<void>} signIn
 * @property {() => Promise<void>} findSession
 * @property {() => Promise<void>} signOut
 * @property {() => Promise<void>} loadOlder
 * @property {() => Promise<void>} refetch
 * @property {() => void} reconnect
 */

/** @param {{doings: Doings}} props */
export function Page({ doings }) {
  const t = words.value;
  const { session, pane, detail, help } = state.value;
  if (session === "unknown") return html`<main class="splash"><${Notice} icon="waiting" title=${t("loading")} /></main>`;
  if (session === "unreachable") {
    return html`<main class="splash" role="alert">
      <${Notice} icon="offline" title=${t("unreachable.title")} body=${t("unreachable.body")} /></main>`;
  }
  if (session === "out") return html`<${Login} signIn=${doings.signIn} />`;
  if (state.value.user?.must_enrol) return html`<${Enrol} done=${doings.findSession} signOut=${doings.signOut} />`;
  return html`<div class="page" data-pane=${pane}>
    <a class="skip" href="#alerts">${t("skip.alerts")}</a>
    <${Header} doings=${doings} />
    <${LostBanner} reconnect=${doings.reconnect} />
    <${Wall} doings=${doings} />
    <${Alerts} doings=${doings} />
    <${PaneSwitch} pane=${pane} />
    <${Announcer} />
    ${detail !== null && html`<${AlertDetail} id=${detail} />`}
    ${help && html`<${Help} />`}
  </div>`;
}

/** On a phone: either the cameras or the alerts. */
function PaneSwitch({ pane }) {
  const t = words.value;
  const open = alertGroups.value.open.length;
  const button = (name, label) => html`<button type="button" class="panes__button" aria-pressed=${pane === name}
    onClick=${() => dispatch({ type: "pane.chosen", pane: name })}>${label}</button>`;
  return html`<nav class="panes" aria-label=${t("pane.label")}>
    ${button("wall", t("pane.wall"))}
    ${button("alerts", html`${t("pane.alerts")}${open > 0 && html` <span class="count">${open}</span>`}`)}
  </nav>`;
}
