/** Sight of a place's video for a time: who has it, why, until when; making one and ending it. An administrator's page. */
import { useState } from "preact/hooks";
import { fromLocal, grantState, placesOf, toLocal } from "../access.js";
import { second } from "../clock.js";
import { dateOf, timeOfDay } from "../format.js";
import { useForm } from "../form.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { makeGrant, readGrants, withdrawGrant } from "../requests/grants.js";
import { readUsers } from "../requests/users.js";
import { addressOf } from "../route.js";
import { cameras } from "../store.js";
import { codeWords } from "../translate.js";
import { AdminHead } from "./admin-tabs.js";
import { Confirm } from "./confirm.js";
import { Done, Field, FormProblem } from "./field.js";
import { Notice } from "./notice.js";
import { When } from "./when.js";

const HOURS = [1, 4, 8, 24, 72];
const HOUR_MS = 3_600_000;
const CHIPS = { now: ["good", "check"], later: ["warn", "clock"], ended: ["quiet", "clock"], withdrawn: ["quiet", "close"] };
const KINDS = { username: "required", place: "required", valid_until: "required", reason: "reason" };
const NAMES = { ward: "place", site: "place" };

const readBoth = async () => {
  const [grants, users] = await Promise.all([readGrants(), readUsers()]);
  return { grants: grants.items, users: users.items };
};

export function Grants() {
  const t = words.value;
  const both = useLoad("grants", readBoth);
  return html`<main class="sheet" data-testid="grants" aria-labelledby="admin-title">
    <${AdminHead} current="grants" />
    <p class="sheet__note sheet__lead">${t("grants.about")}</p>
    ${both.status === "loading" ? html`<${Notice} icon="waiting" title=${t("loading")} />`
      : both.data === null ? html`<${Notice} icon="offline" title=${t("grants.failed")}
        body=${codeWords(t, "problem", both.problem)} action=${{ label: t("retry"), run: both.reload }} />`
      : html`<div class="columns columns--wide"><div class="columns__part"><${New} users=${both.data.users} made=${both.reload} /></div>
          <div class="columns__part"><${List} grants=${both.data.grants} users=${both.data.users} changed=${both.reload} /></div></div>`}
  </main>`;
}

function New({ users, made }) {
  const t = words.value;
  const [done, setDone] = useState(false);
  const places = placesOf(cameras.value);
  const initial = { username: "", place: "", valid_until: toLocal(second.peek() + 8 * HOUR_MS), reason: "" };
  const form = useForm("grant", initial, { kinds: KINDS, names: NAMES });
  const send = async (event) => {
    setDone(false);
    const { username, place, valid_until, reason } = form.values;
    const [kind, id] = place.split(":");
    const asked = { ward: kind === "ward" ? id : null, site: kind === "site" ? id : null, valid_from: null };
    const until = fromLocal(valid_until) ?? valid_until;
    if (!await form.submit(event, async () => { await makeGrant({ username, ...asked, valid_until: until, reason: reason.trim() }); })) return;
    form.reset();
    setDone(true);
    made();
  };
  const until = Date.parse(fromLocal(form.values.valid_until) ?? "");
  return html`<section class="card" aria-labelledby="grant-new">
    <div class="card__head"><h3 class="card__title" id="grant-new">${t("grants.new")}</h3></div>
    <form class="form card__body" data-testid="grant-form" novalidate onSubmit=${send}>
      <${Field} as="select" ...${form.field("username")} label=${t("grants.user")} required data-testid="grant-user">
        <option value="">${t("grants.choose")}</option>
        ${users.filter(({ disabled }) => !disabled).map((user) => html`<option key=${user.username} value=${user.username}
          selected=${user.username === form.values.username}>
          ${user.display_name} (${codeWords(t, "role", user.role)})</option>`)}<//>
      <${Field} as="select" ...${form.field("place")} label=${t("grants.place")} required data-testid="grant-place">
        <option value="">${t("grants.choose")}</option>
        ${places.map((ward) => html`<optgroup key=${ward.id} label=${ward.name}>
          <option value=${`ward:${ward.id}`}
            selected=${form.values.place === `ward:${ward.id}`}>${t("grants.whole", { name: ward.name })}</option>
          ${ward.sites.map((site) => html`<option key=${site.id} value=${`site:${site.id}`}
            selected=${form.values.place === `site:${site.id}`}>${site.name}</option>`)}</optgroup>`)}<//>
      <${Field} ...${form.field("valid_until")} label=${t("grants.until")} as=${Until} required data-testid="grant-until"
        hint=${Number.isNaN(until) ? t("grants.until.hint") : t("grants.until.is", { time: timeOfDay(until).slice(0, 5), date: dateOf(until) })} />
      <div class="chips" role="group" aria-label=${t("grants.length")}>${HOURS.map((n) => html`<button key=${n} type="button"
        class="chip chip--choice"
        onClick=${() => form.change({ valid_until: toLocal(second.peek() + n * HOUR_MS) })}>${t("grants.hours", { n })}</button>`)}</div>
      <${Field} as="textarea" ...${form.field("reason")} label=${t("grants.reason")} hint=${t("grants.reason.hint")}
        maxlength="300" required rows="2" data-testid="grant-reason" />
      <${FormProblem} code=${form.faults.whole === "invalid" ? "bad_grant" : form.faults.whole} />
      <${Done} text=${done && t("grants.done")} />
      <div><button type="submit" class="button button--primary" data-testid="grant-submit"
        disabled=${form.busy}>${t("grants.submit")}</button></div>
    </form>
  </section>`;
}

