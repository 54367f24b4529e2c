/** Changes of the registry: what waits for a second person, with everything that it would do, and what was decided. */
import { useState } from "preact/hooks";
import { second } from "../clock.js";
import { dateOf, moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { go } from "../navigation.js";
import { STATES, stepWords } from "../payments.js";
import { approveChange, readChange, readChanges, refuseChange, withdrawChange } from "../requests/payments.js";
import { addressOf } from "../route.js";
import { codeWords } from "../translate.js";
import { Confirm } from "./confirm.js";
import { Dialog } from "./dialog.js";
import { FormProblem } from "./field.js";
import { Notice } from "./notice.js";

const SIGNS = { add_point: "plus", end_point: "close", add_payee: "qr", remove_payee: "minus" };
const SHORTEST = 5;

/** @param {{query: Record<string, string>, changed: () => void}} props */
export function PaymentChanges({ query, changed }) {
  const t = words.value;
  const all = query.state === "all";
  const loaded = useLoad(`changes ${query.state ?? ""} ${query.before ?? ""}`, () => readChanges({ state: all ? "" : "proposed", before: query.before }));
  const decided = () => { loaded.reload(); changed(); };
  return html`<div class="filters"><div class="tabs" role="group" aria-label=${t("payments.state")}>${["proposed", "all"].map((name) => html`<button type="button"
      key=${name} class="tabs__item" data-testid=${`changes-${name}`} aria-pressed=${all === (name === "all")}
      onClick=${() => go("payments", "changes", { state: name === "all" ? name : null }, { replace: true })}>${t(`changes.${name}`)}</button>`)}</div>
    <p class="sheet__note changes__about">${t("changes.about")}</p></div>
    <${Body} loaded=${loaded} all=${all} decided=${decided} query=${query} />`;
}

function Body({ loaded, all, decided, query }) {
  const t = words.value;
  if (loaded.status === "loading") return html`<${Notice} icon="waiting" title=${t("loading")} />`;
  if (loaded.data === null) {
    return html`<${Notice} icon="offline" title=${t("changes.failed")} body=${codeWords(t, "problem", loaded.problem)}
      action=${{ label: t("retry"), run: loaded.reload }} />`;
  }
  const { items, next } = loaded.data;
  if (items.length === 0) return html`<${Notice} icon="check" title=${t(all ? "changes.none" : "changes.none.proposed")} />`;
  return html`<ul class="changes" data-testid="changes">${items.map((change) => html`<${Item} key=${change.id} change=${change} decided=${decided} />`)}</ul>
    ${(next || query.before) && html`<div class="payments__pages">
      ${query.before && html`<button type="button" class="button" onClick=${() => go("payments", "changes", { state: query.state })}>${t("changes.newest")}</button>`}
      ${next && html`<button type="button" class="button" onClick=${() => go("payments", "changes", { state: query.state, before: next })}>${t("changes.older")}</button>`}
    </div>`}`;
}

function Item({ change, decided }) {
  const t = words.value;
  const [open, setOpen] = useState(/** @type {"none"|"approve"|"refuse"|"withdraw"} */ ("none"));
  const close = () => setOpen("none");
  return html`<li class="card changes__item" data-testid="change" data-change=${change.id} data-state=${change.state}>
    <div class="changes__body"><${ChangeLine} change=${change} whole=${true} /></div>
    ${change.state === "proposed" && html`<div class="changes__tools">
      ${change.may_decide && html`<button type="button" class="button button--primary" data-testid="change-approve" onClick=${() => setOpen("approve")}>
        <${Icon} name="check" />${t("changes.approve")}</button>
        <button type="button" class="button button--danger" data-testid="change-refuse" onClick=${() => setOpen("refuse")}>${t("changes.refuse")}</button>`}
      ${change.mine && html`<p class="sheet__note changes__own" data-testid="change-own"><${Icon} name="people" />${t("changes.own")}</p>
        <button type="button" class="button" data-testid="change-withdraw" onClick=${() => setOpen("withdraw")}><${Icon} name="undo" />${t("changes.withdraw")}</button>`}
      ${!change.mine && !change.may_decide && html`<p class="sheet__note changes__own"><${Icon} name="shield" />${t("changes.others")}</p>`}
    </div>`}
    ${open === "approve" && html`<${Confirm} title=${t("changes.approve")} body=${t("changes.approve.body", { name: change.proposed_by_name, n: change.step_count })}
      action=${t("changes.approve")} run=${async () => { await approveChange(change.id, ""); decided(); }} onClose=${close} />`}
    ${open === "withdraw" && html`<${Confirm} title=${t("changes.withdraw")} body=${t("changes.withdraw.body")} action=${t("changes.withdraw")}
      run=${async () => { await withdrawChange(change.id); decided(); }} onClose=${close} />`}
    ${open === "refuse" && html`<${Refuse} change=${change} decided=${decided} onClose=${close} />`}
  </li>`;
}

function Refuse({ change, decided, onClose }) {
  const t = words.value;
  const [remark, setRemark] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  async function send(event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await refuseChange(change.id, remark.trim());
      onClose();
      decided();
    } catch (failure) {
      setBusy(false);
      setProblem(failure.code ?? "unavailable");
    }
  }
  return html`<${Dialog} name="reason" label=${t("changes.refuse")} testid="refuse" onClose=${onClose} title=${html`<h2 class="dialog__title">${t("changes.refuse")}</h2>`}>
    <form class="reason form" onSubmit=${send}>
      <label class="field"><span>${t("changes.remark")}</span><textarea rows="3" minlength=${SHORTEST} maxlength="300" required data-testid="refuse-remark"
        value=${remark} onInput=${(event) => setRemark(event.currentTarget.value)}></textarea></label>
      <p class="field__hint">${t("changes.remark.hint", { name: change.proposed_by_name })}</p>
      <${FormProblem} code=${problem} />
      <div class="reason__foot"><button type="submit" class="button button--danger" data-testid="refuse-submit"
        disabled=${busy || remark.trim().length < SHORTEST}>${t("changes.refuse")}</button></div>
    </form>
  <//>`;
}

