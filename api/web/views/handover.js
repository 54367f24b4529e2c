/** Handing over a shift: what happened in a span, what is left to the next, the note, and who took it over. */
import { useEffect, useState } from "preact/hooks";
import { centreNow, second } from "../clock.js";
import { moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { works } from "../incidents.js";
import { useLoad } from "../load.js";
import { acceptHandover, readHandovers, readShift, writeHandover } from "../requests/handovers.js";
import { LENGTHS, lastHours, spanProblem, timeOf } from "../shift.js";
import { cameras, state } from "../store.js";
import { codeWords } from "../translate.js";
import { Notice } from "./notice.js";
import { ShiftSummary } from "./shift-summary.js";
import { When } from "./when.js";

const LOOK_EVERY_MS = 15_000;

export function Handover() {
  const t = words.value;
  const wards = [...new Map(cameras.value.map(({ ward }) => [ward.id, ward.name]))];
  const [chosen, setChosen] = useState(/** @type {string|null} */ (null));
  const [span, setSpan] = useState(() => lastHours(LENGTHS[0], centreNow()));
  const notes = useLoad("handovers", readHandovers);
  useEffect(() => {
    const timer = setInterval(notes.reload, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const ward = chosen ?? wards[0]?.[0] ?? state.value.user?.wards[0] ?? null;
  if (ward === null) return html`<main class="sheet"><${Notice} icon="handover" title=${t("shift.no_ward")} /></main>`;
  const bad = spanProblem(span.from, span.to);
  return html`<main class="sheet shift" data-testid="handover">
    <div class="sheet__head"><h1 class="sheet__title">${t("page.handover")}</h1>
      <div class="sheet__tools"><button type="button" class="button" onClick=${() => window.print()}><${Icon} name="print" />${t("shift.print")}</button></div></div>
    <${Pending} notes=${notes} />
    <div class="filters shift__span">
      ${wards.length > 1 && html`<label class="field field--short"><span>${t("shift.ward")}</span>
        <select value=${ward} onChange=${(event) => setChosen(event.currentTarget.value)}>
          ${wards.map(([id, name]) => html`<option key=${id} value=${id}>${name}</option>`)}</select></label>`}
      <div class="tabs" role="group" aria-label=${t("shift.length")}>${LENGTHS.map((hours) => html`<button type="button" key=${hours}
        class="tabs__item" aria-pressed=${sameLength(span, hours)} onClick=${() => setSpan(lastHours(hours, centreNow()))}>${t("shift.hours", { n: hours })}</button>`)}</div>
      ${["from", "to"].map((name) => html`<div class="field shift__time" key=${name}><span>${t(`shift.${name}`)}</span>
        <${When} value=${span[name]} label=${t(`shift.${name}`)} testid=${`shift-${name}`}
          onChange=${(value) => setSpan({ ...span, [name]: value })} /></div>`)}
    </div>
    ${bad ? html`<p class="message message--bad" role="alert"><${Icon} name="warning" /><span>${t(bad)}</span></p>`
      : html`<${Shift} ward=${ward} span=${span} onWritten=${notes.reload} />`}
    <${Written} notes=${notes} />
  </main>`;
}

function sameLength({ from, to }, hours) {
  return Date.parse(to) - Date.parse(from) === hours * 3_600_000;
}

function Shift({ ward, span, onWritten }) {
  const t = words.value;
  const times = { start: timeOf(span.from) ?? "", end: timeOf(span.to) ?? "" };
  const { data, status, problem, reload } = useLoad(`${ward} ${times.start} ${times.end}`, () => readShift(ward, times));
  const { heard } = state.value.work;
  useEffect(() => {
    if (heard === 0) return undefined;
    const timer = setTimeout(reload, 2_000);
    return () => clearTimeout(timer);
  }, [heard]);
  if (status === "loading") return html`<${Notice} icon="waiting" title=${t("shift.loading")} />`;
  if (data === null) {
    return html`<${Notice} icon="offline" title=${t("shift.failed")} body=${codeWords(t, "problem", problem)} action=${{ label: t("retry"), run: reload }} />`;
  }
  return html`<${ShiftSummary} summary=${data} />
    ${works(state.value.user) && html`<${NoteForm} ward=${ward} times=${times} onWritten=${onWritten} />`}`;
}

function NoteForm({ ward, times, onWritten }) {
  const t = words.value;
  const [note, setNote] = useState("");
  const [sent, setSent] = useState(/** @type {"no"|"busy"|"yes"} */ ("no"));
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));

  async function submit(event) {
    event.preventDefault();
    if (sent === "busy" || note.trim() === "") return;
    setSent("busy");
    setProblem(null);
    try {
      await writeHandover(ward, { ...times, note });
      setNote("");
      setSent("yes");
      onWritten();
    } catch (failure) {
      setSent("no");
      setProblem(failure.code ?? "unavailable");
    }
  }

  return html`<form class="card shift__note" onSubmit=${submit}>
    <div class="card__head"><h2 class="card__title">${t("shift.note")}</h2></div>
    <div class="card__body form">
      <label class="field"><span class="hidden">${t("shift.note")}</span>
        <textarea data-testid="handover-note" rows="4" maxlength="2000" required value=${note} placeholder=${t("shift.note.hint")}
          onInput=${(event) => setNote(event.currentTarget.value)}></textarea></label>
      ${problem && html`<p class="message message--bad" role="alert"><${Icon} name="warning" /><span>${codeWords(t, "problem", problem)}</span></p>`}
      ${sent === "yes" && html`<p class="message message--note" role="status" data-testid="handover-sent"><${Icon} name="check" /><span>${t("shift.sent")}</span></p>`}
    </div>
    <div class="card__foot"><button type="submit" class="button button--primary" data-testid="handover-send" disabled=${sent === "busy"}>
      <${Icon} name="handover" />${t("shift.send")}</button></div>
  </form>`;
}

/** Notes that nobody has accepted yet, above everything else. */
function Pending({ notes }) {
  const pending = (notes.data?.items ?? []).filter((note) => note.accepted_at === null || note.accepted_at === undefined);
  if (pending.length === 0) return null;
  return html`<section class="shift__pending">${pending.map((note) => html`<${PendingNote} key=${note.id} note=${note} onDone=${notes.reload} />`)}</section>`;
}

function PendingNote({ note, onDone }) {
  const t = words.value;
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const mine = note.author === state.value.user?.username;

  async function accept() {
    setProblem(null);
    try {
      await acceptHandover(note.id);
    } catch (failure) {
      setProblem(failure.code ?? "unavailable");
    }
    onDone();
  }

  return html`<article class="card shift__waiting" data-testid="handover-pending">
    <div class="card__head"><${Icon} name="handover" /><h2 class="card__title">${t(mine ? "shift.waits" : "shift.offered", { name: note.author_name })}</h2>
      <${Span} note=${note} /></div>
    <div class="card__body"><p class="shift__said">${note.note}</p>
      <p class="sheet__note">${t("shift.left", { n: note.summary.unfinished?.length ?? 0, cameras: note.summary.cameras?.length ?? 0 })}</p>
      ${problem && html`<p class="message message--bad" role="alert"><${Icon} name="warning" /><span>${codeWords(t, "problem", problem)}</span></p>`}</div>
    ${!mine && works(state.value.user) && html`<div class="card__foot"><button type="button" class="button button--primary" data-testid="handover-accept" onClick=${accept}>
      <${Icon} name="check" />${t("shift.accept")}</button></div>`}
  </article>`;
}

function Written({ notes }) {
  const t = words.value;
  const done = (notes.data?.items ?? []).filter((note) => note.accepted_at);
  if (notes.status === "failed") return html`<p class="message message--bad"><${Icon} name="warning" /><span>${codeWords(t, "problem", notes.problem)}</span></p>`;
  if (done.length === 0) return null;
  return html`<section class="card shift__written"><div class="card__head"><h2 class="card__title">${t("shift.former")}</h2></div>
    <ul>${done.map((note) => html`<li key=${note.id} class="shift__former" data-testid="handover-done">
      <p><strong>${note.author_name}</strong> → <strong>${note.accepted_by_name}</strong> <${Span} note=${note} />
        <span class="chip chip--good"><${Icon} name="check" />${t("shift.accepted", { time: moment(Date.parse(note.accepted_at), second.peek()) })}</span></p>
      <p class="shift__said">${note.note}</p></li>`)}</ul></section>`;
}

function Span({ note }) {
  const at = (text) => moment(Date.parse(text), second.peek()).replace(/^(\d\d:\d\d):\d\d/, "$1");
  return html`<span class="sheet__note">${at(note.start)} – ${at(note.end)}</span>`;
}
