/** The devices that a box reads: smoke detectors, meters, soundboxes; which there are and how each is known. */
import { useState } from "preact/hooks";
import { anyWithin, nameOf, readNumber, renamed } from "../box-config.js";
import { DIALECTS, KINDS, addDevice, devicesOf, gateways, listed, removeDevice, withDevice, withDevices } from "../box-devices.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { readRevision } from "../requests/box-config.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { Dialog } from "./dialog.js";
import { Field, FormProblem } from "./field.js";

const ICONS = {
  smoke: "flame", heat: "flame", gas: "flame", water: "drop", door: "door", plug: "power", meter: "power", ups: "power", soundbox: "sound", pos: "qr",
};

/** @typedef {import("../box-config.js").Draft} Draft @typedef {import("../box-devices.js").Device} Device */

/**
 * @param {{box: string, draft: Draft, sites: {id: string, name: string}[], faults: Record<string, string>,
 *   change: (draft: Draft, tag?: string) => void}} props
 */
export function DeviceList({ box, draft, sites, faults, change }) {
  const t = words.value;
  const [shown, show] = useState(/** @type {string|null} */ (null));
  const [adding, setAdding] = useState(false);
  const devices = devicesOf(draft);
  if (devices === undefined) return html`<${FromTheBox} box=${box} draft=${draft} sites=${sites} change=${change} />`;
  const add = (name, kind, site) => {
    const made = addDevice(draft, name, kind, site, Object.keys(state.value.devices));
    change(made.draft);
    show(made.id);
    setAdding(false);
  };
  return html`<section class="config__devices" aria-labelledby="config-devices" data-testid="config-devices">
    <h3 class="card__title" id="config-devices">${t("config.devices")}</h3>
    <p class="sheet__note">${t("config.devices.about")}</p>
    ${listed(draft).length === 0 && html`<p class="sheet__note">${t("config.devices.none")}</p>`}
    ${listed(draft).map((device, number) => html`<${DeviceCard} key=${device.id} draft=${draft} device=${device} sites=${sites} faults=${faults} place=${`devices.list.${number}`}
      open=${shown === device.id} toggle=${() => show(shown === device.id ? null : device.id)} change=${change} />`)}
    <div class="config__tools"><button type="button" class="button" data-testid="add-device" onClick=${() => setAdding(true)}><${Icon} name="plus" />${t("config.device.add")}</button></div>
    <div class="config__fields">
      <${Field} as="select" label=${t("config.devices.site")} hint=${t("config.devices.site.hint")} value=${devices?.site ?? ""} fault=${faults["devices.site"] ?? null}
        onChange=${(event) => change(withDevices(draft, { site: event.currentTarget.value || undefined }), "devices site")}><${Sites} sites=${sites} none=${t("config.devices.site.none")} /><//>
      <${Field} as="select" label=${t("config.devices.adopt")} hint=${t("config.devices.adopt.hint")} value=${devices?.adopt ? "yes" : ""} fault=${faults["devices.adopt"] ?? null}
        onChange=${(event) => change(withDevices(draft, { adopt: event.currentTarget.value ? {} : undefined }), "devices adopt")}>
        <option value="">${t("config.devices.adopt.no")}</option><option value="yes">${t("config.devices.adopt.yes")}</option><//>
    </div>
    ${adding && html`<${Add} sites=${sites} usual=${devices?.site ?? ""} add=${add} onClose=${() => setAdding(false)} />`}
  </section>`;
}

/** Before the centre says anything of devices, the box reads those of its own file; to change them begins with these. */
function FromTheBox({ box, draft, sites, change }) {
  const t = words.value;
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const begin = (devices) => change({ ...draft, document: { ...draft.document, devices: devices ?? { site: sites[0]?.id, list: [] } } });
  const fetched = () => readRevision(box, 0).then(({ document }) => begin(document.devices), (failure) => {
    if (failure.status === 404) begin(null);
    else setProblem(failure.code ?? "unavailable");
  });
  return html`<section class="config__devices" aria-labelledby="config-devices" data-testid="config-devices">
    <h3 class="card__title" id="config-devices">${t("config.devices")}</h3>
    <p class="sheet__note">${t("config.devices.own")}</p><${FormProblem} code=${problem} />
    <div class="config__tools"><button type="button" class="button" data-testid="take-devices" onClick=${fetched}><${Icon} name="pencil" />${t("config.devices.take")}</button></div>
  </section>`;
}

