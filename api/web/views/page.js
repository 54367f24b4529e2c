/** The whole page: sign-in, or one of the pages between rail and alerts, with the windows that may lie over it. */
import { html } from "../html.js";
import { words } from "../i18n.js";
import { route } from "../navigation.js";
import { state } from "../store.js";
import { AlertDetail } from "./alert-detail.js";
import { Alerts, Announcer } from "./alerts.js";
import { ArrivalBar } from "./arrival.js";
import { Enrol } from "./enrol.js";
import { Header, LostBanner } from "./header.js";
import { Help } from "./help.js";
import { Login } from "./login.js";
import { Notice } from "./notice.js";
import { pageNamed } from "./pages.js";
import { Rail } from "./rail.js";
import { Toast } from "./toast.js";

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
  const { page, id, query } = route.value;
  const { name, view: View, lane } = pageNamed(page, state.value.user);
  return html`<div class=${`page ${lane ? "page--lane" : ""}`} data-page=${name} data-pane=${name === "wall" ? pane : "wall"}>
    ${lane && html`<a class="skip" href="#alerts" onClick=${skipToAlerts}>${t("skip.alerts")}</a>`}
    <${Header} doings=${doings} />
    <div class="bars"><${LostBanner} reconnect=${doings.reconnect} /><${ArrivalBar} lane=${lane} /></div>
    <${Rail} />
    <${View} doings=${doings} id=${id} query=${query} />
    ${lane && html`<${Alerts} doings=${doings} />`}
    <${Announcer} />
    ${detail === null && html`<${Toast} />`}
    ${detail !== null && html`<${AlertDetail} id=${detail} />`}
    ${help && html`<${Help} />`}
  </div>`;
}

/** The address behind `#` names the page, so this link moves the keyboard itself. */
function skipToAlerts(event) {
  event.preventDefault();
  const first = document.querySelector("#alerts button, #alerts a");
  if (first instanceof HTMLElement) first.focus();
}
