/**
 * The patrol, made for a phone in one hand: at which point one stands, the code there, and an answer that needs no
 * second look. Nothing of the code is kept on the page once the next one is scanned.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { go } from "../navigation.js";
import { answerWords, keeps, lookOf, payeeWords, pointWords, reportWords } from "../payments.js";
import { judgeCode, readPoints, reportScan } from "../requests/payments.js";
import { addressOf } from "../route.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { Dialog } from "./dialog.js";
import { FormProblem } from "./field.js";
import { Notice } from "./notice.js";
import { ProposeCode } from "./payment-propose.js";
import { Scanner } from "./payment-scanner.js";

const MOST_FOUND = 8;

/** @param {{query: Record<string, string>, changed: () => void}} props */
export function PaymentPatrol({ query, changed }) {
  const t = words.value;
  const points = useLoad(`patrol ${query.point ?? ""}`, () => readPoints({ id: query.point, limit: MOST_FOUND }));
  const point = points.data?.items.find(({ id }) => id === query.point) ?? null;
  const scan = useScan(query.point ?? null);
  if (points.data?.key === false) return html`<${Notice} icon="warning" title=${t("payments.no_key")} body=${t("payments.no_key.body")} />`;
  return html`<div class="patrol" data-testid="patrol">
    <${Where} key=${query.point ?? ""} asked=${query.point ?? null} point=${point} points=${points} stand=${scan.again} />
    ${scan.answer ? html`<${Verdict} scan=${scan} changed=${changed} />`
      : html`<${FormProblem} code=${scan.problem} /><${Scanner} key=${scan.n} onText=${(text) => scan.judge(text)} busy=${scan.busy} />`}
  </div>`;
}

/** One code after the other: what was read, and what the centre says of it. @param {string|null} point */
function useScan(point) {
  const [held, setHeld] = useState({ n: 0, text: "", answer: /** @type {import("../requests/payments.js").Answer|null} */ (null), busy: false, problem: /** @type {string|null} */ (null) });
  async function judge(text, at = point) {
    const where = at === "text" || at === "camera" || at === "photo" ? point : at;
    setHeld((old) => ({ ...old, text, answer: null, busy: true, problem: null }));
    try {
      const answer = await judgeCode(at, text);
      setHeld((old) => ({ ...old, answer, busy: false }));
    } catch (problem) {
      setHeld((old) => ({ ...old, n: old.n + 1, busy: false, problem: problem.code ?? "unavailable" }));
    }
  }
  const again = () => setHeld((old) => ({ n: old.n + 1, text: "", answer: null, busy: false, problem: null }));
  return { ...held, judge, again };
}

/** Where one stands: chosen, or searched for. */
function Where({ asked, point, points, stand }) {
  const t = words.value;
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const found = useLoad(`find ${text}`, () => (text.trim() ? readPoints({ q: text.trim(), limit: MOST_FOUND }) : Promise.resolve(null)));
  const choose = (id) => { stand(); go("payments", "patrol", { point: id }, { replace: true }); };
  if (asked !== null && (point || points.status === "loading")) {
    return html`<div class="patrol__where card" data-testid="patrol-point"><${Icon} name="place" /><div class="patrol__place">
      <strong>${point ? pointWords(point) : "…"}</strong><span class="sheet__note">${point?.site_name}</span></div>
      <button type="button" class="button" data-testid="patrol-other" onClick=${() => choose(null)}>${t("patrol.other")}</button></div>`;
  }
  const shown = text.trim() ? found.data?.items ?? [] : open ? (points.data?.items ?? []).slice(0, MOST_FOUND) : [];
  return html`<section class="patrol__choose" aria-label=${t("patrol.where")}>
    <label class="field"><span>${t("patrol.where")}</span><input type="search" data-testid="patrol-search" placeholder=${t("patrol.where.hint")}
      value=${text} onFocus=${() => setOpen(true)} onInput=${(event) => setText(event.currentTarget.value)} /></label>
    ${points.status === "failed" && html`<${FormProblem} code=${points.problem} />`}
    ${text.trim() !== "" && found.status === "ready" && shown.length === 0 && html`<p class="sheet__note" role="status">${t("payments.none")}</p>`}
    ${shown.length > 0 && html`<ul class="patrol__found">${shown.map((one) => html`<li key=${one.id}><button type="button" class="patrol__choice"
      data-testid="patrol-choice" data-point=${one.id} onClick=${() => choose(one.id)}><strong>${pointWords(one)}</strong>
      <span class="sheet__note">${one.site_name}</span></button></li>`)}</ul>`}
    <p class="sheet__note">${t("patrol.nowhere")}</p>
  </section>`;
}

