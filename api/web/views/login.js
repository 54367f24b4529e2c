/** Signing in. Knows the form and its troubles; what happens after belongs to `app.js`. */
import { useEffect, useRef, useState } from "preact/hooks";
import { PROVIDER_URL, problemIn, readWays } from "../api.js";
import { duration } from "../format.js";
import { html } from "../html.js";
import { language, switchLanguage, words } from "../i18n.js";
import { Icon } from "../icons.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";

/** What the way back from the provider brought; a reload does not say it again. */
let brought = problemIn(location.search);
if (brought) history.replaceState(history.state, "", location.pathname + location.hash);

/** @param {{signIn: (username: string, password: string, code?: string) => Promise<void>}} props */
export function Login({ signIn }) {
  const t = words.value;
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const [problem, setProblem] = useState(brought);
  const [provider, setProvider] = useState(/** @type {string|null} */ (null));
  const username = useRef(/** @type {HTMLInputElement|null} */ (null));
  const password = useRef(/** @type {HTMLInputElement|null} */ (null));
  const [codeAsked, setCodeAsked] = useState(false);
  const code = useRef(/** @type {HTMLInputElement|null} */ (null));
  useEffect(() => username.current?.focus(), []);
  useEffect(() => {
    readWays().then(({ oidc }) => setProvider(oidc?.name ?? null), () => undefined); // the password works without it
  }, []);
  useEffect(() => code.current?.focus(), [codeAsked]);

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(brought = null);
    try {
      await signIn(username.current?.value.trim() ?? "", password.current?.value ?? "", code.current?.value || undefined);
    } catch (failure) {
      setBusy(false);
      if (failure.code === "code_needed") return setCodeAsked(true);
      setProblem(failure);
      (failure.code === "bad_code" ? code : password).current?.select();
    }
  }

  const notice = state.value.sessionNotice;
  return html`<main class="login">
    <form class="login__card" data-testid="login-form" onSubmit=${submit} aria-labelledby="login-title">
      <div class="login__brand">
        <img src="/static/img/logo.svg" alt="" width="56" height="56" />
        <div><p class="login__product">${t("product")}</p><p class="login__tagline">${t("product.tagline")}</p></div>
      </div>
      <h1 id="login-title" class="hidden">${t("login.title")}</h1>
      ${notice && !problem && html`<p class="login__notice" role="status">${t(`login.${notice}`)}</p>`}
      ${problem && html`<p class="login__error" role="alert" id="login-error" data-testid="login-error">
        <${Icon} name="warning" /><span>${explain(t, problem)}</span></p>`}
      <label class="field"><span>${t("login.username")}</span>
        <input ref=${username} data-testid="username" name="username" autocomplete="username" autocapitalize="none"
          spellcheck=${false} required aria-describedby=${problem ? "login-error" : undefined} /></label>
      <label class="field"><span>${t("login.password")}</span>
        <input ref=${password} data-testid="password" name="password" type=${shown ? "text" : "password"}
          autocomplete="current-password" required /></label>
      <button type="button" class="link login__show" aria-pressed=${shown} onClick=${() => setShown(!shown)}>
        <${Icon} name="eye" />${t(shown ? "login.hide" : "login.show")}</button>
      ${codeAsked && html`<label class="field"><span>${t("login.code")}</span>
        <input ref=${code} data-testid="code" name="code" autocomplete="one-time-code" autocapitalize="none"
          spellcheck=${false} maxlength="40" required aria-describedby="login-code-hint" />
        <small id="login-code-hint">${t("login.code.hint")}</small></label>`}
      <button type="submit" class="button button--primary login__submit" data-testid="login-submit" disabled=${busy}>
        ${t(busy ? "login.busy" : "login.submit")}</button>
      ${provider && html`<a class="button login__submit login__provider" data-testid="login-provider" href=${PROVIDER_URL}>
        ${t("login.provider", { name: provider })}</a>`}
      <p class="login__note">${t("login.note")}</p>
    </form>
    <button type="button" class="button login__language" data-testid="language-switch" onClick=${switchLanguage}
      lang=${language.value === "vi" ? "en" : "vi"} title=${t("language.switch")}>
      <${Icon} name="globe" />${t("language.other")}</button>
  </main>`;
}

function explain(t, { code, retryAfter }) {
  const words = codeWords(t, "problem", code ?? "unavailable");
  return retryAfter ? `${words} ${t("login.wait", { wait: duration(t, retryAfter * 1000) })}` : words;
}
