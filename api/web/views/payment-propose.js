/** Proposing a change of the registry: always with a reason, and said plainly that another person must approve it. */
import { useState } from "preact/hooks";
import { useForm } from "../form.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { pointWords } from "../payments.js";
import { proposeChange, readBanks } from "../requests/payments.js";
import { addressOf } from "../route.js";
import { Dialog } from "./dialog.js";
import { Done, Field, FormProblem } from "./field.js";
import { Scanner } from "./payment-scanner.js";

/** What an account is asked for by. */
const ACCOUNT = { bank: "required", account: "required" };
const NO_NAMES = {};

/**
 * A window with a reason. `children` stand above it; `steps` are asked for when it is sent.
 * @param {{title: string, icon: string, ward: string, name: string, lead?: string, danger?: boolean, steps: () => object[], source?: "form"|"scan",
 *   done: () => void, onClose: () => void, form?: any, ready?: boolean, children?: any}} props
 */
export function Propose({ title, icon, ward, name, lead, danger = false, steps, source = "form", done, onClose, form, ready = true, children }) {
  const t = words.value;
  const own = useForm(`propose ${name}`, { reason: "" }, { kinds: { reason: "reason" } });
  const used = form ?? own;
  const [sent, setSent] = useState(false);
  const send = async (event) => {
    if (!await used.submit(event, async () => { await proposeChange(ward, used.values.reason.trim(), steps(), source); })) return;
    used.reset();
    setSent(true);
    done();
  };
  return html`<${Dialog} name="reason" label=${title} testid="propose" onClose=${onClose}
    title=${html`<${Icon} name=${icon} /><h2 class="dialog__title">${title}</h2>`}>
    ${sent ? html`<div class="reason form"><${Done} text=${t("propose.done")} />
        <div class="reason__foot"><a class="button" href=${addressOf("payments", "changes")} onClick=${onClose}>${t("propose.see")}</a>
        <button type="button" class="button button--primary" data-testid="propose-close" onClick=${onClose}>${t("close")}</button></div></div>`
      : html`<form class="reason form" novalidate onSubmit=${send}>
        ${lead && html`<p>${lead}</p>`}
        ${children}
        ${ready && html`<${Field} as="textarea" ...${used.field("reason")} label=${t("propose.reason")} hint=${t("propose.reason.hint")} rows="2" maxlength="300"
          required data-testid="propose-reason" />`}
        <${FormProblem} code=${used.faults.whole} />
        <p class="field__hint">${t("propose.another")}</p>
        <div class="reason__foot"><button type="submit" class=${`button ${danger ? "button--danger" : "button--primary"}`} data-testid="propose-submit"
          disabled=${used.busy || !ready}>${t("propose.submit")}</button></div>
      </form>`}
  <//>`;
}

/** One more code for a point: scanned here or before (`text`), or an account typed by hand.
 * @param {{point: import("../requests/payments.js").Point, text?: string, done: () => void, onClose: () => void}} props */
export function ProposeCode({ point, text = "", done, onClose }) {
  const t = words.value;
  const [code, setCode] = useState(text);
  const [way, setWay] = useState(/** @type {"scan"|"type"} */ ("scan"));
  const kinds = { reason: "reason", ...(way === "type" ? ACCOUNT : NO_NAMES) };
  const form = useForm(`code of ${point.id}`, { bank: "", account: "", label: "", reason: "" }, { kinds });
  const { bank, account, label } = form.values;
  const payee = way === "scan" ? { code } : { bank, account: account.replace(/\s+/g, "") };
  const steps = () => [{ action: "add_payee", point: point.id, label: label.trim(), ...payee }];
  const ready = way === "type" || code !== "";
  return html`<${Propose} title=${t("propose.code", { point: pointWords(point) })} icon="qr" ward=${point.ward} name=${`code ${point.id}`} steps=${steps}
    source=${way === "scan" ? "scan" : "form"} form=${form} ready=${ready} done=${done} onClose=${onClose}>
    <div class="tabs" role="group" aria-label=${t("propose.way")}>${["scan", "type"].map((name) => html`<button type="button" key=${name} class="tabs__item"
      data-testid=${`way-${name}`} aria-pressed=${way === name} onClick=${() => setWay(/** @type {"scan"|"type"} */ (name))}>${t(`propose.way.${name}`)}</button>`)}</div>
    ${way === "type" ? html`<${Account} form=${form} />`
      : code === "" ? html`<${Scanner} onText=${setCode} />`
        : html`<p class="message message--good" data-testid="propose-scanned"><${Icon} name="check" /><span>${t("propose.scanned")}
          ${" "}<button type="button" class="link" onClick=${() => setCode("")}>${t("propose.rescan")}</button></span></p>`}
    ${ready && html`<${Field} ...${form.field("label")} label=${t("propose.label")} hint=${t("propose.label.hint")} maxlength="80" />`}
  <//>`;
}

/** A bank and an account, typed. */
export function Account({ form }) {
  const t = words.value;
  const banks = useLoad("banks", readBanks);
  return html`<${Field} as="select" ...${form.field("bank")} label=${t("propose.bank")} required data-testid="propose-bank">
      <option value="">${t("propose.choose")}</option>
      ${(banks.data?.items ?? []).map(({ bin, name }) => html`<option key=${bin} value=${bin} selected=${bin === form.values.bank}>${name} (${bin})</option>`)}<//>
    <${Field} ...${form.field("account")} label=${t("propose.account")} hint=${t("propose.account.hint")} inputmode="numeric" autocomplete="off" maxlength="24"
      required data-testid="propose-account" />`;
}