function Verdict({ scan, changed }) {
  const t = words.value;
  const { answer, text } = scan;
  const [open, setOpen] = useState(/** @type {"none"|"report"|"propose"} */ ("none"));
  const [incident, setIncident] = useState(/** @type {string|null} */ (null));
  const card = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => { card.current?.focus(); card.current?.scrollIntoView({ block: "nearest" }); }, []);
  const { tone, icon } = lookOf(answer.verdict);
  const said = answerWords(t, answer);
  const addable = answer.point && answer.verdict === "not_ours" && keeps(state.value.user);
  return html`<section class=${`verdict verdict--${tone}`} ref=${card} tabindex="-1" role="alert" data-testid="verdict" data-verdict=${answer.verdict}>
      <span class="verdict__sign"><${Icon} name=${icon} /></span>
      <h3 class="verdict__title">${said.title}</h3>
      <p>${said.means}</p>
      <p class="verdict__next"><strong>${t("patrol.next")}</strong> ${said.next}</p>
      ${answer.payees.length > 1 && html`<ul class="verdict__payees">${answer.payees.map((payee, n) => html`<li key=${n} class="chip">
        <${Icon} name=${payee.ours || answer.verdict === "found" ? "check" : "help"} />${payeeWords(t, payee)}</li>`)}</ul>`}
    </section>
    ${answer.verdict === "found" && html`<div class="patrol__tools">${answer.points.slice(0, 4).map((point) => html`<button key=${point.id} type="button"
      class="button" data-testid="patrol-here" onClick=${() => { go("payments", "patrol", { point: point.id }, { replace: true }); void scan.judge(text, point.id); }}>
      <${Icon} name="place" />${t("patrol.here", { point: pointWords(point) })}</button>`)}</div>`}
    ${incident && html`<p class="message message--good" role="status" data-testid="patrol-reported"><${Icon} name="check" /><span>${t("patrol.reported")}
      ${" "}<a href=${addressOf("incidents", incident)}>${t("patrol.incident")}</a></span></p>`}
    <div class="patrol__tools">
      ${answer.may_report && incident === null && html`<button type="button" class="button button--alarm" data-testid="patrol-report" onClick=${() => setOpen("report")}>
        <${Icon} name="flag" />${t("patrol.report")}</button>`}
      <button type="button" class="button button--primary" data-testid="patrol-again" onClick=${scan.again}><${Icon} name="qr" />${t("patrol.again")}</button>
      ${addable && html`<button type="button" class="button" data-testid="patrol-propose" onClick=${() => setOpen("propose")}><${Icon} name="plus" />${t("patrol.propose")}</button>`}
    </div>
    ${open === "report" && html`<${Report} answer=${answer} done=${(made) => { setIncident(made.incident); setOpen("none"); }} onClose=${() => setOpen("none")} />`}
    ${open === "propose" && html`<${ProposeCode} point=${answer.point} text=${text} done=${changed} onClose=${() => setOpen("none")} />`}`;
}

function Report({ answer, done, onClose }) {
  const t = words.value;
  const [note, setNote] = useState(reportWords(t, answer));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  async function send(event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      done(await reportScan(answer.scan, note.replace(/\s+/g, " ").trim()));
    } catch (failure) {
      setBusy(false);
      setProblem(failure.code ?? "unavailable");
    }
  }
  return html`<${Dialog} name="reason" label=${t("patrol.report")} testid="report-dialog" onClose=${onClose}
    title=${html`<${Icon} name="flag" /><h2 class="dialog__title">${t("patrol.report")}</h2>`}>
    <form class="reason form" onSubmit=${send}>
      <p class="field__hint">${t("patrol.report.hint", { point: pointWords(answer.point) })}</p>
      <label class="field"><span>${t("patrol.report.note")}</span><textarea rows="4" maxlength="500" data-testid="report-note" value=${note}
        onInput=${(event) => setNote(event.currentTarget.value)}></textarea></label>
      ${problem && html`<p class="message message--bad" role="alert"><${Icon} name="warning" /><span>${codeWords(t, "problem", problem)}</span></p>`}
      <div class="reason__foot"><button type="submit" class="button button--alarm" data-testid="report-submit" disabled=${busy}>${t("patrol.report.send")}</button></div>
    </form>
  <//>`;
}
