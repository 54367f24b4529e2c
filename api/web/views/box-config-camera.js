/** One camera of a box's configuration: where it is, what is drawn on its picture, and what is watched there. */
import { addRule, addShape, anyWithin, nameOf, removeRule, removeShape, renamed, withCamera, withPoints, withRule } from "../box-config.js";
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { pictureAccess } from "../select.js";
import { state } from "../store.js";
import { DrawingBoard, usePicture } from "./box-config-picture.js";
import { Rules } from "./box-config-rules.js";
import { Field } from "./field.js";

/** @typedef {import("../box-config.js").Draft} Draft */

/**
 * @param {{draft: Draft, number: number, sites: {id: string, name: string}[], faults: Record<string, string>,
 *   change: (draft: Draft, tag?: string) => void, remove: () => void}} props
 */
export function CameraEditor({ draft, number, sites, faults, change, remove }) {
  const t = words.value;
  const camera = draft.document.cameras[number];
  const [selected, select] = useState(/** @type {import("./box-config-picture.js").Selected|null} */ (null));
  const picture = usePicture(camera.id, pictureAccess(state.value, camera.id));
  const place = `cameras.${number}`;
  const set = (changes, tag) => change(withCamera(draft, camera.id, changes), `${camera.id} ${tag}`);
  const fault = (field) => faults[`${place}.${field}`] ?? null;

  const incomplete = camera.url === "rtsp://" || ["id", "site", "url", "sub_url"].some((field) => fault(field) !== null);

  const [opened, setOpened] = useState(incomplete);
  useEffect(() => { if (incomplete) setOpened(true); }, [incomplete]);

  const add = (kind, name) => {
    const made = addShape(draft, camera.id, kind, name);
    change(made.draft);
    select({ kind, part: made.part });
  };
  const draw = (kind, part, points, tag) =>
    change(kind === "arrows" ? withRule(draft, camera.id, part, { direction: points }) : withPoints(draft, camera.id, kind, part, points), tag || undefined);

  return html`<div class="config__camera" data-testid=${`config-camera-${camera.id}`}>
    <div class="config__draw">
      <div class="config__picture">
        <${DrawingBoard} draft=${draft} camera=${camera} selected=${selected} select=${select} change=${draw} picture=${picture} />
        <div class="config__tools">
          <button type="button" class="button" data-testid="add-zone" onClick=${() => add("zones", t("config.zone.fresh", { n: (camera.zones ?? []).length + 1 }))}><${Icon} name="plus" />${t("config.zone.add")}</button>
          <button type="button" class="button" data-testid="add-line" onClick=${() => add("lines", t("config.line.fresh", { n: (camera.lines ?? []).length + 1 }))}><${Icon} name="plus" />${t("config.line.add")}</button>
          <button type="button" class="button" data-testid="add-mask" onClick=${() => add("masks", "")}><${Icon} name="plus" />${t("config.mask.add")}</button>
          ${picture.offered && html`<button type="button" class="button" data-testid="picture-again" onClick=${picture.again}><${Icon} name="camera" />${t("config.picture.again")}</button>`}
        </div>
      </div>
      <div class="config__shapes">
        ${["zones", "lines"].map((kind) => (camera[kind] ?? []).map((shape, index) => html`<${ShapeCard} key=${`${kind} ${shape.id}`} draft=${draft} camera=${camera} kind=${kind} shape=${shape}
          place=${place} index=${index} open=${selected?.kind === kind && selected.part === shape.id} select=${select} change=${change} faults=${faults} />`))}
        ${(camera.masks ?? []).map((_, i) => html`<div key=${`mask ${i}`} class="shape"><div class="shape__head"><button type="button" class="shape__name" aria-expanded=${selected?.kind === "masks" && selected.part === String(i)}
          onClick=${() => select({ kind: "masks", part: String(i) })}><i class="shape__sign shape__sign--masks"></i>${t("config.mask", { n: i + 1 })}</button>
          <button type="button" class="link" onClick=${() => { select(null); change(removeShape(draft, camera.id, "masks", String(i))); }}><${Icon} name="close" />${t("config.remove")}</button></div>
          ${anyWithin(faults, `${place}.masks.${i}`) && html`<p class="field__fault"><${Icon} name="warning" />${t("fault.field.invalid")}</p>`}</div>`)}
        ${!(camera.zones?.length || camera.lines?.length || camera.masks?.length) && html`<p class="sheet__note">${t("config.no_shapes")}</p>`}
      </div>
    </div>
    <details class="config__details" open=${opened} onToggle=${(event) => setOpened(event.currentTarget.open)}><summary><${Icon} name="down" /><strong>${t("config.details")}</strong>
      <span class="sheet__note">${[sites.find(({ id }) => id === camera.site)?.name, camera.url].filter(Boolean).join(" · ")}</span></summary>
    <div class="config__fields">
        <${Field} label=${t("config.name")} value=${nameOf(draft, camera.id)} maxlength="80" name="name" hint=${t("config.id", { id: camera.id })}
          fault=${nameOf(draft, camera.id).trim() === "" ? "missing" : fault("id")} onInput=${(event) => change(renamed(draft, camera.id, event.currentTarget.value), `${camera.id} name`)} />
        <${Field} as="select" label=${t("config.site")} value=${camera.site} fault=${fault("site")} onChange=${(event) => set({ site: event.currentTarget.value }, "site")}>
          ${sites.map((site) => html`<option key=${site.id} value=${site.id}>${site.name}</option>`)}<//>
        <${Field} label=${t("config.url")} value=${camera.url} fault=${fault("url")} hint=${t("config.url.hint")} spellcheck=${false} autocomplete="off" name="url" onInput=${(event) => set({ url: event.currentTarget.value.trim() }, "url")} />
        <${Field} label=${t("config.sub_url")} value=${camera.sub_url ?? ""} fault=${fault("sub_url")} hint=${t("config.sub_url.hint")} spellcheck=${false} autocomplete="off" name="sub_url"
          onInput=${(event) => set({ sub_url: event.currentTarget.value.trim() || undefined }, "sub_url")} />
      </div>
    </details>
    ${(camera.payment_points?.length ?? 0) > 0 && html`<p class="sheet__note">${t("config.payment_points", { n: camera.payment_points.length })}</p>`}
    <div class="config__remove"><button type="button" class="button button--danger" data-testid="remove-camera" onClick=${remove}><${Icon} name="close" />${t("config.camera.remove")}</button></div>
  </div>`;
}

