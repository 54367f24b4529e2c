/** The keys of the wall and what its signs mean. */
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { dispatch, state } from "../store.js";
import { Dialog } from "./dialog.js";
import { pagesFor } from "./pages.js";

/** @type {[string, string[]][]} */
const KEYS = [
  ["camera", ["1", "9"]],
  ["back", ["Esc"]],
  ["turn", ["[", "]"]],
  ["follow", ["B"]],
  ["timeline", ["T"]],
  ["full", ["W"]],
  ["next", ["J", "K"]],
  ["enter", ["Enter"]],
  ["assign", ["R"]],
  ["false_alarm", ["F", "1–8"]],
  ["resolve", ["D", "1–6"]],
  ["escalate", ["E"]],
  ["give", ["A"]],
  ["seen", ["V"]],
  ["reopen", ["O"]],
  ["comment", ["C"]],
  ["undo", ["Z", "U"]],
  ["sound", ["M"]],
  ["language", ["L"]],
  ["help", ["?"]],
];
const SEVERITIES = ["critical", "high", "medium", "low"];
const PICTURES = [["live", "online"], ["stale", "clock"], ["failed", "camera_off"]];

export function Help() {
  const t = words.value;
  return html`<${Dialog} name="help" label=${t("help.title")} title=${html`<h2 class="dialog__title">${t("help.title")}</h2>`}
    onClose=${() => dispatch({ type: "help.shown", shown: false })}>
    <dl class="keys">${KEYS.map(([name, keys]) => html`<div class="keys__row" key=${name}>
      <dt>${keys.map((key, i) => html`${i > 0 && (name === "camera" ? " – " : " ")}<kbd>${key}</kbd>`)}</dt>
      <dd>${t(`help.${name}`)}</dd></div>`)}</dl>
    <h3>${t("help.pages")}</h3>
    <dl class="keys keys--pages">${pagesFor(state.value.user).map(({ name, key }) => html`<div class="keys__row" key=${name}>
      <dt><kbd>G</kbd> <kbd>${key.toUpperCase()}</kbd></dt><dd>${t(`page.${name}`)}</dd></div>`)}</dl>
    <h3>${t("help.legend")}</h3>
    <ul class="legend">${SEVERITIES.map((severity) => html`<li key=${severity} class=${`severity--${severity}`}>
      <${SeverityIcon} severity=${severity} />${t(`severity.${severity}`)}</li>`)}</ul>
    <h3>${t("help.pictures")}</h3>
    <ul class="legend legend--tall">${PICTURES.map(([name, icon]) => html`<li key=${name}>
      <span class=${`tile__age tile__age--${name}`}><${Icon} name=${icon} /></span>${t(`help.${name}`)}</li>`)}</ul>
  <//>`;
}
