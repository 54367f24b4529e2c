/** As whom the sign-in provider knows an account: what is linked, linking one more, and taking one off. */
import { useState } from "preact/hooks";
import { readWays } from "../api.js";
import { dateOf } from "../format.js";
import { useForm } from "../form.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { useLoad } from "../load.js";
import { linkIdentity, readIdentities, unlinkIdentity } from "../requests/users.js";
import { Confirm } from "./confirm.js";
import { Field, FormProblem } from "./field.js";

/** Nothing where the centre has no provider and nothing is linked. @param {{username: string}} props */
export function Identities({ username }) {
  const t = words.value;
  const held = useLoad(`identities ${username}`, () => readBoth(username));
  const [asked, setAsked] = useState(/** @type {import("../requests/users.js").Identity|null} */ (null));
  if (held.data === null || (held.data.provider === null && held.data.items.length === 0)) return null;
  const { items, provider } = held.data;
  return html`<section class="card" aria-labelledby="user-identities" data-testid="identities">
    <div class="card__head"><h3 class="card__title" id="user-identities">${t("identities.title", { name: provider ?? "" })}</h3></div>
    <div class="form card__body">
      ${items.length === 0 && html`<p class="sheet__note">${t("identities.none")}</p>`}
      <ul class="form">${items.map((item) => html`<li key=${item.id} class="identity" data-testid="identity"><div class="sessions__text">
          <p><code>${item.subject}</code></p>
          <p class="sheet__note">${[item.issuer, dateOf(Date.parse(item.linked_at)), item.managed && t("identities.managed")].filter(Boolean).join(" · ")}</p></div>
        <button type="button" class="button button--danger" aria-label=${`${t("identities.remove")}: ${item.subject}`}
          onClick=${() => setAsked(item)}>${t("identities.remove")}</button></li>`)}</ul>
      ${provider !== null && html`<${Link} username=${username} linked=${held.reload} />`}
    </div>
    ${asked && html`<${Confirm} title=${t("identities.remove")} body=${t("identities.remove.body")} action=${t("identities.remove")}
      run=${async () => { await unlinkIdentity(username, asked.id); held.reload(); }} onClose=${() => setAsked(null)} />`}
  </section>`;
}

function Link({ username, linked }) {
  const t = words.value;
  const form = useForm(`identity of ${username}`, { subject: "" }, { kinds: { subject: "required" } });
  const send = async (event) => {
    if (!await form.submit(event, async () => { await linkIdentity(username, form.values.subject.trim()); })) return;
    form.reset();
    linked();
  };
  return html`<form class="form" data-testid="identity-form" novalidate autocomplete="off" onSubmit=${send}>
    <${Field} ...${form.field("subject")} label=${t("identities.subject")} hint=${t("identities.subject.hint")}
      maxlength="255" required autocomplete="off"
      autocapitalize="none" spellcheck=${false} data-testid="identity-subject" />
    <${FormProblem} code=${form.faults.whole} />
    <div><button type="submit" class="button" data-testid="identity-submit" disabled=${form.busy}>${t("identities.link")}</button></div>
  </form>`;
}

async function readBoth(username) {
  const [{ items }, { oidc }] = await Promise.all([readIdentities(username), readWays()]);
  return { items, provider: oidc?.name ?? null };
}
