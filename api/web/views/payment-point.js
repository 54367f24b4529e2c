/** One payment point: whom it is paid to, what was proposed and decided about it, and what patrols scanned there. */
import { useState } from "preact/hooks";
import { second } from "../clock.js";
import { dateOf, longDate, moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { lookOf, payeeWords, pointWords } from "../payments.js";
import { readPoint } from "../requests/payments.js";
import { addressOf } from "../route.js";
import { codeWords } from "../translate.js";
import { Notice } from "./notice.js";
import { ChangeLine } from "./payment-changes.js";
import { PointState } from "./payment-points.js";
import { Propose, ProposeCode } from "./payment-propose.js";

/** @param {{id: string, changed: () => void}} props */
export function PaymentPoint({ id, changed }) {
  const t = words.value;
  const loaded = useLoad(`point ${id}`, () => readPoint(id));
  if (loaded.status === "loading") return html`<${Notice} icon="waiting" title=${t("loading")} />`;
  if (loaded.data === null) {
    return html`<${Notice} icon="offline" title=${t("payments.failed")} body=${codeWords(t, "problem", loaded.problem)}
      action=${{ label: t("retry"), run: loaded.reload }} />`;
  }
  const { point, changes, scans } = loaded.data;
  const proposed = () => { loaded.reload(); changed(); };
  const waiting = changes.filter(({ state }) => state === "proposed").length;
  return html`<div data-testid="payment-point">
    <p class="back"><a href=${addressOf("payments", "points")}>${t("payments.all")}</a> / ${point.name}</p>
    ${waiting > 0 && html`<p class="message message--note payments__key"><${Icon} name="clock" /><span>${t("payments.point.waiting", { n: waiting })}
      ${" "}<a href=${addressOf("payments", "changes")}>${t("payments.point.see")}</a></span></p>`}
    <div class="columns columns--wide"><div class="columns__part">
      <${Facts} point=${point} proposed=${proposed} />
      <${Payees} point=${point} proposed=${proposed} />
    </div><div class="columns__part">
      <${History} changes=${changes} />
      <${Scans} scans=${scans} />
    </div></div></div>`;
}

function Facts({ point, proposed }) {
  const t = words.value;
  const [ending, setEnding] = useState(false);
  const fact = (name, value) => html`<div class="fact"><dt>${t(`payments.${name}`)}</dt><dd>${value || "–"}</dd></div>`;
  return html`<section class="card" aria-labelledby="point-title">
    <div class="card__head"><h3 class="card__title" id="point-title">${pointWords(point)}</h3><${PointState} point=${point} /></div>
    <div class="card__body"><dl class="facts">
      ${fact("site", point.site_name)}${fact("column.kind", t(`payment.kind.${point.kind}`))}${fact("stall", point.stall)}${fact("hours", point.hours)}
      ${fact("since", longDate(t, Date.parse(point.since)))}${point.ended_at && fact("ended", longDate(t, Date.parse(point.ended_at)))}
      ${fact("id", html`<code>${point.id}</code>`)}
    </dl></div>
    ${!point.ended_at && html`<div class="card__foot">
      <a class="button" data-testid="point-patrol" href=${addressOf("payments", "patrol", { point: point.id })}><${Icon} name="camera" />${t("payments.point.patrol")}</a>
      <button type="button" class="button button--danger" data-testid="point-end" onClick=${() => setEnding(true)}>${t("payments.point.end")}</button></div>`}
    ${ending && html`<${Propose} title=${t("payments.point.end")} icon="close" danger=${true} ward=${point.ward} name=${`end ${point.id}`}
      lead=${t("payments.point.end.body", { point: pointWords(point) })} steps=${() => [{ action: "end_point", point: point.id }]} done=${proposed}
      onClose=${() => setEnding(false)} />`}
  </section>`;
}

function Payees({ point, proposed }) {
  const t = words.value;
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState(/** @type {import("../requests/payments.js").Payee|null} */ (null));
  return html`<section class="card" aria-labelledby="point-payees">
    <div class="card__head"><h3 class="card__title" id="point-payees">${t("payments.payees")}</h3></div>
    ${point.payees.length === 0 ? html`<p class="card__body sheet__note">${t("payments.payees.none")}</p>`
      : html`<ul class="sessions" data-testid="payees">${point.payees.map((payee) => html`<li key=${payee.fingerprint} class="sessions__item" data-testid="payee">
        <${Icon} name="qr" /><div class="sessions__text"><strong>${payeeWords(t, payee)}</strong>
          <p class="sheet__note">${t("payments.payee.since", { date: dateOf(Date.parse(payee.since)) })} · ${codeWords(t, "payment.service", payee.service || "other")}</p></div>
        ${!point.ended_at && html`<button type="button" class="button" data-testid="payee-remove" aria-label=${`${t("payments.payee.remove")}: ${payeeWords(t, payee)}`}
          onClick=${() => setRemoving(payee)}>${t("payments.payee.remove")}</button>`}</li>`)}</ul>`}
    ${!point.ended_at && html`<div class="card__foot"><button type="button" class="button button--primary" data-testid="payee-add" onClick=${() => setAdding(true)}>
      <${Icon} name="qr" />${t("payments.payee.add")}</button></div>`}
    <p class="card__body sheet__note payments__fine">${t("payments.stored")}</p>
    ${adding && html`<${ProposeCode} point=${point} done=${proposed} onClose=${() => setAdding(false)} />`}
    ${removing && html`<${Propose} title=${t("payments.payee.remove")} icon="minus" danger=${true} ward=${point.ward} name=${`remove ${removing.fingerprint}`}
      lead=${t("payments.payee.remove.body", { payee: payeeWords(t, removing), point: pointWords(point) })} done=${proposed}
      steps=${() => [{ action: "remove_payee", point: point.id, fingerprint: removing.fingerprint }]} onClose=${() => setRemoving(null)} />`}
  </section>`;
}

function History({ changes }) {
  const t = words.value;
  return html`<section class="card" aria-labelledby="point-history">
    <div class="card__head"><h3 class="card__title" id="point-history">${t("payments.history")}</h3></div>
    ${changes.length === 0 ? html`<p class="card__body sheet__note">${t("payments.history.none")}</p>`
      : html`<ol class="payments__history" data-testid="point-history">${changes.map((change) => html`<li key=${change.id}><${ChangeLine} change=${change} /></li>`)}</ol>`}
  </section>`;
}

function Scans({ scans }) {
  const t = words.value;
  return html`<section class="card" aria-labelledby="point-scans">
    <div class="card__head"><h3 class="card__title" id="point-scans">${t("payments.scans")}</h3></div>
    ${scans.length === 0 ? html`<p class="card__body sheet__note">${t("payments.scans.none")}</p>`
      : html`<ul class="payments__scans">${scans.map((scan) => {
        const { tone, icon } = lookOf(scan.verdict);
        return html`<li key=${scan.id} data-testid="scan"><span class=${`chip chip--${tone}`}><${Icon} name=${icon} />${t(`payment.short.${scan.verdict}`)}</span>
          <span>${moment(Date.parse(scan.at), second.value)} · ${scan.by_name}${scan.banks.length > 0 ? ` · ${scan.banks.join(", ")}` : ""}</span>
          ${scan.incident && html`<a href=${addressOf("incidents", scan.incident)}>${t("patrol.incident")}</a>`}</li>`;
      })}</ul>`}
  </section>`;
}
