/** One's own account: the password, the second factor, where one is signed in, and how the page speaks and sounds. */
import { useState } from "preact/hooks";
import { second } from "../clock.js";
import { longDate, moment } from "../format.js";
import { useForm } from "../form.js";
import { html } from "../html.js";
import { language, switchLanguage, words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { changePassword, endOtherSessions, endSession, readSessions, readTotp, removeTotp } from "../requests/account.js";
import { soundOn, switchSound } from "../sound.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { EnrolSteps } from "./enrol.js";
import { Done, Field, FormProblem } from "./field.js";
import { Notice } from "./notice.js";
import { Sessions } from "./sessions.js";

export function Account() {
  const t = words.value;
  const { user } = state.value;
  return html`<main class="sheet" data-testid="account" aria-labelledby="account-title">
    <div class="sheet__head"><h2 class="sheet__title" id="account-title">${t("page.account")}</h2>
      <p class="sheet__note">${user?.display_name} · ${codeWords(t, "role", user?.role)} · ${t("account.username", { name: user?.username ?? "" })}</p></div>
    <div class="columns">
      <div class="columns__part"><${Password} /><${SecondFactor} /></div>
      <div class="columns__part">
        <section class="card" aria-labelledby="account-sessions">
          <div class="card__head"><h3 class="card__title" id="account-sessions">${t("account.sessions")}</h3></div>
          <${Sessions} name="own" read=${readSessions} end=${endSession} endAll=${endOtherSessions} own=${true} />
        </section>
        <${Page} />
      </div>
    </div>
  </main>`;
}

function Password() {
  const t = words.value;
  const [done, setDone] = useState(false);
  const empty = { current: "", next: "" };
  const form = useForm("password", empty, { kinds: { current: "required", next: "password" }, names: { new: "next", password: "next" } });
  const send = async (event) => {
    setDone(false);
    if (!await form.submit(event, () => changePassword(form.values.current, form.values.next))) return;
    form.reset();
    setDone(true);
  };
  return html`<section class="card" aria-labelledby="account-password">
    <div class="card__head"><h3 class="card__title" id="account-password">${t("account.password")}</h3></div>
    <form class="form card__body" data-testid="password-form" novalidate onSubmit=${send}>
      <input class="hidden" type="text" name="username" autocomplete="username" value=${state.value.user?.username} readonly
        tabindex="-1" aria-hidden="true" />
      <${Field} ...${form.field("current")} label=${t("account.password.current")} type="password" autocomplete="current-password"
        maxlength="200" required data-testid="password-current" />
      <${Field} ...${form.field("next")} label=${t("account.password.new")} hint=${t("account.password.hint")} type="password"
        autocomplete="new-password" maxlength="200" required data-testid="password-new" />
      <${FormProblem} code=${form.faults.whole} />
      <${Done} text=${done && t("account.password.done")} />
      <div><button type="submit" class="button button--primary" data-testid="password-submit"
        disabled=${form.busy}>${t("account.password.submit")}</button></div>
    </form>
  </section>`;
}

function SecondFactor() {
  const t = words.value;
  const factor = useLoad("totp", readTotp);
  const [step, setStep] = useState(/** @type {"shown"|"enrol"|"remove"} */ ("shown"));
  const leave = () => { setStep("shown"); factor.reload(); };
  return html`<section class="card" aria-labelledby="account-totp" data-testid="second-factor">
    <div class="card__head"><h3 class="card__title" id="account-totp">${t("account.totp")}</h3>
      ${factor.data && html`<span class=${`chip ${factor.data.since ? "chip--good" : "chip--quiet"}`}>
        <${Icon} name=${factor.data.since ? "check" : "shield"} />${t(factor.data.since ? "account.totp.on" : "account.totp.off")}</span>`}</div>
    <div class="card__body">${step === "enrol"
      ? html`<${EnrolSteps} why=${t("account.totp.why")} done=${leave}
          leave=${html`<button type="button" class="button" onClick=${leave}>${t("cancel")}</button>`} />`
      : step === "remove" ? html`<${Remove} leave=${leave} />` : html`<${Factor} factor=${factor} choose=${setStep} />`}</div>
  </section>`;
}

function Factor({ factor, choose }) {
  const t = words.value;
  if (factor.status === "loading") return html`<${Notice} icon="waiting" title=${t("loading")} />`;
  if (factor.data === null) {
    return html`<${Notice} icon="offline" title=${t("account.totp.failed")} body=${codeWords(t, "problem", factor.problem)}
      action=${{ label: t("retry"), run: factor.reload }} />`;
  }
  const { since, recovery_codes_left: left } = factor.data;
  if (!since) {
    return html`<div class="form"><p>${t("account.totp.about")}</p>
      <div><button type="button" class="button button--primary" data-testid="totp-enrol"
        onClick=${() => choose("enrol")}>${t("account.totp.enrol")}</button></div></div>`;
  }
  return html`<div class="form">
    <p>${t("account.totp.since", { date: longDate(t, Date.parse(since)) })}</p>
    <p class=${left < 3 ? "message message--warn" : "sheet__note"}>${left < 3 && html`<${Icon}
      name="warning" />`}<span>${t("account.totp.codes", { n: left })}</span></p>
    <div><button type="button" class="button button--danger" data-testid="totp-remove"
      onClick=${() => choose("remove")}>${t("account.totp.remove")}</button></div>
  </div>`;
}

/** Against the password and a code: a stolen session must not get rid of it. */
function Remove({ leave }) {
  const t = words.value;
  const form = useForm("totp", { password: "", code: "" }, { kinds: { password: "required", code: "required" }, names: { current: "password" } });
  const send = async (event) => {
    if (await form.submit(event, () => removeTotp(form.values.password, form.values.code.trim()))) leave();
  };
  return html`<form class="form" data-testid="totp-remove-form" novalidate onSubmit=${send}>
    <p>${t("account.totp.remove.body")}</p>
    <${Field} ...${form.field("password")} label=${t("login.password")} type="password" autocomplete="current-password"
      maxlength="200" required data-testid="totp-password" />
    <${Field} ...${form.field("code")} label=${t("login.code")} hint=${t("login.code.hint")} autocomplete="one-time-code"
      maxlength="40" required data-testid="totp-code" />
    <${FormProblem} code=${form.faults.whole} />
    <div class="form__foot"><button type="button" class="button" onClick=${leave}>${t("cancel")}</button>
      <button type="submit" class="button button--danger" data-testid="totp-remove-submit"
        disabled=${form.busy}>${t("account.totp.remove")}</button></div>
  </form>`;
}

/** What this browser remembers of how somebody likes the page. */
function Page() {
  const t = words.value;
  const choose = (name) => { if (language.peek() !== name) switchLanguage(); };
  return html`<section class="card" aria-labelledby="account-page">
    <div class="card__head"><h3 class="card__title" id="account-page">${t("account.page")}</h3></div>
    <div class="form card__body">
      <fieldset class="ticks"><legend>${t("account.language")}</legend>
        <label class="ticks__item"><input type="radio" name="language" checked=${language.value === "vi"}
          onChange=${() => choose("vi")} /><span lang="vi">Tiếng Việt</span></label>
        <label class="ticks__item"><input type="radio" name="language" checked=${language.value === "en"}
          onChange=${() => choose("en")} /><span lang="en">English</span></label>
      </fieldset>
      <label class="ticks__item"><input type="checkbox" data-testid="account-sound" checked=${soundOn.value}
        onChange=${switchSound} /><span>${t("account.sound")}</span></label>
      <p class="field__hint">${t("account.page.hint")}</p>
      <p class="field__hint">${t("account.time", { time: moment(second.value, second.value) })}</p>
    </div>
  </section>`;
}
