/**
 * Asks for the reason before something recorded is played, as the law and the audit log want it. The usual reasons are
 * one click; a reason in own words is always possible.
 */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { askPlayback } from "../requests/recordings.js";
import { codeWords } from "../translate.js";
import { Dialog } from "./dialog.js";

/** @typedef {import("../requests/recordings.js").Thing} Thing */

const USUAL = ["verify", "report", "investigation", "camera", "order"];
const SHORTEST = 5;
const LONGEST = 300;

/** Until when each thing may be played, as this page was told. @type {Map<string, number>} */
const allowed = new Map();

/** Whether a reason was given already and still holds. `camera` covers its events.
 * @param {Thing} thing @param {number} now @param {string|null} [camera] of the event */
export function reasonHolds(thing, now, camera = null) {
  const names = camera === null ? [nameOf(thing)] : [nameOf(thing), `camera:${camera}`];
  return names.some((name) => (allowed.get(name) ?? 0) > now);
}

/**
 * `onAllowed` is called with the reason once the centre has taken it; `ask` may put another request in the place of
 * the one for playback.
 * @param {{thing: Thing, title?: string, note?: string, onAllowed: (reason: string) => void, onClose: () => void,
 *   ask?: (reason: string) => Promise<unknown>, action?: string}} props
 */
export function Reason({ thing, title, note, onAllowed, onClose, ask, action }) {
  const t = words.value;
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const reason = text.replace(/\s+/g, " ").trim();
  const heading = title ?? t("reason.title");

  async function submit(event) {
    event.preventDefault();
    if (busy || reason.length < SHORTEST) return;
    setBusy(true);
    setProblem(null);
    try {
      if (ask) await ask(reason);
      else allowed.set(nameOf(thing), Date.parse((await askPlayback(thing, reason)).until));
      onAllowed(reason);
    } catch (failure) {
      setBusy(false);
      setProblem(failure.code ?? "unavailable");
    }
  }

  return html`<${Dialog} name="reason" label=${heading} testid="reason-dialog" onClose=${onClose}
    title=${html`<${Icon} name="shield" /><h2 class="dialog__title">${heading}</h2>`}>
    <form class="reason form" onSubmit=${submit}>
      <p class="field__hint">${note ?? t("reason.note")}</p>
      <fieldset class="reason__usual"><legend>${t("reason.usual")}</legend>
        ${USUAL.map((name) => html`<button key=${name} type="button" class="chip reason__choice" data-testid=${`reason-${name}`}
          aria-pressed=${text === t(`reason.${name}`)} onClick=${() => setText(t(`reason.${name}`))}>${t(`reason.${name}`)}</button>`)}
      </fieldset>
      <label class="field"><span>${t("reason.own")}</span>
        <textarea data-testid="reason-text" rows="3" minlength=${SHORTEST} maxlength=${LONGEST} required value=${text}
          onInput=${(event) => setText(event.currentTarget.value)}></textarea></label>
      ${problem && html`<p class="message message--bad" role="alert"><${Icon} name="warning" />
        <span>${codeWords(t, "problem", problem)}</span></p>`}
      <div class="reason__foot">
        <button type="submit" class="button button--primary" data-testid="reason-submit" disabled=${busy || reason.length < SHORTEST}>
          ${busy ? t("reason.busy") : action ?? t("reason.submit")}</button>
      </div>
    </form>
  <//>`;
}

function nameOf(thing) {
  return "event" in thing ? `event:${thing.event}` : `camera:${thing.camera}`;
}
