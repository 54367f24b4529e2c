/** The work on one incident: how far it is, the steps that can be taken, what was done and said, and who was told. */
import { useEffect, useRef, useState } from "preact/hooks";
import { second } from "../clock.js";
import { duration, moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { actionsFor, isLater, works } from "../incidents.js";
import { useLoad } from "../load.js";
import { addressOf } from "../route.js";
import { readIncident } from "../requests/incidents.js";
import { dispatch, state } from "../store.js";
import { codeWords } from "../translate.js";
import { ask, comment, noteSeen, start } from "../triage.js";
import { ChoiceMenu } from "./choice-menu.js";
import { placeWords } from "./incident-words.js";
import { WorkState } from "./work-state.js";

const BUTTONS = {
  assign: ["R", "person"], false_alarm: ["F", "cancel"], resolve: ["D", "check"], escalate: ["E", "louder"], reopen: ["O", "undo"],
};

/** @param {{id: string, children?: any}} props the children stand between the steps and the history */
export function IncidentWork({ id, children }) {
  const { work, user } = state.value;
  const incident = work.incidents[id];
  const { data, status, problem, reload } = useLoad(id, () => readIncident(id));
  useEffect(() => noteSeen(id), [id, incident?.state === "new"]);
  useEffect(() => { if (data) dispatch({ type: "incidents.loaded", items: [data.incident] }); }, [data]);
  useEffect(() => { if (data && incident && isLater(incident, data.incident)) reload(); }, [incident, data]);
  if (!incident) return null;
  const menu = work.menu?.place === "detail" && work.menu.incident === id ? work.menu : null;
  return html`<section class="job" data-testid="incident-work">
    <${Standing} incident=${incident} />
    ${works(user) && html`<${Buttons} incident=${incident} />`}
    ${menu && html`<${ChoiceMenu} menu=${menu} />`}
    ${children}
    <${Symptoms} symptoms=${data?.symptoms ?? []} />
    ${status === "failed" && html`<p class="message message--bad"><${Icon} name="warning" /><span>${codeWords(words.value, "problem", problem)}</span></p>`}
    ${data && html`<${History} steps=${data.steps} />`}
    ${works(user) && html`<${CommentBox} id=${id} onSaid=${reload} />`}
    <${ToldWhom} told=${data?.told ?? []} />
  </section>`;
}

function Standing({ incident }) {
  const t = words.value;
  const took = incident.seconds_to_acknowledge;
  const reason = incident.state === "false_alarm" ? "false" : "resolved";
  return html`<div class="job__standing">
    <${WorkState} incident=${incident} />
    ${incident.reason && html`<span class="job__reason">${codeWords(t, reason, incident.reason)}</span>`}
    ${incident.cause && html`<span class="chip chip--bad">${t(`cause.${incident.cause}`)}</span>`}
    ${took === undefined
      ? html`<span class="job__waits">${t("job.waits", { for: duration(t, second.value - Date.parse(incident.reported_at)) })}</span>`
      : html`<span class="job__took">${t("job.acknowledged", { for: duration(t, took * 1000) })}</span>`}
    ${incident.under && html`<a class="link" href=${addressOf("incidents", incident.under)}>${t("job.under")}</a>`}
  </div>`;
}

function Buttons({ incident }) {
  const t = words.value;
  const { busy } = state.value.work;
  const what = /** @type {const} */ ({ id: incident.id, place: "detail" });
  const actions = actionsFor(incident.state).filter((action) => action !== "assign" || incident.state !== "assigned");
  const primary = incident.state === "assigned" ? "resolve" : "assign";
  const button = (action, key, icon, run) => html`<button type="button" key=${action} data-testid=${`step-${action}`}
    class=${`button ${action === primary ? "button--primary" : ""}`} disabled=${busy[incident.id] !== undefined} onClick=${run}>
    <${Icon} name=${icon} />${t(`step.${action}`)}<kbd>${key}</kbd></button>`;
  return html`<div class="job__steps">
    ${actions.map((action) => button(action, BUTTONS[action][0], BUTTONS[action][1], () => start(what, action)))}
    ${actions.includes("escalate") && button("give", "A", "people", () => ask(what, "assign"))}
  </div>`;
}

function Symptoms({ symptoms }) {
  const t = words.value;
  if (symptoms.length === 0) return null;
  return html`<section class="job__part"><h3>${t("job.symptoms", { n: symptoms.length })}</h3>
    <ul class="job__symptoms">${symptoms.map((one) => html`<li key=${one.id}><a class="link" href=${addressOf("incidents", one.id)}>
      ${codeWords(t, "kind", one.kind)} · ${placeWords(state.value, one)}</a></li>`)}</ul></section>`;
}

function History({ steps }) {
  const t = words.value;
  return html`<section class="job__part"><h3>${t("job.history")}</h3>
    <ol class="history" data-testid="history">${steps.map((step) => html`<li key=${step.id} class=${`history__step ${step.undone ? "history__step--undone" : ""}`}>
      <time dateTime=${step.at}>${moment(Date.parse(step.at), second.peek())}</time>
      <div><p><strong>${step.actor_name ?? step.actor ?? t("job.centre")}</strong> ${stepWords(t, step)}
        ${step.undone && html` <span class="history__undone">(${t("job.undone")})</span>`}</p>
        ${step.comment && html`<p class="history__said">${step.comment}</p>`}</div>
    </li>`)}</ol></section>`;
}

function stepWords(t, step) {
  const said = codeWords(t, "did", step.action);
  if (step.action === "assign" && step.assignee !== step.actor) return t("did.gave", { name: step.assignee_name ?? step.assignee ?? "" });
  if (!step.reason) return said;
  return `${said}: ${codeWords(t, step.state === "false_alarm" ? "false" : "resolved", step.reason)}`;
}

function CommentBox({ id, onSaid }) {
  const t = words.value;
  const box = useRef(/** @type {HTMLTextAreaElement|null} */ (null));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));

  async function submit(event) {
    event.preventDefault();
    const text = box.current?.value.trim() ?? "";
    if (busy || text === "") return;
    setBusy(true);
    setProblem(null);
    try {
      await comment(id, text);
      if (box.current) box.current.value = "";
      onSaid();
    } catch (failure) {
      setProblem(failure.code ?? "unavailable");
    } finally {
      setBusy(false);
    }
  }

  const send = (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit(event); };
  return html`<form class="job__comment" onSubmit=${submit}>
    <label class="field"><span>${t("job.comment")} <kbd>C</kbd></span>
      <textarea ref=${box} data-testid="comment" rows="2" maxlength="2000" onKeyDown=${send} placeholder=${t("job.comment.hint")}></textarea></label>
    ${problem && html`<p class="message message--bad" role="alert"><${Icon} name="warning" /><span>${codeWords(t, "problem", problem)}</span></p>`}
    <button type="submit" class="button" data-testid="comment-send" disabled=${busy}><${Icon} name="comment" />${t("job.comment.send")}</button>
  </form>`;
}

function ToldWhom({ told }) {
  const t = words.value;
  return html`<section class="job__part"><h3>${t("job.told")}</h3>
    ${told.length === 0 ? html`<p class="sheet__note">${t("job.told.none")}</p>` : html`<ul class="job__told">
      ${told.map((one) => html`<li key=${`${one.step} ${one.channel}`}><strong>${one.channel}</strong>
        <span class=${`chip ${one.state === "sent" ? "chip--good" : one.state === "given_up" ? "chip--bad" : "chip--quiet"}`}>${codeWords(t, "told", one.state)}</span>
        <time>${moment(Date.parse(one.sent_at ?? one.due_at), second.peek())}</time>
        ${one.error && html`<span class="job__error">${one.error}</span>`}</li>`)}</ul>`}
  </section>`;
}
