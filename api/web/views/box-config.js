/**
 * What a box watches, to be read and changed: its cameras, what is drawn on their pictures, and what becomes of it on the
 * box. Nothing is sent before a summary was read, and a draft outlives a reload.
 */
import { useEffect, useState } from "preact/hooks";
import { addCamera, anyWithin, faultsByPlace, nameOf, removeCamera, same, toSend } from "../box-config.js";
import { wholeSummary } from "../box-devices.js";
import { moment } from "../format.js";
import { second } from "../clock.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { readConfiguration, sendConfiguration } from "../requests/box-config.js";
import { addressOf } from "../route.js";
import { cameras as known, state } from "../store.js";
import { codeWords } from "../translate.js";
import { begun, changed, redone, undone } from "../undo.js";
import { CameraEditor } from "./box-config-camera.js";
import { DeviceList } from "./box-config-devices.js";
import { History, reasonWords } from "./box-config-history.js";
import { Confirm } from "./confirm.js";
import { Dialog } from "./dialog.js";
import { Field, FormProblem } from "./field.js";
import { Notice } from "./notice.js";

/** @typedef {import("../box-config.js").Draft} Draft @typedef {import("../requests/box-config.js").Configuration} Configuration */

const LOOK_MS = 2_000;
const STATES = { pending: ["warn", "waiting"], trying: ["warn", "waiting"], applied: ["good", "check"], refused: ["bad", "warning"], fallen_back: ["bad", "undo"] };

