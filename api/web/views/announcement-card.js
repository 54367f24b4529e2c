/** One announcement: what is said where, who wished and approved it, and what became of it on each loudspeaker. */
import { useState } from "preact/hooks";
import { chipOf, heardOn, iconOf } from "../announcements.js";
import { second } from "../clock.js";
import { moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { approveAnnouncement, cancelAnnouncement, refuseAnnouncement, soundUrl } from "../requests/announcements.js";
import { addressOf } from "../route.js";
import { codeWords } from "../translate.js";
import { Confirm } from "./confirm.js";
import { Field, FormProblem } from "./field.js";

/** @param {{one: import("../requests/announcements.js").Announcement, onDone: () => void}} props */
export function AnnouncementCard({ one, onDone }) {
  const t = words.value;
  return html`<article class=${`card announce__card announce__card--${one.priority}`} data-testid="announcement" data-state=${one.state}>
    <div class="announce__top">
      <span class=${`chip ${chipOf(one.state)}`}><${Icon} name=${iconOf(one.state)} />${codeWords(t, "announce.state", one.state)}</span>
      <span><${Icon} name="place" /> ${one.site_name}</span>
      <time class="sheet__note">${moment(Date.parse(one.proposed_at), second.value)}</time>
    </div>
    <blockquote>${one.text}</blockquote>
    <p class="sheet__note">${who(t, one)}${one.incident && html` · <a class="link" href=${addressOf("incidents", one.incident)}>${t("announce.incident")}</a>`}</p>
    ${one.remark && html`<p class="announce__remark">${t("announce.remark", { text: one.remark })}</p>`}
    <${Plays} one=${one} />
    <${Listen} one=${one} />
    <${Doings} one=${one} onDone=${onDone} />
  </article>`;
}

/** @param {any} t @param {import("../requests/announcements.js").Announcement} one */
function who(t, { proposed_by, box, cause, decided_by, cancelled_by, state }) {
  if (!proposed_by) return t("announce.by_rule", { box: box ?? "", kind: codeWords(t, "kind", cause) });
  const said = [t("announce.by", { name: proposed_by })];
  if (decided_by) said.push(t(state === "refused" ? "announce.refused_by" : "announce.approved_by", { name: decided_by }));
  else if (state !== "proposed" && state !== "cancelled" && state !== "expired") said.push(t("announce.beforehand"));
  if (cancelled_by) said.push(t("announce.cancelled_by", { name: cancelled_by }));
  return said.join(" · ");
}

function Plays({ one }) {
  const t = words.value;
  const { n, all } = heardOn(one);
  if (["proposed", "refused"].includes(one.state)) return html`<p class="sheet__note">${t("announce.over", { n: all })}</p>`;
  return html`<details class="announce__plays" open=${one.state === "failed" || (one.state === "played" && n < all)}>
    <summary>${t("announce.heard", { n, all })}</summary>
    <ul>${one.plays.map((play) => html`<li key=${play.speaker}><span>${play.name}</span>
      <span class=${`chip ${chipOf(play.state)}`}><${Icon} name=${iconOf(play.state)} />${codeWords(t, "announce.play", play.state)}</span>
      ${play.reason && html`<span class="sheet__note">${codeWords(t, "announce.fault", play.reason)}</span>`}
      ${play.at && html`<time class="sheet__note">${moment(Date.parse(play.at), second.peek())}</time>`}</li>`)}</ul></details>`;
}

function Listen({ one }) {
  const t = words.value;
  const [open, setOpen] = useState(false);
  if (one.box) return null;
  if (open) return html`<audio controls autoplay src=${soundUrl(one.id)} aria-label=${one.text}></audio>`;
  return html`<button type="button" class="link announce__listen" onClick=${() => setOpen(true)}><${Icon} name="play" />${t("announce.listen_again")}</button>`;
}

function Doings({ one, onDone }) {
  const t = words.value;
  const [asking, setAsking] = useState(false);
  const [refusing, setRefusing] = useState(false);
  const [remark, setRemark] = useState("");
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  if (!one.may_approve && !one.may_cancel) return null;

  async function act(run) {
    setProblem(null);
    try {
      await run();
    } catch (failure) {
      setProblem(failure.code ?? "unavailable");
    }
    onDone();
  }

  return html`<div class="announce__doings">
    ${one.may_approve && html`<button type="button" class="button button--primary" data-testid="announce-approve" onClick=${() => setAsking(true)}><${Icon} name="check" />${t("announce.approve")}</button>
      <button type="button" class="button" data-testid="announce-refuse" aria-expanded=${refusing} onClick=${() => setRefusing(!refusing)}>${t("announce.refuse")}</button>`}
    ${one.may_cancel && html`<button type="button" class="button" data-testid="announce-cancel" onClick=${() => act(() => cancelAnnouncement(one.id))}><${Icon} name="cancel" />${t("announce.cancel")}</button>`}
    ${refusing && html`<form class="announce__refusal" onSubmit=${(event) => { event.preventDefault(); act(() => refuseAnnouncement(one.id, remark)); }}>
      <${Field} label=${t("announce.why_not")} value=${remark} minlength="5" maxlength="300" required onInput=${(event) => setRemark(event.currentTarget.value)} />
      <button type="submit" class="button button--danger" data-testid="announce-refuse-send">${t("announce.refuse")}</button></form>`}
    <${FormProblem} code=${problem} />
    ${asking && html`<${Confirm} title=${t("announce.confirm", { n: one.plays.length, site: one.site_name })} body=${one.text}
      action=${t("announce.approve")} run=${async () => { await approveAnnouncement(one.id); onDone(); }} onClose=${() => setAsking(false)} />`}
  </div>`;
}
