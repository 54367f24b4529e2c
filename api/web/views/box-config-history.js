/** What was sent to a box, and what became of each; any of it can be sent again. */
import { useState } from "preact/hooks";
import { knownReason } from "../box-config.js";
import { second } from "../clock.js";
import { moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { restoreRevision } from "../requests/box-config.js";
import { Confirm } from "./confirm.js";

const CHIPS = { pending: ["warn", "waiting"], trying: ["warn", "waiting"], applied: ["good", "check"], refused: ["bad", "warning"], fallen_back: ["bad", "undo"], replaced: ["quiet", "minus"] };

/** Why a box did not stay with a revision. @param {any} t @param {string} reason @param {import("../box-config.js").Draft} draft */
export function reasonWords(t, reason, draft) {
  const known = knownReason(reason, draft);
  return known ? t(`config.why.${known.code}`, known) : t("config.reason", { reason });
}

/** @param {{box: string, config: import("../requests/box-config.js").Configuration, restored: () => void}} props */
export function History({ box, config, restored }) {
  const t = words.value;
  const [asked, ask] = useState(/** @type {number|null} */ (null));
  if (config.history.length === 0) return null;
  return html`<section class="card config__history" aria-labelledby="config-history"><div class="card__head"><h3 class="card__title" id="config-history">${t("config.history")}</h3></div>
    <ul>${config.history.map((one) => {
    const stands = one.revision !== config.newest.revision && ["pending", "trying"].includes(one.state) ? "replaced" : one.state;
    const [colour, icon] = CHIPS[stands];
    return html`<li key=${one.revision} class="config__past" data-testid=${`revision-${one.revision}`}>
      <strong>${one.revision === 0 ? t("config.history.own") : t("config.history.revision", { n: one.revision })}</strong>
      <span class=${`chip chip--${colour}`}><${Icon} name=${icon} />${t(`config.chip.${stands}`)}</span>
      ${config.in_use === one.revision && html`<span class="chip chip--good"><${Icon} name="play" />${t("config.in_use")}</span>`}
      <span class="sheet__note">${[one.by, moment(Date.parse(one.at), second.value), one.note].filter(Boolean).join(" · ")}</span>
      ${one.revision !== config.newest.revision && html`<button type="button" class="button" onClick=${() => ask(one.revision)}><${Icon} name="undo" />${t("config.restore")}</button>`}
      ${one.reason && html`<p class="config__why">${reasonWords(t, one.reason, config.newest)}</p>`}</li>`;
  })}</ul>
    ${asked !== null && html`<${Confirm} title=${t("config.restore")} body=${t("config.restore.body", { n: asked })} action=${t("config.restore")}
      run=${async () => { await restoreRevision(box, config.newest.revision, asked); restored(); }} onClose=${() => ask(null)} />`}
  </section>`;
}
