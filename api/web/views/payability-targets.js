/** What the ward, its kinds of sites and its sites aim at; an empty field lets the wider target count. */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { readPercent } from "../payability.js";
import { readTargets, removeTarget, setTarget } from "../requests/payability.js";
import { codeWords } from "../translate.js";
import { Dialog } from "./dialog.js";

/** @param {{ward: {id: string, name: string, sites: import("../requests/payability.js").Site[]}, onClose: () => void, onChanged: () => void}} props */
export function TargetEditor({ ward, onClose, onChanged }) {
  const t = words.value;
  const load = useLoad(`targets ${ward.id}`, readTargets);
  const kinds = [...new Set(ward.sites.map(({ kind }) => kind))];
  /** @type {{key: string, name: string, place: import("../requests/payability.js").TargetPlace, wider?: string}[]} */
  const places = [
    { key: "ward", name: t("payability.target.ward", { name: ward.name }), place: { ward: ward.id }, wider: String(Math.round(100 * (load.data?.usual ?? 0.9))) },
    ...kinds.map((kind) => ({ key: `kind ${kind}`, name: t("payability.target.kind", { kind: t(`payability.kind.${kind}`) }), place: { ward: ward.id, site_kind: kind } })),
    ...ward.sites.map(({ site, site_name }) => ({ key: `site ${site}`, name: site_name, place: { ward: ward.id, site } })),
  ];
  const held = (place) => load.data?.items.find((one) => one.ward === place.ward && (one.site_kind ?? null) === (place.site_kind ?? null)
    && (one.site ?? null) === (place.site ?? null)) ?? null;
  const changed = (data) => { load.set(data); onChanged(); };
  return html`<${Dialog} label=${t("payability.targets")} name="targets" testid="targets" title=${html`<h2 class="dialog__title">${t("payability.targets")}</h2>`} onClose=${onClose}>
    <div class="targets">
      <p class="sheet__note">${t("payability.targets.body", { n: Math.round(100 * (load.data?.usual ?? 0.9)) })}</p>
      ${load.status === "failed" && html`<p class="message message--bad" role="alert"><${Icon} name="offline" /><span>${codeWords(t, "problem", load.problem)}</span></p>`}
      ${load.data && places.map(({ key, name, place, wider }) => html`<${Row} key=${key} name=${name} place=${place} wider=${wider} target=${held(place)} changed=${changed} />`)}
    </div><//>`;
}

/** @param {{name: string, place: import("../requests/payability.js").TargetPlace, target: import("../requests/payability.js").Target|null,
 *   wider?: string, changed: (data: any) => void}} props */
function Row({ name, place, target, wider, changed }) {
  const t = words.value;
  const shown = (share) => (share === undefined || share === null ? "" : String(Math.round(1000 * share) / 10).replace(".", t("decimal")));
  const [payable, setPayable] = useState(shown(target?.payable));
  const [verified, setVerified] = useState(shown(target?.verified));
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const empty = payable.trim() === "" && verified.trim() === "";
  const same = payable === shown(target?.payable) && verified === shown(target?.verified);

  async function save(event) {
    event.preventDefault();
    setProblem(null);
    const shares = { payable: readPercent(payable), verified: readPercent(verified) };
    if (!empty && (shares.payable === null || shares.verified === null)) {
      setProblem("percent");
      return;
    }
    try {
      if (!empty) changed(await setTarget({ ...place, payable: shares.payable ?? 0, verified: shares.verified ?? 0 }));
      else if (target) changed(await removeTarget(place));
    } catch (failure) {
      setProblem(failure.code ?? "unavailable");
    }
  }

  const field = (label, value, set) => html`<label class="field"><span>${label}</span>
    <input inputmode="decimal" autocomplete="off" maxlength="6" value=${value} placeholder=${wider ?? t("payability.target.wider")} onInput=${(event) => set(event.currentTarget.value)} /></label>`;
  return html`<form class="targets__row" onSubmit=${save} aria-label=${name}><strong class="targets__name">${name}</strong>
    ${field(t("payability.target.payable"), payable, setPayable)}${field(t("payability.target.verified"), verified, setVerified)}
    <button type="submit" class="button" disabled=${same}>${same && target ? html`<${Icon} name="check" />` : ""}${t("payability.target.save")}</button>
    ${problem && html`<p class="message message--bad" role="alert"><${Icon} name="warning" /><span>${problem === "percent" ? t("payability.target.percent") : codeWords(t, "problem", problem)}</span></p>`}</form>`;
}
