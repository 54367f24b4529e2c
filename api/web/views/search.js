/** The search for alerts: one box for places and kinds, filters beside it, and results that open where they happened. */
import { useEffect, useRef, useState } from "preact/hooks";
import { second } from "../clock.js";
import { matches } from "../fold.js";
import { html } from "../html.js";
import { codesOf, words } from "../i18n.js";
import { Icon } from "../icons.js";
import { kindNames } from "../kinds.js";
import { go } from "../navigation.js";
import { searchEvents } from "../requests/places.js";
import { isBackwards, parametersOf, readSearch, writeSearch } from "../search.js";
import { cameras, state } from "../store.js";
import { codeWords } from "../translate.js";
import { Day } from "./day.js";
import { Results } from "./search-results.js";

/** @typedef {import("../search.js").Search} Search */

const PAGE = 50;
const NOTHING = { items: /** @type {import("../types.js").Alert[]} */ ([]), cursor: /** @type {string|null} */ (null), status: "loading", problem: "" };
const PAUSE_MS = 350;
const WHENS = ["today", "yesterday", "week", "month", "all", "span"];
const SEVERITIES = ["", "medium", "high", "critical"];
const MOST_SUGGESTED = 6;

/** @param {{query: Record<string, string>}} props */
export function SearchPage({ query }) {
  const t = words.value;
  const search = readSearch(query);
  const names = kindNames(t, codesOf("kind"));
  const change = (part) => go("search", null, writeSearch({ ...search, ...part }), { replace: true });
  const results = useResults(search, names);
  return html`<main class="sheet search" data-testid="search" aria-label=${t("page.search")}>
    <h1 class="hidden">${t("page.search")}</h1>
    <${Box} search=${search} change=${change} names=${names} />
    <${Filters} search=${search} change=${change} />
    <${Results} results=${results} search=${search} change=${change} />
  </main>`;
}

/** What was found so far, page by page. A later search drops the answers of the one before.
 * @returns {import("./search-results.js").Found} */
function useResults(search, names) {
  const parameters = parametersOf(search, names, second.peek());
  const key = isBackwards(search) ? "" : `?${JSON.stringify(writeSearch(search))}`;
  const [held, setHeld] = useState(NOTHING);
  const current = useRef(key);
  current.current = key;
  async function fetch(cursor) {
    setHeld((old) => (cursor === null ? NOTHING : { ...old, status: "older" }));
    try {
      const { items, next_cursor: next } = await searchEvents(parameters, cursor, PAGE);
      if (current.current !== key) return;
      setHeld((old) => ({ items: [...(cursor === null ? [] : old.items), ...items], cursor: next ?? null, status: "ready", problem: "" }));
    } catch (problem) {
      const status = cursor === null ? "failed" : "older failed";
      if (current.current === key) setHeld((old) => ({ ...old, status, problem: problem.code ?? "unavailable" }));
    }
  }
  useEffect(() => { if (key !== "") void fetch(null); }, [key]);
  return { ...held, parameters, again: () => fetch(null), older: () => fetch(held.cursor) };
}

