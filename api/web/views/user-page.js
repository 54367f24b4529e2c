/** One account, or a new one: rights, password, second factor, where it is signed in, and an end to it. */
import { useState } from "preact/hooks";
import { ROLES, withUnknown } from "../access.js";
import { longDate } from "../format.js";
import { useForm } from "../form.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { go } from "../navigation.js";
import { changeUser, createUser, endSessionOf, endSessionsOf, readSessionsOf, resetTotp, setPassword } from "../requests/users.js";
import { addressOf } from "../route.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { Confirm } from "./confirm.js";
import { Done, Fault, Field, FormProblem } from "./field.js";
import { Identities } from "./identities.js";
import { Sessions } from "./sessions.js";

/** @typedef {import("../requests/users.js").Account} Account */

/** @param {{account: Account|null, places: import("../access.js").WardPlaces[], changed: () => void}} props */
export function UserPage({ account, places, changed }) {
  const t = words.value;
  const own = account?.username === state.value.user?.username;
  return html`<p class="back"><a href=${addressOf("users")}>${t("users.all")}</a> / ${account?.display_name ?? t("users.new")}</p>
    <div class=${`columns ${account ? "" : "columns--one"}`}>
      <div class="columns__part"><${Rights} account=${account} places=${places} changed=${changed} own=${own} /></div>
      ${account && html`<div class="columns__part">
        <${FirstPassword} username=${account.username} />
        <${Factor} account=${account} changed=${changed} />
        <${Identities} username=${account.username} />
        <section class="card" aria-labelledby="user-sessions">
          <div class="card__head"><h3 class="card__title" id="user-sessions">${t("account.sessions")}</h3></div>
          <${Sessions} name=${account.username} read=${() => readSessionsOf(account.username)} own=${false}
            end=${(id) => endSessionOf(account.username, id)} endAll=${() => endSessionsOf(account.username)} />
        </section>
        ${!own && html`<${Switch} account=${account} changed=${changed} />`}
      </div>`}
    </div>`;
}

function Rights({ account, places, changed, own }) {
  const t = words.value;
  const [done, setDone] = useState(false);
  const initial = account
    ? { display_name: account.display_name, role: account.role, wards: account.wards, sites: account.sites }
    : { username: "", display_name: "", role: "police", wards: places.length === 1 ? [places[0].id] : [], sites: [], password: "" };
  const kinds = { display_name: "required", ...(account ? {} : { username: "required", password: "password" }) };
  const form = useForm(`user ${account?.username ?? ""}`, initial, { kinds });
  const { values } = form;

  async function send(event) {
    setDone(false);
    const { username, password, role, wards, sites } = values;
    const whole = { display_name: values.display_name.trim(), role, wards, sites, disabled: account?.disabled ?? false };
    const sent = await form.submit(event, async () => {
      if (account) await changeUser(account.username, whole);
      else await createUser({ username: username.trim(), password, ...whole });
    });
    if (!sent) return;
    changed();
    if (account) setDone(true);
    else go("users", username.trim());
  }

  return html`<section class="card" aria-labelledby="user-rights">
    <div class="card__head"><h3 class="card__title" id="user-rights">${t(account ? "users.rights" : "users.new")}</h3></div>
    <form class="form card__body" data-testid="user-form" novalidate autocomplete="off" onSubmit=${send}>
      ${account
        ? html`<p class="sheet__note">${t("account.username", { name: account.username })}</p>`
        : html`<${Field} ...${form.field("username")} label=${t("login.username")} hint=${t("users.username.hint")} maxlength="80" required
            autocomplete="off" autocapitalize="none" spellcheck=${false} data-testid="user-username" />`}
      <${Field} ...${form.field("display_name")} label=${t("users.display_name")} hint=${t("users.display_name.hint")}
        maxlength="120" required autocomplete="off" data-testid="user-display-name" />
      <${Field} as="select" ...${form.field("role")} label=${t("users.role")} hint=${t(`users.role.${values.role}`)} disabled=${own}
        data-testid="user-role">
        ${ROLES.map((role) => html`<option key=${role} value=${role}
          selected=${role === values.role}>${codeWords(t, "role", role)}</option>`)}<//>
      ${values.role !== "admin" && html`<${Places} places=${withUnknown(values.wards, places)} values=${values}
        change=${form.change} faults=${form.faults} />`}
      ${!account && html`<${Field} ...${form.field("password")} label=${t("users.first_password")}
        hint=${t("users.first_password.hint")} type="text"
        autocomplete="off" spellcheck=${false} maxlength="200" required data-testid="user-password" />`}
      <${FormProblem} code=${form.faults.whole} />
      <${Done} text=${done && t("users.saved")} />
      <div class="form__foot">
        ${account && form.unsent && html`<span class="sheet__note">${t("users.unsaved")}</span>`}
        <button type="button" class="button"
          onClick=${() => { form.reset(); if (!account) go("users"); }}>${t(account ? "users.undo" : "cancel")}</button>
        <button type="submit" class="button button--primary" data-testid="user-submit"
          disabled=${form.busy}>${t(account ? "users.save" : "users.create")}</button>
      </div>
    </form>
  </section>`;
}

