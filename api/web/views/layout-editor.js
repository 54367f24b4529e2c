/** Making and changing a layout: a name, so many slots, a camera for each, and with whom it is shared. */
import { useEffect, useRef, useState } from "preact/hooks";
import { choose, draft, layouts, loadLayouts } from "../arrangement.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { SIZES, completed, placed, resized } from "../layout.js";
import { addLayout, changeLayout, chooseDefault, removeLayout } from "../requests/layouts.js";
import { cameras, state } from "../store.js";
import { codeWords } from "../translate.js";
import { Dialog } from "./dialog.js";

const ROLES = ["police", "operator", "viewer", "technician", "admin"];
const SHARES = ["admin", "operator"];

export function LayoutEditor() {
  return draft.value && html`<${Editor} key=${draft.value.id} />`;
}

function Editor() {
  const t = words.value;
  const it = /** @type {import("../layout.js").Draft} */ (draft.value);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const [busy, setBusy] = useState(false);
  const [first, setFirst] = useState(it.id !== null && layouts.peek().first === it.id);
  const known = layouts.value.items.find(({ id }) => id === it.id);
  const mayChange = known !== undefined && (known.mine || state.value.user?.role === "admin");
  const change = (part) => { draft.value = { ...it, ...part }; };

  async function act(doing) {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const shown = await doing();
      await loadLayouts();
      draft.value = null;
      choose(shown);
    } catch (failure) {
      if (failure.code === "changed_meanwhile") void loadLayouts();
      setProblem(failure.code ?? "unavailable");
      setBusy(false);
    }
  }
  async function save(anew) {
    const saved = anew || it.id === null ? await addLayout(wanted(it)) : await changeLayout(it.id, wanted(it), it.version ?? 0);
    if (first !== (layouts.peek().first === saved.id)) await chooseDefault(first ? saved.id : null);
    return saved.id;
  }
  async function remove() {
    await removeLayout(/** @type {string} */ (it.id));
    return "all";
  }
  const submit = (event) => { event.preventDefault(); void act(() => save(!mayChange)); };

  return html`<${Dialog} name="layout" label=${t("layout.edit")} testid="layout-editor" onClose=${() => { draft.value = null; }}
    title=${html`<${Icon} name="grid" /><h2 class="dialog__title">${t(it.id === null ? "layout.new" : "layout.edit")}</h2>`}>
    <form class="layout-form" onSubmit=${submit}>
      <div class="layout-form__head">
        <label class="field"><span>${t("layout.name")}</span><input data-testid="layout-name" required maxlength="60" value=${it.name}
          placeholder=${t("layout.name.hint")} onInput=${(event) => change({ name: event.currentTarget.value })} /></label>
        <${Share} it=${it} change=${change} />
        <div class="field"><span id="layout-sizes">${t("layout.sizes")}</span>
          <div class="tabs" role="group" aria-labelledby="layout-sizes">${SIZES.map((n) => html`<button key=${n} type="button"
            class="tabs__item" aria-pressed=${it.tiles === n}
              onClick=${() => change({ tiles: n, cameras: resized(it.cameras, n) })}>${n}</button>`)}</div></div>
      </div>
      <${Slots} it=${it} change=${change} />
      <div class="layout-form__more">
        <label class="check"><input type="checkbox" checked=${it.follow_alerts}
          onChange=${(event) => change({ follow_alerts: event.currentTarget.checked })} />
          <span>${t("layout.follow.check")}</span></label>
        <label class="check"><input type="checkbox" checked=${first} onChange=${(event) => setFirst(event.currentTarget.checked)} />
          <span>${t("layout.first")}</span></label>
      </div>
      ${problem && html`<p class="message message--bad" role="alert"><${Icon}
        name="warning" /><span>${codeWords(t, "problem", problem)}</span></p>`}
      <div class="layout-form__foot">
        ${mayChange && html`<button type="button" class="button button--danger" disabled=${busy}
          onClick=${() => act(remove)}>${t("layout.remove")}</button>`}
        ${mayChange && html`<button type="button" class="button" disabled=${busy || !it.name.trim()}
          onClick=${() => act(() => save(true))}>${t("layout.save.anew")}</button>`}
        <button type="submit" class="button button--primary" data-testid="layout-save"
          disabled=${busy || !it.name.trim()}>${t("layout.save")}</button>
      </div>
    </form>
  <//>`;
}

/** Only some roles arrange walls for others. */
function Share({ it, change }) {
  const t = words.value;
  if (!SHARES.includes(state.value.user?.role ?? "")) return null;
  return html`<label class="field"><span>${t("layout.share")}</span>
    <select value=${it.role} onChange=${(event) => change({ role: event.currentTarget.value })}>
      <option value="">${t("layout.share.none")}</option>
      ${ROLES.map((role) => html`<option key=${role}
        value=${role}>${t("layout.share.role", { role: codeWords(t, "role", role) })}</option>`)}
    </select></label>`;
}

function Slots({ it, change }) {
  const t = words.value;
  const grid = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => { grid.current?.querySelectorAll("select")[it.slot]?.focus(); }, []);
  const sites = [...new Map(cameras.value.map(({ site }) => [site.id, site.name]))];
  const drop = (event, slot) => {
    event.preventDefault();
    const from = Number.parseInt(event.dataTransfer.getData("text/plain"), 10);
    if (it.cameras[from] !== undefined) change({ cameras: placed(it.cameras, slot, it.cameras[from]) });
  };
  return html`<div class="layout-form__slots">
    <div class="layout-form__bar"><p class="field__hint">${t("layout.slots.hint")}</p>
      <button type="button" class="link"
        onClick=${() => change({ cameras: completed(it.cameras, cameras.value.map(({ id }) => id)) })}>${t("layout.complete")}</button>
      <button type="button" class="link"
        onClick=${() => change({ cameras: it.cameras.map(() => null) })}>${t("layout.clear")}</button></div>
    <div ref=${grid} class=${`layout-form__grid layout-form__grid--${it.tiles}`}>${it.cameras.map((camera, slot) => html`<label key=${slot}
      class=${`slot ${camera ? "slot--full" : ""}`} draggable=${camera !== null}
      onDragStart=${(event) => event.dataTransfer.setData("text/plain", String(slot))}
      onDragOver=${(event) => event.preventDefault()} onDrop=${(event) => drop(event, slot)}>
      <span class="slot__name">${t("layout.slot", { n: slot + 1 })}</span>
      <select data-testid=${`slot-${slot + 1}`} value=${camera ?? ""}
        onChange=${(event) => change({ cameras: placed(it.cameras, slot, event.currentTarget.value || null) })}>
        <option value="">${t("layout.slot.empty")}</option>
        ${sites.map(([id, name]) => html`<optgroup key=${id} label=${name}>${cameras.value.filter(({ site }) => site.id === id).map((one) =>
          html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}</optgroup>`)}
      </select></label>`)}</div>
  </div>`;
}

/** What the centre keeps. A layout of one ward's cameras is shared in that ward only.
 * @param {import("../layout.js").Draft} draft @returns {import("../requests/layouts.js").Wanted} */
function wanted({ name, tiles, cameras: slots, follow_alerts, role }) {
  const wards = [...new Set(cameras.peek().map(({ ward }) => ward.id))];
  const shared = role === "" ? {} : { role, ...(wards.length === 1 ? { ward: wards[0] } : {}) };
  return { name: name.trim(), tiles, cameras: slots, follow_alerts, ...shared };
}