function Box({ search, change, names }) {
  const t = words.value;
  const [text, setText] = useState(search.text);
  const input = useRef(/** @type {HTMLInputElement|null} */ (null));
  useEffect(() => setText(search.text), [search.text]);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    if (text === search.text) return undefined;
    const timer = setTimeout(() => change({ text }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const submit = (event) => { event.preventDefault(); change({ text }); };
  const take = (part) => { setText(""); change({ ...part, text: "" }); };
  return html`<form class="search__box" role="search" onSubmit=${submit}>
    <label class="search__field"><${Icon} name="search" /><span class="hidden">${t("search.box")}</span>
      <input ref=${input} type="search" data-testid="search-text" placeholder=${t("search.hint")} maxlength="100" autocomplete="off"
        spellcheck=${false}
        value=${text} onInput=${(event) => setText(event.currentTarget.value)} /></label>
    <${Suggestions} text=${text} search=${search} names=${names} take=${take} />
  </form>`;
}

/** Kinds, places and cameras that the text may mean, to choose one exactly; and what is chosen already. */
function Suggestions({ text, search, names, take }) {
  const t = words.value;
  const offered = text.trim() === "" ? [] : offers(t, text, search, names).slice(0, MOST_SUGGESTED);
  const chosen = choices(t, search);
  if (offered.length + chosen.length === 0) return null;
  return html`<div class="search__chips" aria-label=${t("search.suggestions")} role="group">
    ${chosen.map(({ key, icon, label, part }) => html`<button key=${`chosen ${key}`} type="button" class="chip search__chip search__chip--chosen"
      title=${t("search.drop", { name: label })} onClick=${() => take({ ...part, text })}><${Icon} name=${icon} />${label}<${Icon} name="close" /></button>`)}
    ${offered.map(({ key, icon, label, part }) => html`<button key=${key} type="button" class="chip search__chip" data-testid="suggestion"
      onClick=${() => take(part)}><${Icon} name=${icon} />${label}</button>`)}
  </div>`;
}

/** @typedef {{key: string, icon: string, label: string, part: Partial<Search>}} Chip `part`: what pressing it changes */

/** @returns {Chip[]} */
function offers(t, text, { kinds, site, camera }, names) {
  const sites = [...new Map(cameras.value.map((one) => [one.site.id, one.site])).values()];
  const meant = Object.keys(names).filter((kind) => !kinds.includes(kind) && names[kind].some((name) => matches(text, name)));
  const places = sites.filter(({ id, name }) => id !== site && matches(text, name));
  const eyes = cameras.value.filter(({ id, name }) => id !== camera && matches(text, name));
  return [
    ...meant.map((kind) => ({ key: `kind ${kind}`, icon: "bell", label: codeWords(t, "kind", kind), part: { kinds: [...kinds, kind] } })),
    ...places.map(({ id, name }) => ({ key: `site ${id}`, icon: "place", label: name, part: { site: id, camera: "" } })),
    ...eyes.map(({ id, name }) => ({ key: `camera ${id}`, icon: "camera", label: name, part: { camera: id } })),
  ];
}

/** @returns {Chip[]} */
function choices(t, { kinds, camera }) {
  const name = state.value.cameras[camera]?.name ?? camera;
  return [
    ...kinds.map((kind) => ({
      key: `kind ${kind}`, icon: "bell", label: codeWords(t, "kind", kind), part: { kinds: kinds.filter((one) => one !== kind) },
    })),
    ...(camera ? [{ key: "camera", icon: "camera", label: name, part: { camera: "" } }] : []),
  ];
}

function Filters({ search, change }) {
  const t = words.value;
  const sites = [...new Map(cameras.value.map(({ site }) => [site.id, site.name]))];
  return html`<div class="filters search__filters">
    <div class="tabs search__when" role="group" aria-label=${t("search.when")}>${WHENS.map((when) => html`<button key=${when}
      type="button" class="tabs__item"
      aria-pressed=${search.when === when} data-testid=${`when-${when}`}
        onClick=${() => change({ when })}>${t(`search.when.${when}`)}</button>`)}</div>
    ${search.when === "span" && html`<div class="field field--short"><span>${t("search.from")}</span>
        <${Day} value=${search.from} label=${t("search.from")} onChange=${(from) => change({ from })} /></div>
      <div class="field field--short"><span>${t("search.to")}</span>
        <${Day} value=${search.to} label=${t("search.to")} onChange=${(to) => change({ to })} /></div>`}
    <label class="field"><span>${t("search.severity")}</span><select data-testid="search-severity" value=${search.severity}
      onChange=${(event) => change({ severity: event.currentTarget.value })}>
      ${SEVERITIES.map((severity) => html`<option key=${severity}
        value=${severity}>${least(t, severity)}</option>`)}</select></label>
    <label class="field"><span>${t("search.site")}</span><select data-testid="search-site" value=${search.site}
      onChange=${(event) => change({ site: event.currentTarget.value })}>
      <option value="">${t("search.site.any")}</option>${sites.map(([id, name]) => html`<option key=${id}
        value=${id}>${name}</option>`)}</select></label>
    <label class="check search__clip"><input type="checkbox" checked=${search.clip}
      onChange=${(event) => change({ clip: event.currentTarget.checked })} /><span>${t("search.clip")}</span></label>
  </div>`;
}

function least(t, severity) {
  return severity === "" ? t("search.severity.any") : t("search.severity.least", { severity: codeWords(t, "severity", severity) });
}