function List({ grants, users, changed }) {
  const t = words.value;
  const [asked, setAsked] = useState(/** @type {import("../requests/grants.js").Grant|null} */ (null));
  const places = placesOf(cameras.value).flatMap((ward) => [ward, ...ward.sites]);
  const nameOf = (username) => users.find((user) => user.username === username)?.display_name ?? username;
  const placeOf = ({ ward, site }) => places.find(({ id }) => id === (site ?? ward))?.name ?? site ?? ward;
  if (grants.length === 0) return html`<div class="card"><${Notice} icon="shield" title=${t("grants.none")}
    body=${t("grants.none.body")} /></div>`;
  return html`<ul class="grants" data-testid="grant-list">${grants.map((grant) => html`<${Item} key=${grant.id} grant=${grant}
    name=${nameOf(grant.username)}
      by=${nameOf(grant.granted_by)} place=${placeOf(grant)} end=${() => setAsked(grant)} />`)}</ul>
    ${asked && html`<${Confirm} title=${t("grants.end")}
      body=${t("grants.end.body", { name: nameOf(asked.username), place: placeOf(asked) })} action=${t("grants.end")}
      run=${async () => { await withdrawGrant(asked.id); changed(); }} onClose=${() => setAsked(null)} />`}`;
}

function Item({ grant, name, by, place, end }) {
  const t = words.value;
  const held = grantState(grant, second.value);
  const [colour, icon] = CHIPS[held];
  const at = (text) => `${timeOfDay(Date.parse(text)).slice(0, 5)} ${dateOf(Date.parse(text))}`;
  const over = held === "ended" || held === "withdrawn";
  return html`<li class=${`card grants__item ${over ? "row--off" : ""}`} data-testid="grant" data-state=${held}>
    <div class="grants__text">
      <p><a class="row__link" href=${addressOf("users", grant.username)}>${name}</a> · <strong>${place}</strong></p>
      <p class="sheet__note">${t("grants.span", { start: at(grant.valid_from), end: at(grant.withdrawn_at ?? grant.valid_until) })}</p>
      <p>“${grant.reason}”</p>
      <p class="sheet__note">${t("grants.by", { name: by, at: at(grant.granted_at) })}</p>
    </div>
    <div class="grants__side"><span class=${`chip chip--${colour}`}><${Icon} name=${icon} />${t(`grants.state.${held}`)}</span>
      ${!over && html`<button type="button" class="button button--danger" data-testid="grant-end"
        aria-label=${`${t("grants.end")}: ${name}, ${place}`} onClick=${end}>${t("grants.end")}</button>`}</div>
  </li>`;
}

/** The end of a grant, as a control of a form's field. */
function Until({ id, value, required, onInput, ...more }) {
  return html`<${When} id=${id} value=${value} required=${required} label=${words.value("grants.until")} testid=${more["data-testid"]}
    invalid=${more["aria-invalid"]} described=${more["aria-describedby"]}
    onChange=${(until) => onInput({ currentTarget: { value: until } })} />`;
}
