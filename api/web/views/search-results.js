/** What a search found: cards that open where it happened, more of them at the foot, and all of it as a table. */
import { useEffect, useRef, useState } from "preact/hooks";
import { second } from "../clock.js";
import { csv } from "../csv.js";
import { dateOf, duration, moment, timeOfDay } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon, SeverityIcon } from "../icons.js";
import { deviceIcon } from "../kinds.js";
import { searchEvents } from "../requests/places.js";
import { thumbnailUrl } from "../requests/recordings.js";
import { addressOf } from "../route.js";
import { isBackwards } from "../search.js";
import { barredFrom, placeOf } from "../select.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { meet } from "./camera.js";
import { Notice } from "./notice.js";

/** @typedef {import("../types.js").Alert} Alert */
/** @typedef {import("../search.js").Search} Search */
/**
 * @typedef {object} Found
 * @property {Alert[]} items
 * @property {string} status `loading`, `ready`, `failed`, `older` while more are on their way, `older failed`
 * @property {string} problem a code
 * @property {string|null} cursor leads to the older ones
 * @property {URLSearchParams} parameters what was asked
 * @property {() => void} again
 * @property {() => void} older
 */

/** A download is no way to copy the whole store. */
const MOST_ROWS = 5_000;

/** @param {{results: Found, search: Search, change: (part: Partial<Search>) => void}} props */
export function Results({ results, search, change }) {
  const t = words.value;
  const { items, status, problem, cursor } = results;
  if (isBackwards(search)) return html`<${Notice} icon="warning" title=${t("search.backwards")} />`;
  if (status === "loading") return html`<${Notice} icon="waiting" title=${t("search.loading")} />`;
  if (status === "failed") {
    return html`<${Notice} icon="offline" title=${t("search.failed")} body=${codeWords(t, "problem", problem)}
      action=${{ label: t("retry"), run: results.again }} />`;
  }
  if (items.length === 0) {
    const wider = search.when === "all" ? undefined : { label: t("search.wider"), run: () => change({ when: "all" }) };
    return html`<${Notice} icon="search" title=${t("search.none")} body=${t("search.none.body")} action=${wider} />`;
  }
  return html`
    <div class="search__head"><p role="status"
      data-testid="search-count">${t(cursor ? "search.count.more" : "search.count", { n: items.length })}</p>
      <${Download} parameters=${results.parameters} /></div>
    <ol class="search__list">${items.map((alert) => html`<li key=${alert.event.id}><${Result} alert=${alert} /></li>`)}</ol>
    ${cursor
      ? html`<${Older} status=${status} older=${results.older} />`
      : html`<p class="search__end">${t("search.end")}</p>`}`;
}

/** Older results come when the foot of the list comes into sight, or by the button. */
function Older({ status, older }) {
  const t = words.value;
  const foot = useRef(/** @type {HTMLElement|null} */ (null));
  const latest = useRef({ status, older });
  latest.current = { status, older };
  useEffect(() => {
    const sight = new IntersectionObserver(([entry]) => {
      if (entry.isIntersecting && latest.current.status === "ready") latest.current.older();
    });
    sight.observe(/** @type {HTMLElement} */ (foot.current));
    return () => sight.disconnect();
  }, []);
  const text = { older: "alerts.older.loading", "older failed": "alerts.older.failed" }[status] ?? "alerts.older";
  return html`<div ref=${foot} class="search__older"><button type="button" class="button" disabled=${status === "older"}
    onClick=${older}>${t(text)}</button></div>`;
}

function Result({ alert }) {
  const t = words.value;
  const { event } = alert;
  const place = placeOf(state.value, alert);
  const opened = Date.parse(event.opened_at);
  const end = event.closed_at ? Date.parse(event.closed_at) : second.value;
  const shut = barredFrom(state.value, event);
  return html`<article class=${`result card severity--${event.severity}`} data-testid="result">
    <button type="button" class="result__open" onClick=${() => meet(alert)}>
      <${Thumbnail} event=${event} shut=${shut} />
      <span class="result__text">
        <span class="result__head"><span class="alert__severity"><${SeverityIcon}
          severity=${event.severity} />${codeWords(t, "severity", event.severity)}</span>
          <time dateTime=${event.opened_at}>${timeOfDay(opened)} · ${dateOf(opened)}</time></span>
        <strong class="result__kind">${codeWords(t, "kind", event.kind)}</strong>
        <span class="result__place">${[place.site, place.source, place.zone].filter(Boolean).join(" · ")}</span>
        <span class="result__foot">${event.phase === "close" ? t("search.lasted", { for: duration(t, end - opened) }) : t("alert.open")}
          ${event.clip && html`<span class="result__clip"><${Icon} name="film" />${t("search.has_clip")}</span>`}</span>
      </span></button>
    ${event.camera !== undefined && html`<a class="link result__timeline"
      href=${addressOf("cameras", event.camera, { at: event.opened_at, event: event.id })} title=${t("search.timeline")}
      aria-label=${`${t("search.timeline")}: ${place.source}, ${moment(opened, second.peek())}`}><${Icon} name="timeline" /></a>`}
  </article>`;
}

function Thumbnail({ event, shut }) {
  const [broken, setBroken] = useState(false);
  const shown = !shut && !broken && (event.thumbnail ?? event.snapshot);
  return html`<span class="result__picture">${shown
    ? html`<img src=${thumbnailUrl(event.id)} alt="" loading="lazy" decoding="async" onError=${() => setBroken(true)} />`
    : html`<${Icon} name=${event.camera === undefined ? deviceIcon(event.kind) : "picture_off"} />`}</span>`;
}

/** The whole result as a table for a spreadsheet. */
function Download({ parameters }) {
  const t = words.value;
  const [status, setStatus] = useState("idle");
  async function download() {
    setStatus("busy");
    try {
      const items = await everything(parameters);
      save(csv(rows(t, items)), `canh-bao-${dateOf(second.peek()).split("/").reverse().join("-")}.csv`);
      setStatus(items.length >= MOST_ROWS ? "cut" : "idle");
    } catch {
      setStatus("failed");
    }
  }
  return html`${status === "cut" && html`<span class="chip chip--warn" role="status">${t("search.csv.cut", { n: MOST_ROWS })}</span>`}
    <button type="button" class="button" data-testid="search-csv" disabled=${status === "busy"} onClick=${download}>
      <${Icon} name="download" />${t({ busy: "search.csv.busy", failed: "search.csv.failed" }[status] ?? "search.csv")}</button>`;
}

async function everything(parameters) {
  /** @type {Alert[]} */
  const items = [];
  let cursor = null;
  do {
    const page = await searchEvents(parameters, cursor, 200);
    items.push(...page.items);
    cursor = page.next_cursor ?? null;
  } while (cursor !== null && items.length < MOST_ROWS);
  return items.slice(0, MOST_ROWS);
}

function rows(t, items) {
  const columns = ["day", "opened", "closed", "severity", "kind", "site", "camera", "zone", "count", "clip", "id"];
  const time = (text) => (text ? timeOfDay(Date.parse(text)) : "");
  return [columns.map((name) => t(`search.column.${name}`)), ...items.map((alert) => {
    const { event } = alert;
    const place = placeOf(state.peek(), alert);
    return [dateOf(Date.parse(event.opened_at)), time(event.opened_at), time(event.closed_at),
      codeWords(t, "severity", event.severity), codeWords(t, "kind", event.kind), place.site, place.source, place.zone,
      Math.max(event.count, event.peak_count), t(event.clip ? "search.yes" : "search.no"), event.id];
  })];
}

function save(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
