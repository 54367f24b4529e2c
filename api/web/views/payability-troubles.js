/** What keeps people from paying: outages of now and of the last days, and what officers say of banks. */
import { useEffect, useState } from "preact/hooks";
import { centreNow, second } from "../clock.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { byWard, causeSign, clock, ends, outageWords, tellsOfBanks } from "../payability.js";
import { endNotice, postNotice, readBanks, readNotices, readOutages, readPayability } from "../requests/payability.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { Notice } from "./notice.js";
import { OutageList } from "./payability-outages.js";

const FRESH_MS = 10_000;
const SPANS = [1, 7, 30];

export function PayabilityTroubles() {
  const t = words.value;
  const load = useLoad("troubles", readPayability);
  const notices = useLoad("notices", readNotices);
  const again = () => { load.reload(); notices.reload(); };
  useEffect(() => {
    const timer = setInterval(again, FRESH_MS);
    return () => clearInterval(timer);
  }, []);
  if (load.status === "loading") return html`<${Notice} icon="waiting" title=${t("loading")} />`;
  if (load.data === null) {
    return html`<${Notice} icon="offline" title=${t("payability.failed")} body=${codeWords(t, "problem", load.problem)}
      action=${{ label: t("retry"), run: load.reload }} />`;
  }
  const { items, outages, notices: active } = load.data;
  const names = (id) => items.find(({ site }) => site === id)?.site_name ?? id;
  const seen = byWard(items).map(({ id, name }) => ({ id, name }));
  const wards = seen.length > 0 ? seen : (state.value.user?.wards ?? []).map((id) => ({ id, name: id }));
  return html`<div class="payability" data-testid="payability-troubles">
    <section class="payability__part" aria-labelledby="troubles-now"><h3 class="payability__name" id="troubles-now">${t("payability.now")}</h3>
      <${OutageList} outages=${outages} notices=${active} names=${names} /></section>
    <div class="payability__columns">
      ${tellsOfBanks(state.value.user) && wards.length > 0 && html`<${NoticeForm} wards=${wards} onPosted=${again} />`}
      <${Notices} notices=${notices} changed=${again} />
    </div>
    <${Past} names=${names} />
  </div>`;
}

function NoticeForm({ wards, onPosted }) {
  const t = words.value;
  const banks = useLoad("banks", readBanks);
  const [ward, setWard] = useState(wards[0].id);
  const [bank, setBank] = useState("");
  const [end, setEnd] = useState(1);
  const [note, setNote] = useState("");
  const [sent, setSent] = useState(/** @type {"no"|"busy"|"yes"} */ ("no"));
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));

  async function submit(event) {
    event.preventDefault();
    if (sent === "busy" || bank === "") return;
    setSent("busy");
    setProblem(null);
    try {
      await postNotice({ ward, bank, note, until: ends(centreNow())[end].at });
      setBank("");
      setNote("");
      setSent("yes");
      onPosted();
    } catch (failure) {
      setSent("no");
      setProblem(failure.code ?? "unavailable");
    }
  }

  return html`<form class="card" onSubmit=${submit} data-testid="notice-form"><div class="card__head"><${Icon} name="shield" /><h3 class="card__title">${t("payability.notice")}</h3></div>
    <div class="card__body form">
      <p class="sheet__note">${t("payability.notice.body")}</p>
      ${wards.length > 1 && html`<label class="field"><span>${t("payability.ward.label")}</span><select value=${ward} onChange=${(event) => setWard(event.currentTarget.value)}>
        ${wards.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}</select></label>`}
      <label class="field"><span>${t("payability.bank")}</span><select required data-testid="notice-bank" value=${bank} onChange=${(event) => { setBank(event.currentTarget.value); setSent("no"); }}>
        <option value="">${t("payability.bank.choose")}</option>
        ${(banks.data?.items ?? []).map(({ bin, name }) => html`<option key=${bin} value=${bin}>${name}</option>`)}</select></label>
      <label class="field"><span>${t("payability.until")}</span><select value=${String(end)} onChange=${(event) => setEnd(Number(event.currentTarget.value))}>
        ${ends(0).map(({ name }, n) => html`<option key=${name} value=${String(n)}>${t(name)}</option>`)}</select></label>
      <label class="field"><span>${t("payability.note")}</span><input maxlength="200" autocomplete="off" value=${note} placeholder=${t("payability.note.hint")}
        onInput=${(event) => setNote(event.currentTarget.value)} /></label>
      ${problem && html`<p class="message message--bad" role="alert"><${Icon} name="warning" /><span>${codeWords(t, "problem", problem)}</span></p>`}
      ${sent === "yes" && html`<p class="message message--note" role="status"><${Icon} name="check" /><span>${t("payability.notice.posted")}</span></p>`}
    </div><div class="card__foot"><button type="submit" class="button button--primary" data-testid="notice-post" disabled=${sent === "busy" || bank === ""}>${t("payability.notice.post")}</button></div></form>`;
}

