/**
 * Setting up a second factor in three steps: the password once more, the code that the app shows, the recovery codes.
 * The whole page for a role that must have one; a card of the account's page for who wants one.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { confirmTotp, offerTotp } from "../api.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { codeWords } from "../translate.js";
import { Qr } from "./qr.js";
import { RecoveryCodes } from "./recovery-codes.js";

/** @param {{done: () => Promise<void>, signOut: () => Promise<void>}} props */
export function Enrol({ done, signOut }) {
  const t = words.value;
  return html`<main class="login">
    <div class="login__card login__card--wide" data-testid="enrol-form">
      <h1 id="enrol-title" class="login__title">${t("enrol.title")}</h1>
      <${EnrolSteps} why=${t("enrol.password.body")} done=${done}
        leave=${html`<button type="button" class="link" onClick=${signOut}>${t("header.sign_out")}</button>`} />
    </div>
  </main>`;
}

/** @param {{why: string, done: () => Promise<void>|void, leave?: any}} props */
export function EnrolSteps({ why, done, leave }) {
  const t = words.value;
  const [offer, setOffer] = useState(/** @type {{uri: string, secret: string}|null} */ (null));
  const [codes, setCodes] = useState(/** @type {string[]|null} */ (null));
  const [problem, setProblem] = useState(/** @type {import("../api.js").ProblemError|null} */ (null));
  const [busy, setBusy] = useState(false);
  const typed = useRef(/** @type {HTMLInputElement|null} */ (null));
  useEffect(() => typed.current?.focus(), [offer]);

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const text = typed.current?.value ?? "";
      if (codes) return await done();
      if (offer) setCodes((await confirmTotp(text)).codes);
      else setOffer(await offerTotp(text));
      if (typed.current) typed.current.value = "";
    } catch (failure) {
      setProblem(failure);
      typed.current?.select();
    } finally {
      setBusy(false);
    }
  }

  const step = codes ? "codes" : offer ? "confirm" : "password";
  return html`<form class="form" onSubmit=${submit} aria-label=${t("enrol.title")}>
    <p>${step === "password" ? why : t(`enrol.${step}.body`)}</p>
    <div role="alert">${problem && html`<p class="message message--bad" data-testid="enrol-error">
      <${Icon} name="warning" /><span>${codeWords(t, "problem", problem.code ?? "unavailable")}</span></p>`}</div>
    ${offer && !codes && html`<${Offer} offer=${offer} />`}
    ${codes
      ? html`<${RecoveryCodes} codes=${codes} />`
      : html`<label class="field"><span>${t(offer ? "login.code" : "login.password")}</span>
          <input key=${step} ref=${typed} data-testid="enrol-input" type=${offer ? "text" : "password"} maxlength="200"
            inputmode=${offer ? "numeric" : undefined} autocomplete=${offer ? "one-time-code" : "current-password"} required /></label>`}
    <button type="submit" class="button button--primary login__submit" data-testid="enrol-submit" disabled=${busy}>
      ${t(`enrol.${step}.submit`)}</button>
    ${leave}
  </form>`;
}

function Offer({ offer }) {
  const t = words.value;
  return html`<div class="keybox">
    <${Qr} text=${offer.uri} label=${t("enrol.qr")} />
    <div class="keybox__text">
      <p class="field__hint">${t("enrol.key")}</p>
      <code class="keybox__secret" data-testid="enrol-secret">${offer.secret}</code>
      <p><a href=${offer.uri}>${t("enrol.open")}</a></p>
    </div>
  </div>`;
}
