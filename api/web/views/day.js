/** A field for a day, written day first. Browsers' own fields write it as the browser's language does, the month first in English. */
import { useEffect, useRef, useState } from "preact/hooks";
import { toLocal } from "../access.js";
import { centreNow } from "../clock.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { readDay, sayDay } from "../when.js";

/**
 * @param {object} props
 * @param {string} props.value `2026-11-22`, or empty
 * @param {(value: string) => void} props.onChange a day was given, or none
 * @param {string} props.label
 * @param {string} [props.testid]
 */
export function Day({ value, onChange, label, testid }) {
  const t = words.value;
  const [typed, setTyped] = useState(sayDay(value));
  const [bad, setBad] = useState(false);
  const calendar = useRef(/** @type {HTMLInputElement|null} */ (null));
  useEffect(() => {
    setTyped(sayDay(value));
    setBad(false);
  }, [value]);
  const settle = (text) => {
    const found = text.trim() === "" ? "" : readDay(text, toLocal(centreNow()).slice(0, 10));
    setTyped(found === null ? text : sayDay(found));
    setBad(found === null);
    if (found !== null && found !== value) onChange(found);
  };
  return html`<span class="dayfield">
    <input type="text" inputmode="numeric" class="dayfield__text" autocomplete="off" spellcheck=${false} maxlength="14" data-testid=${testid}
      value=${typed} placeholder=${t("when.day.form")} aria-label=${label} aria-invalid=${bad ? "true" : undefined}
      onInput=${(event) => setTyped(event.currentTarget.value)} onChange=${(event) => settle(event.currentTarget.value)} />
    <input type="date" class="dayfield__calendar" ref=${calendar} tabindex="-1" aria-hidden="true" value=${value}
      onChange=${(event) => onChange(event.currentTarget.value)} />
    <button type="button" class="dayfield__open" title=${t("when.calendar")} aria-label=${`${label}: ${t("when.calendar")}`}
      onClick=${() => calendar.current?.showPicker()}><${Icon} name="calendar" /></button>
    ${bad && html`<small class="when__bad" role="alert">${t("when.day.bad")}</small>`}</span>`;
}