/** Wards as boxes to tick; under a ward that is ticked, its sites, of which none ticked means all. */
function Places({ places, values, change, faults }) {
  const t = words.value;
  const toggle = (list, id) => (list.includes(id) ? list.filter((one) => one !== id) : [...list, id]);
  const ward = (id, sites) => change({
    wards: toggle(values.wards, id),
    sites: values.wards.includes(id) ? values.sites.filter((site) => !sites.some((one) => one.id === site)) : values.sites,
  });
  return html`<fieldset class="ticks"><legend>${t("users.places")}</legend>
    <p class="field__hint">${t("users.places.hint")}</p>
    ${places.map(({ id, name, sites }) => html`<div key=${id} class="ticks__group">
      <label class="ticks__item"><input type="checkbox" data-testid=${`ward-${id}`} checked=${values.wards.includes(id)}
        onChange=${() => ward(id, sites)} /><span>${name}</span></label>
      ${values.wards.includes(id) && html`<div class="ticks__sites">${sites.map((site) => html`<label key=${site.id} class="ticks__item">
        <input type="checkbox" data-testid=${`site-${site.id}`} checked=${values.sites.includes(site.id)}
          onChange=${() => change({ sites: toggle(values.sites, site.id) })} /><span>${site.name}</span></label>`)}</div>`}
    </div>`)}
    <${Fault} code=${faults.fields.wards ?? faults.fields.sites ?? null} />
  </fieldset>`;
}

function FirstPassword({ username }) {
  const t = words.value;
  const [done, setDone] = useState(false);
  const form = useForm(`password of ${username}`, { password: "" }, { kinds: { password: "password" } });
  const send = async (event) => {
    setDone(false);
    if (!await form.submit(event, () => setPassword(username, form.values.password))) return;
    form.reset();
    setDone(true);
  };
  return html`<section class="card" aria-labelledby="user-password">
    <div class="card__head"><h3 class="card__title" id="user-password">${t("users.password")}</h3></div>
    <form class="form card__body" data-testid="user-password-form" novalidate autocomplete="off" onSubmit=${send}>
      <${Field} ...${form.field("password")} label=${t("account.password.new")} hint=${t("users.password.hint")} type="text"
        autocomplete="off"
        spellcheck=${false} maxlength="200" required data-testid="user-new-password" />
      <${FormProblem} code=${form.faults.whole} />
      <${Done} text=${done && t("users.password.done")} />
      <div><button type="submit" class="button" data-testid="user-password-submit"
        disabled=${form.busy}>${t("users.password.submit")}</button></div>
    </form>
  </section>`;
}

function Factor({ account, changed }) {
  const t = words.value;
  const [asked, setAsked] = useState(false);
  const { username, display_name, totp_since } = account;
  return html`<section class="card" aria-labelledby="user-totp">
    <div class="card__head"><h3 class="card__title" id="user-totp">${t("account.totp")}</h3></div>
    <div class="form card__body">
      <p>${totp_since ? t("account.totp.since", { date: longDate(t, Date.parse(totp_since)) }) : t("users.totp.none")}</p>
      ${totp_since && html`<div><button type="button" class="button button--danger" data-testid="user-totp-reset"
        onClick=${() => setAsked(true)}>${t("users.totp.reset")}</button></div>`}
    </div>
    ${asked && html`<${Confirm} title=${t("users.totp.reset")} body=${t("users.totp.reset.body", { name: display_name })}
      action=${t("users.totp.reset")}
      run=${async () => { await resetTotp(username); changed(); }} onClose=${() => setAsked(false)} />`}
  </section>`;
}

function Switch({ account, changed }) {
  const t = words.value;
  const [asked, setAsked] = useState(false);
  const { username, totp_since: _, ...rights } = account;
  const verb = account.disabled ? "enable" : "disable";
  const run = async () => { await changeUser(username, { ...rights, disabled: !account.disabled }); changed(); };
  return html`<section class="card" aria-labelledby="user-switch">
    <div class="card__head"><h3 class="card__title" id="user-switch">${t("users.switch")}</h3>
      <span class=${`chip ${account.disabled ? "chip--bad" : "chip--good"}`}><${Icon}
        name=${account.disabled ? "close" : "check"} />${t(account.disabled ? "users.disabled" : "users.enabled")}</span></div>
    <div class="form card__body"><p>${t(`users.${verb}.hint`)}</p>
      <div><button type="button" class=${`button ${account.disabled ? "" : "button--danger"}`} data-testid="user-switch"
        onClick=${() => setAsked(true)}>${t(`users.${verb}`)}</button></div></div>
    ${asked && html`<${Confirm} title=${t(`users.${verb}`)} body=${t(`users.${verb}.body`, { name: account.display_name })}
      action=${t(`users.${verb}`)} run=${run} onClose=${() => setAsked(false)} />`}
  </section>`;
}
