/** A field for a moment: the time in 24 hours, and the day. Browsers' own fields follow the browser's language instead. */
import { useEffect, useState } from "preact/hooks";
import { toLocal } from "../access.js";
import { centreNow } from "../clock.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { apart, together } from "../when.js";
import { Day } from "./day.js";

/**
 * @param {object} props
 * @param {string} props.value see `when.js`
 * @param {(value: string) => void} props.onChange a whole moment was given, or none
 * @param {string} props.label
 * @param {boolean} [props.seconds]
 * @param {boolean} [props.required]
 * @param {string} [props.id] @param {string} [props.testid]
 * @param {"true"} [props.invalid] @param {string} [props.described]
 */
export function When({ value, onChange, label, seconds = false, required = false, id, testid, invalid, described }) {
  const t = words.value;
  const [typed, setTyped] = useState(() => apart(value, seconds));
  const [bad, setBad] = useState(false);
  useEffect(() => {
    setTyped(apart(value, seconds));
    setBad(false);
  }, [value]);
  const settle = (next) => {
    const found = together(next, toLocal(centreNow()).slice(0, 10), seconds);
    setTyped(next);
    setBad(found === null);
    if (found === null || found === value) return;
    setTyped(apart(found, seconds));
    onChange(found);
  };
  return html`<span class="when" role="group" aria-label=${label}>
    <input type="text" inputmode="numeric" class="when__time" autocomplete="off" spellcheck=${false} maxlength=${seconds ? 8 : 6} id=${id}
      data-testid=${testid} required=${required} value=${typed.time} aria-label=${`${label}: ${t("when.time")}`}
      placeholder=${seconds ? "--:--:--" : "--:--"} aria-invalid=${bad ? "true" : invalid} aria-describedby=${described}
      onInput=${(event) => setTyped({ ...typed, time: event.currentTarget.value })}
      onChange=${(event) => settle({ ...typed, time: event.currentTarget.value })} />
    <${Day} value=${typed.date} label=${`${label}: ${t("when.date")}`}
      onChange=${(date) => settle({ date, time: date ? typed.time : "" })} />
    ${bad && html`<small class="when__bad" role="alert">${t("when.bad")}</small>`}</span>`;
}
