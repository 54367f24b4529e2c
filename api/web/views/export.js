/** Exporting evidence: asks for the reason, then offers the signed package and says how it is checked. */
import { useState } from "preact/hooks";
import { second } from "../clock.js";
import { moment, number } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { works } from "../incidents.js";
import { exportEvidence } from "../requests/evidence.js";
import { state } from "../store.js";
import { Dialog } from "./dialog.js";
import { Reason } from "./reason.js";

/** @typedef {import("../requests/evidence.js").Exported} Exported */

/** @param {{thing: import("../requests/evidence.js").Thing}} props */
export function ExportButton({ thing }) {
  const t = words.value;
  const { user } = state.value;
  const [shown, setShown] = useState(/** @type {"nothing"|"reason"|Exported} */ ("nothing"));
  if (!works(user) || user?.sees_video === false) return null;
  const close = () => setShown((now) => (now === "reason" ? "nothing" : now));
  return html`<button type="button" class="button" data-testid="export" onClick=${() => setShown("reason")}>
      <${Icon} name="download" />${t("export.open")}</button>
    ${shown === "reason" && html`<${Reason} thing=${thing} title=${t("export.open")} note=${t("export.note")} action=${t("export.submit")}
      ask=${async (reason) => setShown(await exportEvidence(thing, reason))} onAllowed=${() => undefined} onClose=${close} />`}
    ${typeof shown === "object" && html`<${Done} made=${shown} onClose=${() => setShown("nothing")} />`}`;
}

/** @param {{made: Exported, onClose: () => void}} props */
function Done({ made, onClose }) {
  const t = words.value;
  const fact = (name, value) => html`<div class="fact"><dt>${t(`export.${name}`)}</dt><dd>${value}</dd></div>`;
  return html`<${Dialog} name="reason" label=${t("export.done")} testid="export-done" onClose=${onClose}
    title=${html`<${Icon} name="check" /><h2 class="dialog__title">${t("export.done")}</h2>`}>
    <div class="reason form">
      <a class="button button--primary" data-testid="export-package" href=${made.package} download=${made.file_name}>
        <${Icon} name="download" />${t("export.download")} ${made.file_name}</a>
      <p class="field__hint">${t("export.until", { time: moment(Date.parse(made.until), second.peek()) })}</p>
      <dl class="facts">
        ${fact("files", made.files)}
        ${made.absent > 0 && fact("absent", made.absent)}
        ${fact("size", t("export.mb", { n: number(t, made.bytes / 1e6) }))}
        ${fact("sha256", html`<code class="export__code">${made.sha256}</code>`)}
        ${fact("key", html`<code class="export__code">${made.key_id}</code>`)}
      </dl>
      <section class="why"><h3>${t("export.verify")}</h3>
        <p>${t("export.verify.page")}</p>
        <p>${t("export.verify.key")}</p>
        <p>${t("export.verify.command")} <code class="export__code">phoan-api verify ${made.file_name}</code></p></section>
    </div>
  <//>`;
}
