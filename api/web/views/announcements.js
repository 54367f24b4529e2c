/** Loudspeakers: what is to be said, what waits for somebody who approves it, and what was said. */
import { useEffect, useState } from "preact/hooks";
import { apart, moving } from "../announcements.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { readAnnouncements, readChoices } from "../requests/announcements.js";
import { codeWords } from "../translate.js";
import { AnnouncementForm } from "./announcement-form.js";
import { AnnouncementCard } from "./announcement-card.js";
import { Notice } from "./notice.js";

const SOON_MS = 2_000;
const LATER_MS = 15_000;

/** @param {{query: Record<string, string>}} props */
export function AnnouncementsPage({ query }) {
  const t = words.value;
  const choices = useLoad("announcement choices", readChoices);
  const list = useLoad("announcements", () => readAnnouncements());
  const items = list.data?.items ?? [];
  const soon = moving(items);
  useEffect(() => {
    const timer = setInterval(list.reload, soon ? SOON_MS : LATER_MS);
    return () => clearInterval(timer);
  }, [soon]);
  if (choices.status === "loading") return html`<main class="sheet"><${Notice} icon="waiting" title=${t("loading")} /></main>`;
  if (choices.data === null) {
    return html`<main class="sheet"><${Notice} icon="offline" title=${t("announce.failed")} body=${codeWords(t, "problem", choices.problem)}
      action=${{ label: t("retry"), run: choices.reload }} /></main>`;
  }
  const { speakers, proposes, speaks } = choices.data;
  return html`<main class="sheet announce" data-testid="announcements">
    <div class="sheet__head"><h1 class="sheet__title">${t("announce.title")}</h1>
      <p class="sheet__note">${t("announce.note")}</p></div>
    ${!speaks && html`<p class="message message--bad" role="alert"><${Icon} name="warning" /><span>${t("announce.mute")}</span></p>`}
    <div class="announce__columns">
      ${speakers.length === 0 ? html`<div class="card"><${Notice} icon="louder" title=${t("announce.no_speakers")} body=${t("announce.no_speakers.body")} /></div>`
        : proposes && html`<${AnnouncementForm} key=${`${query.site} ${query.incident}`} choices=${choices.data} site=${query.site} incident=${query.incident ?? null} onSent=${list.reload} />`}
      <${Lists} list=${list} items=${items} />
    </div>
  </main>`;
}

function Lists({ list, items }) {
  const t = words.value;
  const [older, setOlder] = useState(/** @type {{items: typeof items, next: string|null}|null} */ (null));
  const known = new Set(items.map(({ id }) => id));
  const { waiting, others } = apart([...items, ...(older?.items ?? []).filter(({ id }) => !known.has(id))]);
  const next = older === null ? list.data?.next ?? null : older.next;
  const readOlder = async () => {
    const page = await readAnnouncements(next).catch(() => null);
    if (page) setOlder({ items: [...(older?.items ?? []), ...page.items], next: page.next ?? null });
  };
  if (list.status === "loading") return html`<div class="card"><${Notice} icon="waiting" title=${t("loading")} /></div>`;
  return html`<div class="announce__lists">
    ${list.problem && html`<p class="message message--bad" role="alert"><${Icon} name="offline" /><span>${codeWords(t, "problem", list.problem)}</span></p>`}
    ${waiting.length > 0 && html`<section aria-label=${t("announce.waiting")}><h2 class="announce__heading">${t("announce.waiting")} <span class="count">${waiting.length}</span></h2>
      ${waiting.map((one) => html`<${AnnouncementCard} key=${one.id} one=${one} onDone=${list.reload} />`)}</section>`}
    <section aria-label=${t("announce.history")}><h2 class="announce__heading">${t("announce.history")}</h2>
      ${others.length === 0 && html`<div class="card"><${Notice} icon="louder" title=${t("announce.none")} /></div>`}
      ${others.map((one) => html`<${AnnouncementCard} key=${one.id} one=${one} onDone=${list.reload} />`)}
      ${next && html`<button type="button" class="button" data-testid="announce-older" onClick=${readOlder}>${t("announce.older")}</button>`}</section>
  </div>`;
}
