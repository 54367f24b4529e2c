/** A field of a form: its name, what is wrong with it and a hint, all told to a screen reader too. */
import { useId } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { codeWords } from "../translate.js";

/**
 * What is not named here goes to the control itself.
 * @param {{label: string, fault?: string|null, hint?: string, as?: "input"|"select"|"textarea", short?: boolean, children?: any,
 *   [attribute: string]: any}} props
 */
export function Field({ label, fault = null, hint, as = "input", short = false, children, ...rest }) {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  const Control = as;
  return html`<div class=${`field ${short ? "field--short" : ""} ${fault ? "field--bad" : ""}`}>
    <label class="field__label" for=${id}>${label}</label>
    <${Control} ...${rest} id=${id} aria-invalid=${fault ? "true" : undefined} aria-describedby=${described}>${children}<//>
    ${hint && html`<small class="field__hint" id=${`${id}-hint`}>${hint}</small>`}
    <${Fault} id=${`${id}-fault`} code=${fault} />
  </div>`;
}

/** @param {{code: string|null, id?: string}} props */
export function Fault({ code, id }) {
  if (code === null) return null;
  return html`<p class="field__fault" id=${id} data-testid="field-fault"><${Icon}
    name="warning" />${codeWords(words.value, "fault.field", code)}</p>`;
}

/** What went wrong with a form as a whole. @param {{code: string|null|undefined}} props */
export function FormProblem({ code }) {
  return html`<div role="alert">${code && html`<p class="message message--bad" data-testid="form-problem"><${Icon} name="warning" />
    <span>${codeWords(words.value, "problem", code)}</span></p>`}</div>`;
}

/** What went well. @param {{text: string|null|undefined}} props */
export function Done({ text }) {
  return html`<div role="status">${text && html`<p class="message message--good" data-testid="form-done"><${Icon} name="check" />
    <span>${text}</span></p>`}</div>`;
}