/** A change in words: what it does, who proposed it and why, who decided it. @param {{change: import("../requests/payments.js").Change, whole?: boolean}} props */
export function ChangeLine({ change, whole = false }) {
  const t = words.value;
  const [more, setMore] = useState(/** @type {import("../requests/payments.js").ChangeStep[]|null} */ (null));
  const { tone, icon } = STATES[change.state];
  const steps = more ?? change.steps;
  const at = (text) => `${moment(Date.parse(text), second.value).slice(0, 5)} ${dateOf(Date.parse(text))}`;
  const hidden = whole ? change.step_count - steps.length : 0;
  return html`<div class="change">
    <p class="change__head"><span class=${`chip chip--${tone}`}><${Icon} name=${icon} />${t(`change.state.${change.state}`)}</span>
      <span class="sheet__note">${t(`change.source.${change.source}`)} · ${t("change.by", { name: change.proposed_by_name, at: at(change.proposed_at) })}</span></p>
    <ul class="change__steps">${steps.map((step, n) => html`<li key=${n} class=${`change__step change__step--${step.action}`}>
      <${Icon} name=${SIGNS[step.action]} /><span><a href=${addressOf("payments", "points", { point: step.point })}>${stepWords(t, step)}</a>
      <${Also} points=${step.also ?? []} /></span></li>`)}</ul>
    ${hidden > 0 && html`<button type="button" class="link" onClick=${async () => setMore((await readChange(change.id)).steps)}>${t("change.more", { n: hidden })}</button>`}
    <p class="change__reason">“${change.reason}”</p>
    ${change.decided_by_name && change.decided_at && html`<p class="sheet__note">${t(`change.decided.${change.state}`, { name: change.decided_by_name, at: at(change.decided_at) })}
      ${change.remark && html` “${change.remark}”`}</p>`}
  </div>`;
}

/** Where else an account is accepted: who approves must see when one account is at many stalls. @param {{points: string[]}} props */
function Also({ points }) {
  if (points.length === 0) return null;
  return html`<span class="change__also"><${Icon} name="warning" />${words.value("change.also", { points: points.join(", ") })}</span>`;
}
