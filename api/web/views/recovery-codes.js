/** The recovery codes of a second factor, shown once: to copy, to print, to keep. */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";

/** @param {{codes: string[]}} props */
export function RecoveryCodes({ codes }) {
  const t = words.value;
  const [copied, setCopied] = useState(/** @type {boolean|null} */ (null));
  const copy = () => navigator.clipboard.writeText(codes.join("\n")).then(() => setCopied(true), () => setCopied(false));
  return html`<div class="codes">
    <ul class="codes__list" data-testid="enrol-codes">${codes.map((code) => html`<li key=${code}><code>${code}</code></li>`)}</ul>
    <div class="codes__tools">
      ${navigator.clipboard && html`<button type="button" class="button" data-testid="codes-copy" onClick=${copy}>
        <${Icon} name=${copied ? "check" : "copy"} />${t(copied ? "codes.copied" : "codes.copy")}</button>`}
      <button type="button" class="button" onClick=${() => window.print()}><${Icon} name="print" />${t("codes.print")}</button>
    </div>
    <p role="status" class=${copied === false ? "field__hint" : "hidden"}>${copied === false ? t("codes.not_copied") : copied ? t("codes.copied") : ""}</p>
  </div>`;
}