/** @param {{id: string}} props */
export function BoxConfig({ id }) {
  const t = words.value;
  const load = useLoad(`config ${id}`, () => readConfiguration(id));
  const open = ["pending", "trying"].includes(load.data?.newest.state ?? "");
  useEffect(() => {
    if (!open) return undefined;
    const timer = setInterval(load.reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [open]);
  const back = html`<a class="link" href=${addressOf("boxes")}><${Icon} name="left" />${t("page.boxes")}</a>`;
  if (load.data === null) {
    return html`<main class="sheet" data-testid="box-config"><div class="sheet__head">${back}</div>
      ${load.status === "loading" ? html`<${Notice} icon="waiting" title=${t("loading")} />`
    : html`<${Notice} icon="offline" title=${t("config.failed")} body=${codeWords(t, "problem", load.problem)} action=${{ label: t("retry"), run: load.reload }} />`}</main>`;
  }
  return html`<main class="sheet" data-testid="box-config" aria-labelledby="config-title">
    <div class="sheet__head">${back}<h2 class="sheet__title" id="config-title">${t("config.title", { box: load.data.name })}</h2></div>
    <${Standing} config=${load.data} />
    ${load.problem && html`<p class="message message--bad" role="alert"><${Icon} name="offline" /><span>${codeWords(t, "problem", load.problem)}</span></p>`}
    <${Editor} key=${id} box=${id} config=${load.data} reload=${load.reload} />
    <${History} box=${id} config=${load.data} restored=${load.reload} />
  </main>`;
}

/** How the newest revision stands, in words. @param {{config: Configuration}} props */
function Standing({ config }) {
  const t = words.value;
  const { newest, online, in_use: inUse } = config;
  if (newest.revision === 0) return html`<p class="message message--note" data-testid="config-state"><${Icon} name="box" /><span>${t("config.state.own")}</span></p>`;
  const [colour, icon] = STATES[newest.state];
  const waits = newest.state === "pending" && !online;
  const said = waits ? t("config.state.away") : t(`config.state.${newest.state}`, { revision: newest.revision, running: inUse ?? 0 });
  return html`<div class=${`message message--${colour === "bad" ? "bad" : "note"} config__state`} data-testid="config-state" data-state=${newest.state} role="status">
    <${Icon} name=${icon} /><div><strong>${said}</strong>${newest.reason && html`<p>${reasonWords(t, newest.reason, newest)}</p>`}
      <p class="sheet__note">${t("config.made", { revision: newest.revision, by: newest.by ?? "", at: moment(Date.parse(newest.at), second.value) })}</p></div></div>`;
}

const draftKey = (box) => `phoan config ${state.peek().user?.username ?? ""} ${box}`;

/** @returns {{base: number, draft: Draft}|null} */
function keptDraft(box) {
  try {
    const kept = JSON.parse(localStorage.getItem(draftKey(box)) ?? "null");
    return Array.isArray(kept?.draft?.document?.cameras) && kept.draft.names && Number.isInteger(kept.base) ? kept : null;
  } catch {
    return null;
  }
}

function keepDraft(box, kept) {
  try {
    if (kept === null) localStorage.removeItem(draftKey(box));
    else localStorage.setItem(draftKey(box), JSON.stringify(kept));
  } catch { /* a browser that keeps nothing loses only the draft */ }
}

/** @param {Configuration} config @returns {Draft} */
const sentDraft = (config) => ({ document: config.newest.document, names: config.newest.names });

/** @param {{box: string, config: Configuration, reload: () => void}} props */
function Editor({ box, config, reload }) {
  const t = words.value;
  const kept = keptDraft(box);
  const [base, setBase] = useState(kept?.base ?? config.newest.revision);
  const [steps, setSteps] = useState(() => begun(kept?.draft ?? sentDraft(config)));
  const [shown, setShown] = useState(/** @type {string|null} */ (null));
  const [faults, setFaults] = useState(/** @type {Record<string, string>} */ ({}));
  const [dialog, setDialog] = useState(/** @type {"send"|"add"|"remove"|"discard"|null} */ (null));
  const draft = steps.now;
  const clean = same(toSend(draft).document, config.newest.document) && same(toSend(draft).names, toSend(sentDraft(config)).names);
  const late = base !== config.newest.revision;

  useEffect(() => {
    if (late && clean) take(config);
  }, [config.newest.revision]);
  useEffect(() => {
    const onKey = (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLInputElement) return;
      if (event.key === "z" || event.key === "Z") { event.preventDefault(); step(event.shiftKey ? redone : undone); }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });

  function put(next) {
    setSteps(next);
    const untouched = same(next.now.document, config.newest.document) && same(next.now.names, config.newest.names);
    keepDraft(box, untouched ? null : { base, draft: next.now });
  }
  const change = (/** @type {Draft} */ next, tag = "") => { setFaults({}); put(changed(steps, next, tag || null)); };
  const step = (how) => put(how(steps));
  function take(/** @type {Configuration} */ from) {
    keepDraft(box, null);
    setBase(from.newest.revision);
    setSteps(begun(sentDraft(from)));
    setFaults({});
  }
  const chosen = draft.document.cameras.findIndex(({ id }) => id === shown);
  const number = chosen >= 0 ? chosen : draft.document.cameras.length > 0 ? 0 : -1;
  const current = draft.document.cameras[number] ?? null;

  return html`<section class="card config" aria-label=${t("config.cameras")}>
    <div class="card__head config__head"><h3 class="card__title">${t("config.cameras")}</h3>
      <div class="sheet__tools">
        <button type="button" class="button button--icon" title=${t("config.undo")} aria-label=${t("config.undo")} data-testid="undo" disabled=${steps.past.length === 0} onClick=${() => step(undone)}><${Icon} name="undo" /></button>
        <button type="button" class="button button--icon config__redo" title=${t("config.redo")} aria-label=${t("config.redo")} data-testid="redo" disabled=${steps.future.length === 0} onClick=${() => step(redone)}><${Icon} name="undo" /></button>
        <button type="button" class="button" disabled=${clean} onClick=${() => setDialog("discard")}>${t("config.discard")}</button>
        <button type="button" class="button button--primary" data-testid="config-send" disabled=${clean || late} onClick=${() => setDialog("send")}><${Icon} name="download" />${t("config.send")}</button>
      </div></div>
    ${!clean && html`<p class="config__draft" role="status" data-testid="config-draft"><${Icon} name="pencil" />${t("config.draft", { n: wholeSummary(sentDraft(config), toSend(draft)).length })}</p>`}
    ${late && !clean && html`<div class="message message--bad config__late" role="alert"><${Icon} name="warning" /><div><p>${t("config.late")}</p>
      <button type="button" class="link" onClick=${() => take(config)}>${t("config.late.take")}</button>
      <button type="button" class="link" onClick=${() => { setBase(config.newest.revision); keepDraft(box, { base: config.newest.revision, draft }); }}>${t("config.late.keep")}</button></div></div>`}
    ${Object.keys(faults).length > 0 && html`<p class="message message--bad config__late" role="alert" data-testid="config-faults"><${Icon} name="warning" /><span>${t("config.faults", { n: Object.keys(faults).length })}
      ${Object.entries(faults).filter(([place]) => !/^(cameras|devices)\./.test(place)).map(([place, code]) => html` <code key=${place}>${place || "document"}: ${code}</code>`)}</span></p>`}
    <div class="config__body">
      <nav class="config__list" aria-label=${t("config.cameras")}>
        ${draft.document.cameras.map((camera, i) => html`<button key=${camera.id} type="button" class="config__item" aria-current=${i === number ? "true" : undefined} data-testid=${`config-item-${camera.id}`}
          onClick=${() => setShown(camera.id)}><${Icon} name="camera" /><span><strong>${nameOf(draft, camera.id)}</strong><small>${t("config.counts", { zones: camera.zones?.length ?? 0, lines: camera.lines?.length ?? 0, rules: camera.rules?.length ?? 0 })}</small></span>
          ${anyWithin(faults, `cameras.${i}`) && html`<span class="chip chip--bad"><${Icon} name="warning" />${t("config.wrong")}</span>`}</button>`)}
        <button type="button" class="button" data-testid="add-camera" onClick=${() => setDialog("add")}><${Icon} name="plus" />${t("config.camera.add")}</button>
      </nav>
      ${current ? html`<${CameraEditor} key=${current.id} draft=${draft} number=${number} sites=${config.sites} faults=${faults} change=${change} remove=${() => setDialog("remove")} />`
    : html`<${Notice} icon="camera" title=${t("config.none")} body=${t("config.none.body")} action=${{ label: t("config.camera.add"), run: () => setDialog("add") }} />`}
    </div>
    <${DeviceList} box=${box} draft=${draft} sites=${config.sites} faults=${faults} change=${change} />
    ${dialog === "send" && html`<${Send} box=${box} base=${base} before=${sentDraft(config)} draft=${draft} onClose=${() => setDialog(null)}
      refused=${(found) => { setFaults(found); setDialog(null); showFirst(found, draft, setShown); }} sent=${() => { keepDraft(box, null); setDialog(null); setSteps(begun(draft)); setBase(base + 1); reload(); }} late=${() => { setDialog(null); reload(); }} />`}
    ${dialog === "add" && html`<${Add} sites=${config.sites} onClose=${() => setDialog(null)}
      add=${(name, site) => { const made = addCamera(draft, name, site, known.value.map((one) => one.id)); change(made.draft); setShown(made.id); setDialog(null); }} />`}
    ${dialog === "remove" && current && html`<${Confirm} title=${t("config.camera.remove")} body=${t("config.camera.remove.body", { name: nameOf(draft, current.id) })} action=${t("config.camera.remove")}
      run=${async () => { change(removeCamera(draft, current.id)); }} onClose=${() => setDialog(null)} />`}
    ${dialog === "discard" && html`<${Confirm} title=${t("config.discard")} body=${t("config.discard.body")} action=${t("config.discard")} run=${async () => take(config)} onClose=${() => setDialog(null)} />`}
  </section>`;
}

/** Opens the first camera at which something is wrong. */
function showFirst(found, draft, show) {
  const number = Object.keys(found).map((place) => /^cameras\.(\d+)/.exec(place)?.[1]).find((one) => one !== undefined);
  if (number !== undefined) show(draft.document.cameras[Number(number)]?.id ?? null);
}

/** The summary of what changes, before it is sent. */
function Send({ box, base, before, draft, refused, sent, late, onClose }) {
  const t = words.value;
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const ready = toSend(draft);
  const lines = wholeSummary(before, ready);

  async function send(event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await sendConfiguration(box, base, ready, note.trim());
      sent();
    } catch (failure) {
      setBusy(false);
      if (failure.document?.errors) refused(faultsByPlace(failure.document.errors));
      else if (failure.code === "changed_meanwhile") late();
      else setProblem(failure.code ?? "unavailable");
    }
  }

  return html`<${Dialog} name="config" label=${t("config.summary")} testid="config-summary" onClose=${onClose} title=${html`<h2 class="dialog__title">${t("config.summary")}</h2>`}>
    <form class="form config__summary" onSubmit=${send}>
      <ul>${lines.map((line, i) => html`<li key=${i}>${sentenceOf(t, line)}</li>`)}</ul>
      <${Field} label=${t("config.note")} value=${note} maxlength="200" name="note" onInput=${(event) => setNote(event.currentTarget.value)} />
      <p class="sheet__note">${t("config.summary.after")}</p>
      <${FormProblem} code=${problem} />
      <div class="dialog__foot"><button type="button" class="button" onClick=${onClose}>${t("cancel")}</button>
        <button type="submit" class="button button--primary" data-testid="config-confirm" disabled=${busy}><${Icon} name="download" />${t("config.send")}</button></div>
    </form><//>`;
}

/** @param {any} t @param {{code: string, camera: string, name?: string, kind?: string}} line */
function sentenceOf(t, { code, camera, name, kind }) {
  return t(`config.change.${code}`, { camera, name: name ?? "", rule: kind ? t(`kind.${kind}`) : "" });
}

function Add({ sites, add, onClose }) {
  const t = words.value;
  const [name, setName] = useState("");
  const [site, setSite] = useState(sites[0]?.id ?? "");
  return html`<${Dialog} name="config" label=${t("config.camera.add")} testid="config-add" onClose=${onClose} title=${html`<h2 class="dialog__title">${t("config.camera.add")}</h2>`}>
    <form class="form config__summary" onSubmit=${(event) => { event.preventDefault(); if (name.trim() && site) add(name.trim(), site); }}>
      <${Field} label=${t("config.name")} value=${name} maxlength="80" required name="new-name" onInput=${(event) => setName(event.currentTarget.value)} />
      <${Field} as="select" label=${t("config.site")} value=${site} onChange=${(event) => setSite(event.currentTarget.value)}>${sites.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}<//>
      <div class="dialog__foot"><button type="button" class="button" onClick=${onClose}>${t("cancel")}</button><button type="submit" class="button button--primary" disabled=${!name.trim()}>${t("config.camera.add")}</button></div>
    </form><//>`;
}
