/** How far the work on an incident is: a sign and a word, and who has it. */
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { state } from "../store.js";

const ICONS = { new: "bell", seen: "eye", assigned: "person", resolved: "check", false_alarm: "cancel" };

/** What is said of an alert in the lane. @param {{incident: import("../types.js").Incident|null}} props */
export function WorkState({ incident }) {
  const t = words.value;
  if (incident === null) return html`<span class="work work--note" data-testid="work-state"><${Icon} name="flag" />${t("work.none")}</span>`;
  return html`<span class=${`work work--${incident.state}`} data-testid="work-state" data-state=${incident.state}>
    <${Icon} name=${ICONS[incident.state] ?? "flag"} /><span>${stateWords(t, incident, state.value.user?.username)}</span>
    ${incident.escalations > 0 && html`<span class="work__louder" title=${t("work.escalated", { n: incident.escalations })}>
      <${Icon} name="louder" /><span class="hidden">${t("work.escalated", { n: incident.escalations })}</span></span>`}
  </span>`;
}

/** @param {import("../translate.js").Translator} t @param {import("../types.js").Incident} incident @param {string|undefined} me */
export function stateWords(t, incident, me) {
  if (incident.state !== "assigned") return t(`work.${incident.state}`);
  if (incident.assignee === me) return t("work.mine");
  return t("work.assigned", { name: incident.assignee_name ?? incident.assignee ?? "" });
}
