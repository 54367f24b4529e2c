/**
 * Letting a new box in, for administrators and technicians: a code with what to type on the box, whether it was used, and
 * the codes that are open. And shutting a box out, with a reason.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { enrols, firstPlace, openCodes, placeOfValue, placeValue, stageOf, timeLeft } from "../box-enrolment.js";
import { second } from "../clock.js";
import { useForm } from "../form.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { makeCode, readCodes, revokeBox, withdrawCode } from "../requests/box-enrolment.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { Dialog } from "./dialog.js";
import { Field, FormProblem } from "./field.js";
import { Notice } from "./notice.js";
import { Qr } from "./qr.js";

const LOOK_MS = 3_000;
const STAGES = {
  waiting: ["warn", "waiting"], used: ["warn", "check"], online: ["good", "check"], expired: ["bad", "clock"], withdrawn: ["quiet", "close"],
};
const KINDS = { name: "required", place: "required" };

/** The button and what it opens. @param {{changed: () => void}} props */
export function EnrolBox({ changed }) {
  const t = words.value;
  const [open, setOpen] = useState(false);
  if (!enrols(state.value.user)) return null;
  const close = () => { setOpen(false); changed(); };
  return html`<button type="button" class="button button--primary" data-testid="enrol-box" onClick=${() => setOpen(true)}>
      <${Icon} name="box" />${t("box_enrolment.new")}</button>
    ${open && html`<${Enrolment} onClose=${close} />`}`;
}

/** For one box that is there: a code after its disk died, or shutting it out.
 * @param {{box: import("../advice.js").Box & {access?: string}, changed: () => void}} props */
export function BoxAccess({ box, changed }) {
  const t = words.value;
  const [open, setOpen] = useState(/** @type {"again"|"revoke"|null} */ (null));
  if (!enrols(state.value.user)) return null;
  const close = () => { setOpen(null); changed(); };
  return html`<div class="card__foot enrolment__foot">
    ${box.access === "revoked" && html`<span class="chip chip--bad" data-testid="box-revoked"><${Icon}
      name="close" />${t("box_enrolment.revoked")}</span>`}
    <button type="button" class="button" data-testid="enrol-again"
      aria-label=${`${t("box_enrolment.again")}: ${box.name}`} onClick=${() => setOpen("again")}>${t("box_enrolment.again")}</button>
    ${box.access === "granted" && html`<button type="button" class="button button--danger" data-testid="revoke-box"
      aria-label=${`${t("box_enrolment.revoke")}: ${box.name}`} onClick=${() => setOpen("revoke")}>${t("box_enrolment.revoke")}</button>`}
    ${open === "again" && html`<${Enrolment} box=${box} onClose=${close} />`}
    ${open === "revoke" && html`<${Revoke} box=${box} onClose=${close} />`}
  </div>`;
}

