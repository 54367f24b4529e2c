/** What is to be said: one of the texts or words of one's own, where, and how it will sound. */
import { useEffect, useState } from "preact/hooks";
import { LONGEST, approval, chosen, emptyDraft, inOrder, lacking, sentence, sitesOf, wishOf } from "../announcements.js";
import { html } from "../html.js";
import { language, words } from "../i18n.js";
import { Icon } from "../icons.js";
import { approveAnnouncement, previewAnnouncement, proposeAnnouncement } from "../requests/announcements.js";
import { Confirm } from "./confirm.js";
import { Field, FormProblem, Done } from "./field.js";
import { FireCall } from "./fire-call.js";

/** @param {{choices: import("../requests/announcements.js").Choices, site: string|undefined, incident: string|null, onSent: () => void}} props */
export function AnnouncementForm({ choices, site, incident, onSent }) {
  const t = words.value;
  const { templates, speakers } = choices;
  const [draft, setDraft] = useState(() => ({ ...emptyDraft(speakers, site), template: /** @type {string|null} */ (null) }));
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const [done, setDone] = useState(/** @type {string|null} */ (null));
  const template = templates.find(({ id }) => id === draft.template) ?? null;
  const siteName = sitesOf(speakers).find(({ id }) => id === draft.site)?.name ?? "";
  const lack = lacking(draft, template, speakers);
  const way = approval(template, choices);
  const change = (changes) => {
    setDraft({ ...draft, ...changes });
    setProblem(null);
    setDone(null);
  };

  async function send() {
    const made = await proposeAnnouncement(wishOf(draft, incident, speakers));
    if (way === "now") await approveAnnouncement(made.id);
    setDone(t(way === "later" ? "announce.sent.later" : "announce.sent.now"));
    setDraft({ ...draft, text: "", stall: "", plate: "" });
    onSent();
  }

  async function sendLater() {
    setBusy(true);
    try {
      await send();
    } catch (failure) {
      setProblem(failure.code ?? "unavailable");
    }
    setBusy(false);
  }

  const say = (event) => {
    event.preventDefault();
    if (lack === null) return way === "later" ? sendLater() : setAsking(true);
  };

  return html`<form class="card announce__form" data-testid="announce-form" onSubmit=${say}>
    <div class="card__head"><${Icon} name="louder" /><h2 class="card__title">${t("announce.new")}</h2></div>
    <div class="card__body form">
      <${Where} draft=${draft} change=${change} speakers=${speakers} />
      <${What} draft=${draft} change=${change} templates=${templates} />
      ${template?.priority === "fire" && html`<${FireCall} />`}
      ${template === null && html`<${Field} label=${t("announce.own")} as="textarea" rows="3" maxlength=${LONGEST} value=${draft.text}
        data-testid="announce-text" hint=${t("announce.own.hint")} onInput=${(event) => change({ text: event.currentTarget.value })} />`}
      <div class="announce__places">${(template?.places ?? []).map((place) => html`<${Field} key=${place} label=${t(`announce.${place}`)} short maxlength="20"
        data-testid=${`announce-${place}`} value=${draft[place]} hint=${t("announce.spelled")} onInput=${(event) => change({ [place]: event.currentTarget.value })} />`)}</div>
      <figure class="announce__said"><figcaption>${t("announce.will_say")}</figcaption>
        <blockquote data-testid="announce-said" lang=${draft.language}>${sentence(draft, template, siteName) || "……"}</blockquote>
        <p class="sheet__note">${t("announce.twice")}</p></figure>
      <${Preview} draft=${draft} lack=${lack} wish=${() => wishOf(draft, incident, speakers)} />
      <${FormProblem} code=${problem} /><${Done} text=${done} />
    </div>
    <div class="card__foot">
      <button type="submit" class=${`button ${template?.priority === "fire" ? "button--danger" : "button--primary"}`} data-testid="announce-send" disabled=${busy || lack !== null}>
        <${Icon} name="louder" />${t(way === "later" ? "announce.send" : "announce.say_now")}</button>
      <span class="sheet__note">${lack ? t(lack) : t(`announce.way.${way}`)}</span>
    </div>
    ${asking && html`<${Confirm} title=${t("announce.confirm", { n: chosen(draft, speakers).length, site: siteName })}
      body=${sentence(draft, template, siteName)} action=${t("announce.say_now")} run=${send} onClose=${() => setAsking(false)} />`}
  </form>`;
}

function Where({ draft, change, speakers }) {
  const t = words.value;
  const sites = sitesOf(speakers);
  const there = speakers.filter(({ site }) => site === draft.site);
  const turn = (id) => change({ silent: draft.silent.includes(id) ? draft.silent.filter((one) => one !== id) : [...draft.silent, id] });
  return html`<${Field} label=${t("announce.site")} as="select" data-testid="announce-site" value=${draft.site}
      onChange=${(event) => change({ site: event.currentTarget.value, silent: [] })}>
      ${sites.map(({ id, name }) => html`<option key=${id} value=${id} selected=${id === draft.site}>${name}</option>`)}<//>
    <fieldset class="announce__speakers"><legend>${t("announce.speakers", { n: there.length - draft.silent.length, all: there.length })}</legend>
      ${there.map(({ id, name }) => html`<label key=${id} class="announce__pick"><input type="checkbox" checked=${!draft.silent.includes(id)}
        onChange=${() => turn(id)} /><span>${name}</span></label>`)}</fieldset>`;
}

function What({ draft, change, templates }) {
  const t = words.value;
  const other = language.value === "vi" ? "vi" : "en";
  return html`<fieldset class="announce__texts"><legend>${t("announce.what")}</legend>
    ${inOrder(templates).map(({ id, name, priority }) => html`<button type="button" key=${id} data-testid="announce-template"
      class=${`announce__text announce__text--${priority}`} aria-pressed=${draft.template === id} onClick=${() => change({ template: id })}>
      <${Icon} name=${priority === "fire" ? "flame" : "louder"} />${name[other]}</button>`)}
    <button type="button" class="announce__text" data-testid="announce-own" aria-pressed=${draft.template === null}
      onClick=${() => change({ template: null })}><${Icon} name="pencil" />${t("announce.own")}</button>
  </fieldset>
  <div class="tabs" role="group" aria-label=${t("announce.language")}>${["vi", "en"].map((code) => html`<button type="button" key=${code} class="tabs__item"
    aria-pressed=${draft.language === code} onClick=${() => change({ language: code })}>${t(`announce.language.${code}`)}</button>`)}</div>`;
}

/** What would be heard, before anybody approves it. */
function Preview({ draft, lack, wish }) {
  const t = words.value;
  const [sound, setSound] = useState(/** @type {string|null} */ (null));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const asked = JSON.stringify(draft);
  useEffect(() => {
    setSound(null);
    setProblem(null);
  }, [asked]);
  useEffect(() => () => { if (sound) URL.revokeObjectURL(sound); }, [sound]);

  async function listen() {
    setBusy(true);
    setProblem(null);
    try {
      setSound(URL.createObjectURL(await previewAnnouncement(wish())));
    } catch (failure) {
      setProblem(failure.code ?? "unavailable");
    }
    setBusy(false);
  }

  return html`<div class="announce__preview">
    <button type="button" class="button" data-testid="announce-preview" disabled=${busy || lack !== null} onClick=${listen}>
      <${Icon} name="play" />${t(busy ? "announce.making" : "announce.listen")}</button>
    ${sound && html`<audio controls autoplay src=${sound} data-testid="announce-sound" aria-label=${t("announce.will_say")}></audio>`}
    <${FormProblem} code=${problem} />
  </div>`;
}