function DeviceCard({ draft, device, sites, faults, place, open, toggle, change }) {
  const t = words.value;
  const name = nameOf(draft, device.id);
  const site = device.site ?? devicesOf(draft)?.site ?? "";
  const fault = (field) => faults[`${place}.${field}`] ?? null;
  const set = (field, value) => change(withDevice(draft, device.id, { [field]: value }), `${device.id} ${field}`);
  const over = gateways(draft, device.id);
  const cameras = draft.document.cameras.filter((camera) => camera.site === site || camera.id === device.camera);
  const isGateway = device.kind === "gateway" || device.gateway === true;
  return html`<section class=${`shape ${open ? "shape--open" : ""}`} data-testid=${`device-${device.id}`}>
    <div class="shape__head"><button type="button" class="shape__name" aria-expanded=${open} onClick=${toggle}><${Icon} name=${isGateway ? "box" : ICONS[device.kind] ?? "online"} />${name}</button>
      ${anyWithin(faults, place) && html`<span class="chip chip--bad"><${Icon} name="warning" />${t("config.wrong")}</span>`}
      <span class="sheet__note">${[codeWords(t, "device.kind", device.kind), sites.find(({ id }) => id === site)?.name].filter(Boolean).join(" · ")}</span></div>
    ${open && html`<div class="shape__body"><div class="config__fields">
      <${Field} label=${t("config.device.name")} value=${name} maxlength="80" name="device-name" hint=${t("config.id", { id: device.id })} fault=${name.trim() === "" ? "missing" : fault("id")}
        onInput=${(event) => change(renamed(draft, device.id, event.currentTarget.value), `${device.id} name`)} />
      <${Field} as="select" label=${t("config.device.kind")} value=${device.kind} fault=${fault("kind")} onChange=${(event) => set("kind", event.currentTarget.value)}><${Kinds} kind=${device.kind} /><//>
      <${Field} as="select" label=${t("config.site")} value=${device.site ?? ""} fault=${fault("site")} onChange=${(event) => set("site", event.currentTarget.value || undefined)}>
        <${Sites} sites=${sites} none=${t("config.device.site.common")} /><//>
      <${Field} as="select" label=${t("config.device.dialect")} value=${device.dialect ?? "own"} fault=${fault("dialect")} onChange=${(event) => set("dialect", event.currentTarget.value)}>
        ${DIALECTS.map((one) => html`<option key=${one} value=${one}>${t(`config.dialect.${one}`)}</option>`)}<//>
      <${Field} label=${t("config.device.address")} hint=${t("config.device.address.hint")} value=${device.address ?? ""} fault=${fault("address")} spellcheck=${false} autocomplete="off" maxlength="120" name="device-address"
        onInput=${(event) => set("address", event.currentTarget.value.trim() || undefined)} />
      ${!isGateway && html`<${Field} as="select" label=${t("config.device.gateway")} value=${device.gateway ?? ""} fault=${fault("gateway")} onChange=${(event) => set("gateway", event.currentTarget.value || undefined)}>
        <option value="">${t("config.device.gateway.none")}</option>${over.map((one) => html`<option key=${one.id} value=${one.id}>${nameOf(draft, one.id)}</option>`)}<//>`}
      <${Field} as="select" label=${t("config.device.camera")} value=${device.camera ?? ""} fault=${fault("camera")} onChange=${(event) => set("camera", event.currentTarget.value || undefined)}>
        <option value="">${t("config.device.camera.none")}</option>${cameras.map((one) => html`<option key=${one.id} value=${one.id}>${nameOf(draft, one.id)}</option>`)}<//>
      <${Period} value=${device.period_s} fault=${fault("period_s")} set=${(value) => set("period_s", value)} />
    </div>
    <button type="button" class="link link--bad" data-testid="remove-device" onClick=${() => change(removeDevice(draft, device.id))}><${Icon} name="close" />${t("config.device.remove")}</button></div>`}
  </section>`;
}

/** Keeps what is typed while it is no number yet. */
function Period({ value, fault, set }) {
  const t = words.value;
  const [typed, setTyped] = useState(/** @type {string|null} */ (null));
  const shown = typed ?? (value === undefined ? "" : String(value).replace(".", t("decimal")));
  const wrong = shown !== "" && (readNumber(shown) ?? 0) <= 0;
  const take = (text) => {
    setTyped(text);
    const read = readNumber(text);
    if (text.trim() === "") set(undefined);
    else if (read !== null && read > 0) set(read);
  };
  return html`<${Field} label=${t("config.device.period")} hint=${t("config.device.period.hint")} inputmode="decimal" autocomplete="off" maxlength="8" name="device-period" value=${shown}
    fault=${wrong ? "range" : fault} onInput=${(event) => take(event.currentTarget.value)} onBlur=${() => setTyped(null)} />`;
}

function Kinds({ kind }) {
  const t = words.value;
  const kinds = KINDS.includes(kind) ? KINDS : [kind, ...KINDS];
  return kinds.map((one) => html`<option key=${one} value=${one} selected=${one === kind}>${codeWords(t, "device.kind", one)}</option>`);
}

function Sites({ sites, none }) {
  return html`<option value="">${none}</option>${sites.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}`;
}

function Add({ sites, usual, add, onClose }) {
  const t = words.value;
  const [name, setName] = useState("");
  const [kind, setKind] = useState("smoke");
  const [site, setSite] = useState(usual || sites[0]?.id || "");
  return html`<${Dialog} name="config" label=${t("config.device.add")} testid="device-add" onClose=${onClose} title=${html`<h2 class="dialog__title">${t("config.device.add")}</h2>`}>
    <form class="form config__summary" onSubmit=${(event) => { event.preventDefault(); if (name.trim() && site) add(name.trim(), kind, site); }}>
      <${Field} label=${t("config.device.name")} value=${name} maxlength="80" required name="new-device" onInput=${(event) => setName(event.currentTarget.value)} />
      <${Field} as="select" label=${t("config.device.kind")} value=${kind} name="new-device-kind" onChange=${(event) => setKind(event.currentTarget.value)}><${Kinds} kind=${kind} /><//>
      <${Field} as="select" label=${t("config.site")} value=${site} onChange=${(event) => setSite(event.currentTarget.value)}>${sites.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}<//>
      <div class="dialog__foot"><button type="button" class="button" onClick=${onClose}>${t("cancel")}</button><button type="submit" class="button button--primary" disabled=${!name.trim()}>${t("config.device.add")}</button></div>
    </form><//>`;
}