function ShapeCard({ draft, camera, kind, shape, place, index, open, select, change, faults }) {
  const t = words.value;
  const watching = (camera.rules ?? []).map((rule, i) => ({ rule, place: `${place}.rules.${i}` })).filter(({ rule }) => (kind === "zones" ? rule.zone : rule.line) === shape.id);
  const wrong = anyWithin(faults, `${place}.${kind}.${index}`) || watching.some((one) => anyWithin(faults, one.place));
  const name = draft.names[camera.id]?.[kind]?.[shape.id] ?? shape.id;
  return html`<section class=${`shape ${open ? "shape--open" : ""}`} data-testid=${`card-${kind}-${shape.id}`}>
    <div class="shape__head"><button type="button" class="shape__name" aria-expanded=${open} onClick=${() => select(open ? null : { kind, part: shape.id })}>
      <i class=${`shape__sign shape__sign--${kind}`}></i>${name || shape.id}</button>
      ${wrong && html`<span class="chip chip--bad"><${Icon} name="warning" />${t("config.wrong")}</span>`}
      <span class="sheet__note">${watching.length > 0 ? watching.map(({ rule }) => t(`kind.${rule.kind}`)).join(", ") : t("config.no_rules")}</span></div>
    ${open && html`<div class="shape__body">
      <${Field} label=${t(`config.${kind}.name`)} value=${name} maxlength="80" name="shape-name" fault=${name.trim() === "" ? "missing" : null}
        onInput=${(event) => change(renamed(draft, camera.id, event.currentTarget.value, kind, shape.id), `${shape.id} name`)} />
      ${kind === "lines" && html`<p class="sheet__note">${t("config.line.arrow")}</p>
        <button type="button" class="button" onClick=${() => change(withPoints(draft, camera.id, "lines", shape.id, [...(shape.points ?? [])].reverse()))}><${Icon} name="undo" />${t("config.line.turn")}</button>`}
      ${anyWithin(faults, `${place}.${kind}.${index}`) && html`<p class="field__fault"><${Icon} name="warning" />${t("fault.field.shape")}</p>`}
      <${Rules} rules=${watching} kind=${kind} faults=${faults} add=${(rule) => change(addRule(draft, camera.id, rule, shape.id))}
        change=${(rule, changes, tag) => change(withRule(draft, camera.id, rule, changes), tag)} remove=${(rule) => change(removeRule(draft, camera.id, rule))}
        arrow=${(rule) => select({ kind: "arrows", part: rule })} />
      <button type="button" class="link link--bad" onClick=${() => { select(null); change(removeShape(draft, camera.id, kind, shape.id)); }}><${Icon} name="close" />${t(`config.${kind}.remove`)}</button>
    </div>`}
  </section>`;
}
