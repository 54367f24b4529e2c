/** The reasons of a step, or the colleagues who can be given an incident, each with its digit. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { FALSE_ALARM_REASONS, RESOLVE_REASONS } from "../incidents.js";
import { dispatch } from "../store.js";
import { codeWords } from "../translate.js";
import { choose, findColleagues } from "../triage.js";

/** @param {{menu: NonNullable<import("../types.js").Work["menu"]>}} props */
export function ChoiceMenu({ menu }) {
  const t = words.value;
  const { choices, problem } = useChoices(t, menu);
  return html`<div class="choices" role="group" data-testid="choices" aria-label=${t(`step.${menu.action}.ask`)}>
    <p class="choices__title"><span>${t(`step.${menu.action}.ask`)}</span>
      <button type="button" class="button choices__close" onClick=${() => dispatch({ type: "work.asked", menu: null })}>
        ${t("step.cancel")}<kbd>Esc</kbd></button></p>
    ${problem !== null && html`<p class="choices__note" role="alert"><${Icon} name="warning" />${codeWords(t, "problem", problem)}</p>`}
    ${choices === null && problem === null && html`<p class="choices__note">${t("loading")}</p>`}
    <ol class="choices__list">${(choices ?? []).map((text, i) => html`<li key=${text}>
      <button type="button" class="button choices__item" onClick=${() => choose(i)}>
        ${i < 9 && html`<kbd>${i + 1}</kbd>`}<span>${text}</span></button></li>`)}</ol>
  </div>`;
}

/** @returns {{choices: string[]|null, problem: string|null}} */
function useChoices(t, { action, incident }) {
  const [found, setFound] = useState(/** @type {{names: string[]|null, problem: string|null}} */ ({ names: null, problem: null }));
  useEffect(() => {
    if (action !== "assign") return;
    findColleagues(incident).then(
      (items) => setFound({ names: items.map((one) => one.display_name), problem: null }),
      ({ code }) => setFound({ names: null, problem: code ?? "unavailable" }),
    );
  }, [action, incident]);
  if (action === "assign") return { choices: found.names, problem: found.problem };
  const [reasons, family] = action === "resolve" ? [RESOLVE_REASONS, "resolved"] : [FALSE_ALARM_REASONS, "false"];
  return { choices: reasons.map((code) => t(`${family}.${code}`)), problem: null };
}
