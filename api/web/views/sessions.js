/** The browsers in which somebody is signed in, each with a button that ends it. */
import { useState } from "preact/hooks";
import { agentName } from "../agent.js";
import { second } from "../clock.js";
import { ago, moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { codeWords } from "../translate.js";
import { Confirm } from "./confirm.js";
import { Notice } from "./notice.js";

/**
 * @param {{name: string, read: () => Promise<{items: import("../requests/account.js").Session[]}>, end: (id: string) => Promise<void>,
 *   endAll: () => Promise<void>, own: boolean}} props `endAll` spares the session that asks where they are one's `own`
 */
export function Sessions({ name, read, end, endAll, own }) {
  const t = words.value;
  const sessions = useLoad(`sessions ${name}`, read);
  const [asked, setAsked] = useState(/** @type {string|null} */ (null));
  if (sessions.status === "loading") return html`<${Notice} icon="waiting" title=${t("loading")} />`;
  if (sessions.data === null) {
    return html`<${Notice} icon="offline" title=${t("sessions.failed")} body=${codeWords(t, "problem", sessions.problem)}
      action=${{ label: t("retry"), run: sessions.reload }} />`;
  }
  const { items } = sessions.data;
  const others = items.filter(({ current }) => !current);
  const run = async () => {
    if (asked === "all") await endAll();
    else if (asked !== null) await end(asked);
    sessions.reload();
  };
  const what = asked === "all" ? (own ? "others" : "all") : "single";
  return html`
    ${items.length === 0 && html`<p class="card__body sheet__note">${t("sessions.none")}</p>`}
    <ul class="sessions" data-testid="sessions">${items.map((session) => html`<li key=${session.id} class="sessions__item" data-testid="session">
      <${Icon} name="screen" />
      <div class="sessions__text">
        <p><strong>${agentName(session.agent) || t("sessions.unknown")}</strong>
          ${session.current && html` <span class="chip chip--good">${t("sessions.current")}</span>`}</p>
        <p class="sheet__note">${[session.client, t("sessions.since", { at: at(session.created_at) }),
          t("sessions.seen", { ago: ago(t, second.value - Date.parse(session.seen_at)) })].filter(Boolean).join(" · ")}</p>
      </div>
      ${!session.current && html`<button type="button" class="button button--danger" data-testid="session-end"
        aria-label=${`${t("sessions.end")}: ${agentName(session.agent)} ${session.client}`}
        onClick=${() => setAsked(session.id)}>${t("sessions.end")}</button>`}
    </li>`)}</ul>
    ${others.length > 1 && html`<div class="card__foot"><button type="button" class="button button--danger" data-testid="sessions-end-all"
      onClick=${() => setAsked("all")}>${t(own ? "sessions.end.others" : "sessions.end.all")}</button></div>`}
    ${asked !== null && html`<${Confirm} title=${t(`sessions.ask.${what}`)} body=${t(`sessions.ask.${what}.body`)}
      action=${t("sessions.end")} run=${run} onClose=${() => setAsked(null)} />`}`;
}

function at(text) {
  return moment(Date.parse(text), second.peek());
}
