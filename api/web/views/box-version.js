/** The version that a box runs, the one that is wanted of it and what became of that; who may, names another. */
import { useEffect, useState } from "preact/hooks";
import { second } from "../clock.js";
import { moment } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { mayName, standing, versions } from "../releases.js";
import { forgetRelease, nameRelease, readReleases, readWishes } from "../requests/releases.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { Dialog } from "./dialog.js";
import { Field, FormProblem } from "./field.js";

const FRESH_MS = 10_000;
const ICONS = { good: "check", warn: "warning", bad: "warning", quiet: "waiting" };

/** All cards ask together. @type {{at: number, answer: ReturnType<typeof readWishes>}|null} */
let asked = null;

function wishesOfAll() {
  if (!asked || Date.now() - asked.at > FRESH_MS / 2) asked = { at: Date.now(), answer: readWishes() };
  return asked.answer;
}

/** @param {{box: import("../advice.js").Box}} props */
export function BoxVersion({ box }) {
  const t = words.value;
  const wishes = useLoad(`wish-${box.id}`, wishesOfAll);
  useEffect(() => {
    const timer = setInterval(wishes.reload, FRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const [open, setOpen] = useState(false);
  const wish = wishes.data?.items.find((one) => one.box === box.id);
  const stands = standing(wish, box.version);
  if (!mayName(state.value.user?.role) && !stands) return null;
  return html`<div class="card__foot" data-testid=${`version-${box.id}`}>
    ${stands && wish && html`<p class=${`message ${stands.level === "quiet" ? "" : `message--${stands.level}`}`}><${Icon} name=${ICONS[stands.level]} />
      <span>${t(`release.state.${stands.code}`, { version: wish.version, at: moment(Date.parse(wish.reported_at ?? wish.at), second.value) })}
        ${wish.reason && ` ${codeWords(t, "release.reason", wish.reason)}`}</span></p>`}
    ${mayName(state.value.user?.role) && html`<button type="button" class="button" data-testid=${`name-version-${box.id}`}
      onClick=${() => setOpen(true)}><${Icon} name="download" />${t("release.name")}</button>`}
    ${open && html`<${NameVersion} box=${box} wish=${wish} changed=${() => { asked = null; wishes.reload(); }} onClose=${() => setOpen(false)} />`}
  </div>`;
}

function NameVersion({ box, wish, changed, onClose }) {
  const t = words.value;
  const releases = useLoad("releases", readReleases);
  const [chosen, setChosen] = useState(/** @type {string|null} */ (null));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const offered = versions(releases.data?.items ?? []);
  const version = chosen ?? wish?.version ?? offered[0];
  const notes = releases.data?.items.find((one) => one.version === version)?.notes;

  async function act(run) {
    setBusy(true);
    setProblem(null);
    try {
      await run();
      changed();
      onClose();
    } catch (failure) {
      setBusy(false);
      setProblem(failure.code ?? "unavailable");
    }
  }

  return html`<${Dialog} name="version" label=${t("release.name")} testid="version-dialog" onClose=${onClose}
    title=${html`<h2 class="dialog__title">${t("release.title", { box: box.name })}</h2>`}>
    <div class="confirm form">
      <p>${t("release.runs", { version: box.version || "–" })}</p>
      ${releases.status === "ready" && offered.length === 0 && html`<p class="message"><${Icon} name="help" />
        <span>${t("release.none")}</span></p>`}
      ${offered.length > 0 && html`<${Field} as="select" label=${t("release.version")} hint=${notes} data-testid="version-choice"
          value=${version} onChange=${(/** @type {any} */ change) => setChosen(change.currentTarget.value)}>
          ${offered.map((one) => html`<option key=${one} value=${one}>${one}</option>`)}<//>
        <p class="sheet__note">${t("release.what")}</p>`}
      <${FormProblem} code=${problem ?? releases.problem} />
    </div>
    <div class="dialog__foot">
      ${wish && html`<button type="button" class="button" data-testid="version-forget" disabled=${busy}
        onClick=${() => act(() => forgetRelease(box.id))}>${t("release.forget")}</button>`}
      <button type="button" class="button" onClick=${onClose}>${t("cancel")}</button>
      <button type="button" class="button button--primary" data-testid="version-name" disabled=${busy || !version}
        onClick=${() => act(() => nameRelease(box.id, version))}>${t("release.do")}</button>
    </div>
  <//>`;
}