function Notices({ notices, changed }) {
  const t = words.value;
  const items = notices.data?.items ?? [];
  return html`<section class="card" data-testid="notices"><div class="card__head"><h3 class="card__title">${t("payability.notices")}</h3></div>
    ${notices.status === "failed" && html`<p class="message message--bad" role="alert"><${Icon} name="offline" /><span>${codeWords(t, "problem", notices.problem)}</span></p>`}
    ${notices.data && items.length === 0 && html`<p class="card__body sheet__note">${t("payability.notices.none")}</p>`}
    <ul class="notices">${items.map((one) => html`<${One} key=${one.id} one=${one} changed=${changed} />`)}</ul></section>`;
}

function One({ one, changed }) {
  const t = words.value;
  const now = second.value;
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));

  async function end() {
    setProblem(null);
    try {
      await endNotice(one.id);
    } catch (failure) {
      setProblem(failure.code ?? "unavailable");
    }
    changed();
  }

  const chip = one.active ? html`<span class="chip chip--warn"><${Icon} name="warning" />${t("payability.notice.active")}</span>`
    : html`<span class="chip chip--quiet"><${Icon} name="check" />${t("payability.notice.over")}</span>`;
  return html`<li class="notices__one"><div><strong>${one.bank_name ?? one.bank}</strong> ${chip}
      <p class="sheet__note">${t("payability.notice.by", { name: one.posted_by_name ?? one.posted_by, at: clock(one.starts, now), until: clock(one.until, now) })}${one.ended_at
        ? ` ${t("payability.notice.ended", { name: one.ended_by_name ?? "", at: clock(one.ended_at, now) })}` : ""}</p>
      ${one.note && html`<p>${one.note}</p>`}
      ${problem && html`<p class="message message--bad" role="alert"><${Icon} name="warning" /><span>${codeWords(t, "problem", problem)}</span></p>`}</div>
    ${one.active && tellsOfBanks(state.value.user) && html`<button type="button" class="button" data-testid="notice-end" onClick=${end}><${Icon} name="check" />${t("payability.notice.end")}</button>`}</li>`;
}

function Past({ names }) {
  const t = words.value;
  const [days, setDays] = useState(SPANS[1]);
  const load = useLoad(`outages ${days}`, () => readOutages(days));
  const now = second.value;
  return html`<section class="card" data-testid="outages-past"><div class="card__head payability__trendhead"><h3 class="card__title">${t("payability.past")}</h3>
      <div class="tabs" role="group" aria-label=${t("payability.span.label")}>${SPANS.map((n) => html`<button type="button" key=${n} class="tabs__item"
        aria-pressed=${n === days} onClick=${() => setDays(n)}>${t("payability.days", { n })}</button>`)}</div></div>
    ${load.status === "failed" && html`<p class="message message--bad" role="alert"><${Icon} name="offline" /><span>${codeWords(t, "problem", load.problem)}</span></p>`}
    ${load.data?.items.length === 0 && html`<p class="card__body sheet__note">${t("payability.past.none")}</p>`}
    <ul class="notices">${(load.data?.items ?? []).map((one) => html`<li key=${`${one.cause} ${one.place} ${one.began}`} class="notices__one payability__past"><${Icon} name=${causeSign(one.cause)} />
      <span>${outageWords(t, one, names, now)}</span></li>`)}</ul></section>`;
}
