/** One line at the foot of the page: what was done and how to take it back, who was first, or what did not get through. */
import { useEffect } from "preact/hooks";
import { centreNow } from "../clock.js";
import { moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { dispatch, state } from "../store.js";
import { codeWords } from "../translate.js";
import { retry, takeBack } from "../triage.js";
import { placeWords } from "./incident-words.js";

const DONE_MS = 12_000;
const FIRST_MS = 20_000;

export function Toast() {
  const { toast } = state.value.work;
  useEffect(() => {
    if (!toast || toast.kind === "failed") return undefined;
    const timer = setTimeout(() => dispatch({ type: "work.told", at: toast.at }), toast.kind === "done" ? DONE_MS : FIRST_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  return html`<div class="toasts" role="status" aria-live="polite">${toast && html`<${Line} toast=${toast} />`}</div>`;
}

const ICONS = { done: "check", first: "people", failed: "offline" };

function Line({ toast }) {
  const t = words.value;
  return html`<p class=${`toast toast--${toast.kind}`} data-testid="toast" data-kind=${toast.kind}>
    <${Icon} name=${ICONS[toast.kind]} /><span class="toast__text">${sentence(t, toast)}</span>
    ${toast.kind === "done" && toast.undo && html`<button type="button" class="button" data-testid="undo" onClick=${takeBack}>
      <${Icon} name="undo" />${t("toast.undo")}<kbd>Z</kbd></button>`}
    ${toast.kind === "failed" && html`<button type="button" class="button" data-testid="retry" onClick=${() => retry(toast)}>${t("retry")}</button>`}
    <button type="button" class="button button--icon" aria-label=${t("close")} title=${t("close")}
      onClick=${() => dispatch({ type: "work.told" })}><${Icon} name="close" /></button>
  </p>`;
}

/** @param {import("../translate.js").Translator} t @param {import("../types.js").Toast} toast */
function sentence(t, toast) {
  const incident = state.value.work.incidents[toast.incident];
  const what = incident ? `${codeWords(t, "kind", incident.kind)}, ${placeWords(state.value, incident)}` : "";
  if (toast.kind === "failed") {
    return t("toast.failed", { step: t(`step.${toast.action}`), why: codeWords(t, "problem", toast.code) });
  }
  if (toast.kind === "first") return firstWords(t, toast, what);
  const name = toast.action === "assign" && incident?.assignee !== state.value.user?.username ? incident?.assignee_name : null;
  return name ? t("toast.given", { name, what }) : t(`toast.${toast.action}`, { what });
}

/** @param {import("../translate.js").Translator} t @param {import("../types.js").Toast} toast @param {string} what */
function firstWords(t, { action, conflict }, what) {
  if (action === "undo") return t("first.undo");
  if (!conflict?.at && conflict?.state === "assigned") return t("first.taken", { name: conflict.by_name ?? "" });
  if (!conflict?.at) return t("first.state", { what, state: conflict?.state ? t(`work.is.${conflict.state}`) : "" });
  const values = { name: conflict.by_name ?? conflict.by ?? "", time: moment(Date.parse(conflict.at), centreNow()).slice(0, 5) };
  return conflict.by ? t(`first.${conflict.action}`, values) : t("first.centre", values);
}
