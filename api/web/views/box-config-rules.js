/** The rules that watch one zone or line: what each is for, its few numbers, how grave it is and at which hours. */
import { DAYS, NUMBERS, SEVERITIES, USUAL_SEVERITY, ZONE_RULES, readClock, readNumber } from "../box-config.js";
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { Field } from "./field.js";

/** @typedef {import("../box-config.js").Rule} Rule */

/**
 * @param {{rules: {rule: Rule, place: string}[], kind: "zones"|"lines", faults: Record<string, string>, add: (kind: string) => void,
 *   change: (rule: string, changes: Record<string, any>, tag: string) => void, remove: (rule: string) => void, arrow: (rule: string) => void}} props
 */
export function Rules({ rules, kind, faults, add, change, remove, arrow }) {
  const t = words.value;
  const kinds = kind === "zones" ? ZONE_RULES : ["line_crossing"];
  return html`<div class="rules">
    ${rules.map(({ rule, place }) => html`<${RuleForm} key=${rule.id} rule=${rule} place=${place} faults=${faults} change=${(changes, tag) => change(rule.id, changes, `${rule.id} ${tag}`)}
      remove=${() => remove(rule.id)} arrow=${() => arrow(rule.id)} />`)}
    <label class="field rules__add"><span>${t("config.rule.add")}</span><select data-testid="rule-add" value="" onChange=${(event) => { if (event.currentTarget.value) add(event.currentTarget.value); event.currentTarget.value = ""; }}>
      <option value="">${t("config.rule.choose")}</option>${kinds.map((one) => html`<option key=${one} value=${one}>${t(`kind.${one}`)}</option>`)}</select></label>
  </div>`;
}

function RuleForm({ rule, place, faults, change, remove, arrow }) {
  const t = words.value;
  const numbers = NUMBERS[rule.kind] ?? [];
  const severity = rule.severity ?? USUAL_SEVERITY[rule.kind] ?? "medium";
  return html`<fieldset class="rule" data-testid=${`rule-${rule.id}`}>
    <legend class="rule__title">${t(`kind.${rule.kind}`)}</legend>
    <button type="button" class="link rule__remove" onClick=${remove}><${Icon} name="close" />${t("config.rule.remove")}</button>
    <p class="sheet__note rule__what">${t(`config.rule.${rule.kind}`)}</p>
    <div class="rule__fields">
      ${numbers.map((field) => html`<${NumberInput} key=${field.name} field=${field} value=${rule[field.name] ?? field.usual} fault=${faults[`${place}.${field.name}`] ?? null}
        set=${(value) => change({ [field.name]: value }, field.name)} />`)}
      ${rule.kind === "line_crossing" && html`<${Field} as="select" short label=${t("config.rule.direction")} value=${rule.direction ?? "both"}
        onChange=${(event) => change({ direction: event.currentTarget.value }, "direction")}>
        ${["both", "in", "out"].map((way) => html`<option key=${way} value=${way}>${t(`config.direction.${way}`)}</option>`)}<//>`}
      <${Field} as="select" short label=${t("config.rule.severity")} value=${severity} onChange=${(event) => change({ severity: event.currentTarget.value }, "severity")}>
        ${SEVERITIES.map((one) => html`<option key=${one} value=${one}>${t(`severity.${one}`)}</option>`)}<//>
    </div>
    ${rule.kind === "wrong_way" && html`<button type="button" class="button" onClick=${arrow}><${Icon} name="right" />${t("config.rule.arrow")}</button>`}
    <${Hours} schedule=${rule.schedule ?? null} faults=${faults} place=${`${place}.schedule`} set=${(schedule) => change({ schedule: schedule ?? undefined }, "schedule")} />
  </fieldset>`;
}

/** Keeps what is typed while it is no number yet. */
function NumberInput({ field, value, fault, set }) {
  const t = words.value;
  const [typed, setTyped] = useState(/** @type {string|null} */ (null));
  const shown = typed ?? String(value).replace(".", t("decimal"));
  const number = readNumber(shown);
  const wrong = number === null || number < field.least || number > field.most || (field.whole && !Number.isInteger(number));
  const take = (text) => {
    setTyped(text);
    const read = readNumber(text);
    if (read !== null) set(read);
  };
  return html`<${Field} short label=${t(`config.number.${field.name}`)} inputmode="decimal" autocomplete="off" maxlength="8" name=${field.name} value=${shown}
    fault=${wrong ? "range" : fault} onInput=${(event) => take(event.currentTarget.value)} onBlur=${() => { if (number !== null) setTyped(null); }} />`;
}

/** Always, or windows of hours on days of the week. What a window names besides stays. */
function Hours({ schedule, faults, place, set }) {
  const t = words.value;
  const put = (index, changes) => set(schedule.map((one, i) => (i === index ? { ...one, ...changes } : one)));
  return html`<div class="hours"><label class="hours__always"><input type="checkbox" checked=${schedule === null}
    onChange=${(event) => set(event.currentTarget.checked ? null : [{ from: "22:00", to: "05:00" }])} />${t("config.hours.always")}</label>
    ${schedule?.map((window, index) => html`<div key=${index} class="hours__row">
      <${Clock} label=${t("config.hours.from")} value=${window.from} set=${(from) => put(index, { from })} />
      <${Clock} label=${t("config.hours.to")} value=${window.to} set=${(to) => put(index, { to })} />
      <div class="hours__days" role="group" aria-label=${t("config.hours.days")}>${DAYS.map((day) => html`<button key=${day} type="button" class="day" aria-pressed=${(window.days ?? DAYS).includes(day)}
        title=${t(`config.day.${day}`)} onClick=${() => put(index, { days: toggled(window.days ?? DAYS, day) })}>${t(`config.day.short.${day}`)}</button>`)}
        ${(window.days ?? []).filter((day) => !DAYS.includes(day)).map((day) => html`<span key=${day} class="chip">${day}</span>`)}</div>
      <button type="button" class="link" onClick=${() => set(schedule.length === 1 ? null : schedule.filter((_, i) => i !== index))}><${Icon} name="close" />${t("config.hours.remove")}</button>
      ${Object.keys(faults).some((where) => where.startsWith(`${place}.${index}`)) && html`<p class="field__fault"><${Icon} name="warning" />${t("fault.field.invalid")}</p>`}
    </div>`)}
    ${schedule && html`<button type="button" class="link" onClick=${() => set([...schedule, { from: "22:00", to: "05:00" }])}><${Icon} name="plus" />${t("config.hours.add")}</button>`}
  </div>`;
}

/** A time of day, of 24 hours in every browser. What is no time yet stays what was typed. */
function Clock({ label, value, set }) {
  const [typed, setTyped] = useState(/** @type {string|null} */ (null));
  const shown = typed ?? value;
  const take = (text) => {
    setTyped(text);
    const read = readClock(text);
    if (read !== null) set(read);
  };
  return html`<label class="hours__clock">${label}<input inputmode="numeric" maxlength="5" placeholder="22:00" autocomplete="off" value=${shown} aria-invalid=${readClock(shown) === null ? "true" : undefined}
    onInput=${(event) => take(event.currentTarget.value)} onBlur=${() => setTyped(null)} /></label>`;
}

function toggled(days, day) {
  const next = days.includes(day) ? days.filter((one) => one !== day) : [...days, day];
  return next.length === 0 ? days : [...DAYS.filter((one) => next.includes(one)), ...next.filter((one) => !DAYS.includes(one))];
}