/** @param {{box?: {id: string, name: string}, onClose: () => void}} props */
function Enrolment({ box, onClose }) {
  const t = words.value;
  const codes = useLoad("codes", readCodes);
  const [made, setMade] = useState(/** @type {import("../requests/box-enrolment.js").MadeCode|null} */ (null));
  useEffect(() => {
    const timer = setInterval(codes.reload, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const title = box ? t("box_enrolment.again.title", { name: box.name }) : t("box_enrolment.new");
  return html`<${Dialog} name="enrolment" label=${title} testid="enrolment" onClose=${onClose}
    title=${html`<${Icon} name="box" /><h2 class="dialog__title">${title}</h2>`}>
    <div class="enrolment">
      ${codes.status === "loading" ? html`<${Notice} icon="waiting" title=${t("loading")} />`
        : codes.data === null ? html`<${Notice} icon="offline" title=${t("box_enrolment.failed")}
          body=${codeWords(t, "problem", codes.problem)} action=${{ label: t("retry"), run: codes.reload }} />`
        : !codes.data.set_up ? html`<${Notice} icon="shield" title=${t("box_enrolment.not_set_up")} body=${t("box_enrolment.not_set_up.body")} />`
        : html`${made ? html`<${Made} made=${made} code=${codes.data.items.find(({ id }) => id === made.id)} />`
          : box ? html`<${Again} box=${box} done=${setMade} />` : html`<${New} places=${codes.data.places} done=${setMade} />`}
          <${Open} codes=${codes.data.items} made=${made?.id} changed=${codes.reload} />`}
    </div>
  <//>`;
}

function New({ places, done }) {
  const t = words.value;
  const form = useForm("box enrolment", { name: "", place: firstPlace(places) }, { kinds: KINDS, names: { ward: "place", site: "place" } });
  const send = (event) => form.submit(event, async () => {
    const answer = await makeCode({ name: form.values.name.trim(), ...placeOfValue(form.values.place) });
    form.reset();
    done(answer);
  });
  if (places.length === 0) return html`<${Notice} icon="box" title=${t("box_enrolment.nowhere")} />`;
  return html`<form class="form" data-testid="enrolment-form" novalidate onSubmit=${send}>
    <p class="field__hint">${t("box_enrolment.about")}</p>
    <${Field} ...${form.field("name")} label=${t("box_enrolment.name")} hint=${t("box_enrolment.name.hint")} required
      maxlength="80" data-testid="enrolment-name" />
    <${Field} as="select" ...${form.field("place")} label=${t("box_enrolment.place")} required data-testid="enrolment-place">
      ${places.map((ward) => html`<optgroup key=${ward.id} label=${ward.name}>
        ${ward.sites.map((site) => html`<${Place} key=${site.id} value=${placeValue(ward.id, site.id)} name=${site.name} chosen=${form.values.place} />`)}
        ${ward.whole && html`<${Place} value=${placeValue(ward.id, null)} name=${t("box_enrolment.whole", { name: ward.name })} chosen=${form.values.place} />`}
      </optgroup>`)}<//>
    <${FormProblem} code=${form.faults.whole} />
    <div><button type="submit" class="button button--primary" data-testid="enrolment-submit"
      disabled=${form.busy}>${t("box_enrolment.submit")}</button></div>
  </form>`;
}

function Place({ value, name, chosen }) {
  return html`<option value=${value} selected=${value === chosen}>${name}</option>`;
}

function Again({ box, done }) {
  const t = words.value;
  const form = useForm("box enrolment again", {});
  return html`<form class="form" onSubmit=${(event) => form.submit(event, async () => done(await makeCode({ box: box.id })))}>
    <p>${t("box_enrolment.again.about")}</p>
    <${FormProblem} code=${form.faults.whole} />
    <div><button type="submit" class="button button--primary" data-testid="enrolment-submit"
      disabled=${form.busy}>${t("box_enrolment.submit")}</button></div>
  </form>`;
}

/** A fresh code: large, as a QR code, with its time and what became of it. */
function Made({ made, code }) {
  const t = words.value;
  const now = second.value;
  const stage = code ? stageOf(code, now) : "waiting";
  const [colour, icon] = STAGES[stage];
  const title = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => title.current?.focus(), []);
  return html`<section class="enrolment__made" data-testid="enrolment-made" data-stage=${stage} aria-labelledby="enrolment-code">
    <div class="enrolment__head" role="status"><span class=${`chip chip--${colour}`} data-testid="enrolment-stage"><${Icon}
        name=${icon} />${t(`box_enrolment.stage.${stage}`)}</span>
      ${stage === "waiting" && html`<span class="enrolment__left" aria-hidden="true">${t("box_enrolment.left", { time: timeLeft(made.expires_at, now) })}</span>`}</div>
    ${stage === "waiting" || stage === "used" || stage === "online" ? null
      : html`<p class="message message--bad"><${Icon} name="warning" /><span>${t("box_enrolment.gone")}</span></p>`}
    ${stage === "online" && html`<p class="message message--good"><${Icon} name="check" /><span>${t("box_enrolment.online", { name: code.name })}</span></p>`}
    ${stage === "used" && html`<p class="message message--note"><${Icon} name="waiting" /><span>${t("box_enrolment.used")}</span></p>`}
    ${stage === "waiting" && html`<div class="enrolment__code">
      <${Qr} text=${made.command} label=${t("box_enrolment.qr")} />
      <div class="enrolment__text">
        <h3 id="enrolment-code" class="enrolment__label" tabindex="-1" ref=${title}>${t("box_enrolment.code")}</h3>
        <p class="enrolment__groups" data-testid="enrolment-code">${made.code.split("-").map((group, at) => html`<span
          key=${at}>${group}</span>`)}</p>
        <h3 class="enrolment__label">${t("box_enrolment.command")}</h3>
        <${Command} text=${made.command} />
        <p class="field__hint">${t("box_enrolment.once")}</p>
      </div></div>`}
  </section>`;
}

function Command({ text }) {
  const t = words.value;
  const [copied, setCopied] = useState(/** @type {boolean|null} */ (null));
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false));
  return html`<div class="enrolment__command"><code data-testid="enrolment-command">${text}</code>
    ${navigator.clipboard && html`<button type="button" class="button" onClick=${copy}><${Icon}
      name=${copied ? "check" : "copy"} />${t(copied ? "codes.copied" : "codes.copy")}</button>`}
    <span role="status" class=${copied === false ? "field__hint" : "hidden"}>${copied === false ? t("codes.not_copied") : copied ? t("codes.copied") : ""}</span>
  </div>`;
}

