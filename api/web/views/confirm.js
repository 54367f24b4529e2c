/** Asks once more before something that cannot be taken back by a click. */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Dialog } from "./dialog.js";
import { FormProblem } from "./field.js";

/** @param {{title: string, body: string, action: string, run: () => Promise<void>, onClose: () => void}} props */
export function Confirm({ title, body, action, run, onClose }) {
  const t = words.value;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));

  async function act() {
    setBusy(true);
    setProblem(null);
    try {
      await run();
      onClose();
    } catch (failure) {
      setBusy(false);
      setProblem(failure.code ?? "unavailable");
    }
  }

  return html`<${Dialog} name="confirm" label=${title} testid="confirm" onClose=${onClose}
    title=${html`<h2 class="dialog__title">${title}</h2>`}>
    <div class="confirm"><p>${body}</p><${FormProblem} code=${problem} /></div>
    <div class="dialog__foot">
      <button type="button" class="button" onClick=${onClose}>${t("cancel")}</button>
      <button type="button" class="button button--danger" data-testid="confirm-run" disabled=${busy} onClick=${act}>${action}</button>
    </div>
  <//>`;
}
