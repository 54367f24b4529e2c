/** All incidents as a list that follows the feed; one of them has a page of its own (`incident-page.js`). */
import { useEffect, useState } from "preact/hooks";
import { second } from "../clock.js";
import { duration, moment } from "../format.js";
import { html } from "../html.js";
import { codesOf, words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { listed, queryOf } from "../incidents.js";
import { useLoad } from "../load.js";
import { go } from "../navigation.js";
import { readIncidents } from "../requests/incidents.js";
import { addressOf } from "../route.js";
import { cameras, dispatch, state } from "../store.js";
import { codeWords } from "../translate.js";
import { IncidentPage } from "./incident-page.js";
import { placeWords } from "./incident-words.js";
import { Day } from "./day.js";
import { Notice } from "./notice.js";
import { WorkState } from "./work-state.js";

const STATES = ["unfinished", "mine", "all"];
const LEAST = ["critical", "high", "medium"];

/** @param {{id: string|null, query: Record<string, string>}} props */
export function Incidents({ id, query }) {
  return id === null ? html`<${List} asked=${query} />` : html`<${IncidentPage} key=${id} id=${id} />`;
}

function List({ asked }) {
  const t = words.value;
  const me = state.value.user?.username ?? "";
  const question = queryOf(asked, me).toString();
  const first = useLoad(question, () => readIncidents(queryOf(asked, me)));
  const older = useOlder(question);
  useEffect(() => { if (first.data) dispatch({ type: "incidents.loaded", items: first.data.items }); }, [first.data]);
  const fetched = [...(first.data?.items ?? []), ...older.items];
  const cursor = older.cursor === undefined ? first.data?.next_cursor : older.cursor;
  const oldest = cursor ? fetched[fetched.length - 1]?.opened_at : "";
  const items = first.data ? listed(fetched, state.value.work.incidents, asked, me, oldest) : [];
  return html`<main class="sheet" data-testid="incidents">
    <div class="sheet__head"><h1 class="sheet__title">${t("page.incidents")}</h1>
      ${first.data && html`<span class="sheet__note" data-testid="incident-count">${t(cursor ? "incidents.more_than" : "incidents.count", { n: items.length })}</span>`}</div>
    <${Filters} asked=${asked} />
    ${first.status === "loading" && html`<${Notice} icon="waiting" title=${t("incidents.loading")} />`}
    ${first.status === "failed" && html`<${Notice} icon="offline" title=${t("incidents.failed")} body=${codeWords(t, "problem", first.problem)}
      action=${{ label: t("retry"), run: first.reload }} />`}
    ${first.status === "ready" && items.length === 0 && html`<${Notice} icon="check" title=${t(`incidents.empty.${asked.state ?? "unfinished"}`)}
      body=${t("incidents.empty.body")} />`}
    ${items.length > 0 && html`<${Table} items=${items} />`}
    ${cursor && html`<button type="button" class="button incidents__older" disabled=${older.busy} onClick=${() => older.fetch(queryOf(asked, me), cursor)}>
      ${t(older.problem ? "alerts.older.failed" : older.busy ? "alerts.older.loading" : "incidents.older")}</button>`}
  </main>`;
}

/** Further pages of the list; another question begins anew. */
function useOlder(question) {
  const none = { question, items: /** @type {any[]} */ ([]), cursor: /** @type {string|null|undefined} */ (undefined), busy: false, problem: false };
  const [held, setHeld] = useState(none);
  const mine = held.question === question ? held : none;
  return {
    ...mine,
    async fetch(query, cursor) {
      setHeld({ ...mine, busy: true, problem: false });
      query.set("cursor", cursor);
      try {
        const page = await readIncidents(query);
        dispatch({ type: "incidents.loaded", items: page.items });
        setHeld({ ...mine, items: [...mine.items, ...page.items], cursor: page.next_cursor ?? null, busy: false });
      } catch {
        setHeld({ ...mine, busy: false, problem: true });
      }
    },
  };
}

function Filters({ asked }) {
  const t = words.value;
  const set = (changes) => go("incidents", null, { ...asked, ...changes }, { replace: true });
  const sites = [...new Map(cameras.value.map(({ site }) => [site.id, site.name]))];
  const select = (name, choices) => html`<label class="field field--short"><span>${t(`incidents.${name}`)}</span>
    <select value=${asked[name] ?? ""} data-testid=${`filter-${name}`} onChange=${(event) => set({ [name]: event.currentTarget.value })}>
      <option value="">${t("incidents.any")}</option>
      ${choices.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}</select></label>`;
  const date = (name) => html`<div class="field field--short"><span>${t(`incidents.${name}`)}</span>
    <${Day} value=${asked[name] ?? ""} label=${t(`incidents.${name}`)} onChange=${(value) => set({ [name]: value })} /></div>`;
  return html`<div class="filters filters--grid">
    <div class="tabs" role="group" aria-label=${t("incidents.state")}>${STATES.map((name) => html`<button type="button" key=${name}
      class="tabs__item" data-testid=${`incidents-${name}`} aria-pressed=${(asked.state ?? "unfinished") === name}
      onClick=${() => set({ state: name === "unfinished" ? null : name })}>${t(`incidents.state.${name}`)}</button>`)}</div>
    ${select("kind", codesOf("kind").map((kind) => [kind, codeWords(t, "kind", kind)]))}
    ${select("severity", LEAST.map((one) => [one, one === "critical" ? t("severity.critical") : t("incidents.at_least", { severity: t(`severity.${one}`) })]))}
    ${select("site", sites)}
    ${date("from")}${date("to")}
  </div>`;
}

function Table({ items }) {
  const t = words.value;
  return html`<div class="card table__scroll"><table class="table incidents">
    <thead><tr>${["severity", "what", "state", "opened", "events", "acknowledged"].map((name) => html`<th key=${name} scope="col">${t(`incidents.column.${name}`)}</th>`)}</tr></thead>
    <tbody>${items.map((item) => html`<${Row} key=${item.id} incident=${item} />`)}</tbody>
  </table></div>`;
}

function Row({ incident }) {
  const t = words.value;
  const address = addressOf("incidents", incident.id);
  const took = incident.seconds_to_acknowledge;
  return html`<tr class=${`incidents__row severity--${incident.severity}`} data-testid="incident-row" data-incident-id=${incident.id}
    onClick=${(event) => { if (event.target.closest("a") === null) go("incidents", incident.id); }}>
    <td><span class="alert__severity"><${SeverityIcon} severity=${incident.severity} />${codeWords(t, "severity", incident.severity)}</span></td>
    <td><a class="incidents__link" href=${address}>${codeWords(t, "kind", incident.kind)}</a>
      <span class="incidents__place">${placeWords(state.value, incident)}</span>
      ${incident.cause && html`<span class="chip chip--bad">${t(`cause.${incident.cause}`)}</span>`}</td>
    <td><${WorkState} incident=${incident} /></td>
    <td><time dateTime=${incident.opened_at}>${moment(Date.parse(incident.opened_at), second.value)}</time></td>
    <td>${incident.events > 0 ? incident.events : "–"}${incident.open_events > 0 && html` <span class="alert__state--open">${t("incidents.lasts")}</span>`}</td>
    <td>${took !== undefined ? duration(t, took * 1000)
      : incident.ended_at ? "–" : html`<span class="incidents__waits"><${Icon} name="clock" />${duration(t, second.value - Date.parse(incident.reported_at))}</span>`}</td>
  </tr>`;
}