/** Codes that somebody may still use, but the one that is shown above. */
function Open({ codes, made, changed }) {
  const t = words.value;
  const now = second.value;
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const open = openCodes(codes, now).filter(({ id }) => id !== made);
  if (open.length === 0) return null;
  const withdraw = (id) => withdrawCode(id).then(() => { setProblem(null); changed(); }, (failure) => setProblem(failure.code ?? "unavailable"));
  return html`<section class="enrolment__open" aria-labelledby="enrolment-open">
    <h3 id="enrolment-open" class="enrolment__label">${t("box_enrolment.open")}</h3>
    <${FormProblem} code=${problem} />
    <ul data-testid="enrolment-open">${open.map((code) => html`<li key=${code.id} class="enrolment__item">
      <span class="enrolment__what"><strong>${code.name}</strong>
        <small class="field__hint">${[code.site?.name ?? code.ward.name, t("box_enrolment.by", { name: code.made_by })].join(" · ")}</small></span>
      <span class="enrolment__left">${timeLeft(code.expires_at, now)}</span>
      <button type="button" class="button button--danger" data-testid="enrolment-withdraw"
        aria-label=${`${t("box_enrolment.withdraw")}: ${code.name}`} onClick=${() => withdraw(code.id)}>${t("box_enrolment.withdraw")}</button>
    </li>`)}</ul>
  </section>`;
}

function Revoke({ box, onClose }) {
  const t = words.value;
  const form = useForm(`revoke ${box.id}`, { reason: "" }, { kinds: { reason: "reason" } });
  const send = async (event) => {
    if (await form.submit(event, async () => { await revokeBox(box.id, form.values.reason.trim()); })) onClose();
  };
  const title = t("box_enrolment.revoke.title", { name: box.name });
  return html`<${Dialog} name="reason" label=${title} testid="revoke-dialog" onClose=${onClose}
    title=${html`<${Icon} name="warning" /><h2 class="dialog__title">${title}</h2>`}>
    <form class="reason form" novalidate onSubmit=${send}>
      <p>${t("box_enrolment.revoke.about")}</p>
      <${Field} as="textarea" ...${form.field("reason")} label=${t("box_enrolment.reason")} hint=${t("box_enrolment.reason.hint")}
        rows="2" maxlength="300" required data-testid="revoke-reason" />
      <${FormProblem} code=${form.faults.whole} />
      <div class="dialog__foot enrolment__actions"><button type="button" class="button" onClick=${onClose}>${t("cancel")}</button>
        <button type="submit" class="button button--danger" data-testid="revoke-submit" disabled=${form.busy}>${t("box_enrolment.revoke")}</button></div>
    </form>
  <//>`;
}
