/** Setting up a second factor, for a role that must have one. Knows the three steps; signing in belongs to `login.js`. */
import { useRef, useState } from "preact/hooks";
import { confirmTotp, offerTotp } from "../api.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { codeWords } from "../translate.js";

/** @param {{done: () => Promise<void>, signOut: () => Promise<void>}} props */
export function Enrol({ done, signOut }) {
  const t = words.value;
  const [offer, setOffer] = useState(/** @type {{uri: string, secret: string}|null} */ (null));
  const [codes, setCodes] = useState(/** @type {string[]|null} */ (null));
  const [problem, setProblem] = useState(/** @type {import("../api.js").ProblemError|null} */ (null));
  const [busy, setBusy] = useState(false);
  const typed = useRef(/** @type {HTMLInputElement|null} */ (null));

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
  return html`<main class="login">
    <form class="login__card" data-testid="enrol-form" onSubmit=${submit} aria-labelledby="enrol-title">
      <h1 id="enrol-title">${t("enrol.title")}</h1>
      <p>${t(`enrol.${step}.body`)}</p>
      ${problem && html`<p class="login__error" role="alert" data-testid="enrol-error">
        <${Icon} name="warning" /><span>${codeWords(t, "problem", problem.code ?? "unavailable")}</span></p>`}
      ${offer && !codes && html`<p><code data-testid="enrol-secret">${offer.secret}</code></p>
        <p><a href=${offer.uri}>${t("enrol.open")}</a></p>`}
      ${codes
        ? html`<ul data-testid="enrol-codes">${codes.map((code) => html`<li key=${code}><code>${code}</code></li>`)}</ul>`
        : html`<label class="field"><span>${t(offer ? "login.code" : "login.password")}</span>
            <input key=${step} ref=${typed} data-testid="enrol-input" type=${offer ? "text" : "password"}
              autocomplete=${offer ? "one-time-code" : "current-password"} required /></label>`}
      <button type="submit" class="button button--primary login__submit" data-testid="enrol-submit" disabled=${busy}>
        ${t(`enrol.${step}.submit`)}</button>
      <button type="button" class="link" onClick=${signOut}>${t("header.sign_out")}</button>
    </form>
  </main>`;
}
