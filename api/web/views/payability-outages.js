/** What is wrong now, one line for each cause, with what merchants should do meanwhile. */
import { second } from "../clock.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { causeSign, clock, outageWords } from "../payability.js";

/** @param {{outages: import("../requests/payability.js").Outage[], notices: import("../requests/payability.js").BankNotice[],
 *   names: (site: string) => string}} props */
export function OutageList({ outages, notices, names }) {
  const t = words.value;
  const now = second.value;
  if (outages.length === 0 && notices.length === 0) {
    return html`<p class="message message--note payability__calm" data-testid="outages-none"><${Icon} name="check" /><span>${t("payability.calm")}</span></p>`;
  }
  return html`<div class="payability__troubles"><ul data-testid="outages">
      ${outages.map((one) => html`<li key=${`${one.cause} ${one.place}`} class="message message--bad" data-cause=${one.cause}><${Icon} name=${causeSign(one.cause)} />
        <span>${outageWords(t, one, names, now)}</span></li>`)}
      ${notices.map((one) => html`<li key=${one.id} class="message message--warn"><${Icon} name="shield" /><span>${t("payability.notice.said", {
        bank: one.bank_name ?? one.bank, at: clock(one.starts, now), until: clock(one.until, now) })}${one.note && ` – ${one.note}`}</span></li>`)}
    </ul>
    <p class="sheet__note payability__advice"><${Icon} name="help" /><span>${t("payability.advice")}</span></p></div>`;
}
