/**
 * What the page of loudspeakers knows without a browser: the text as it will be said, what is missing, and how far an
 * announcement is.
 *
 * @typedef {import("./requests/announcements.js").Template} Template
 * @typedef {import("./requests/announcements.js").Speaker} Speaker
 * @typedef {import("./requests/announcements.js").Announcement} Announcement
 * @typedef {object} Draft
 * @property {string} site
 * @property {string|null} template null: words of one's own
 * @property {string} text
 * @property {"vi"|"en"} language
 * @property {string} stall
 * @property {string} plate
 * @property {string[]} silent speakers of the site that are left out
 */

export const OWN = "";
export const LONGEST = 500;

/** What the box accepts in a place that is read sign by sign; the centre checks it again. */
const SAYABLE = /^[0-9A-Za-zÀ-ỹ][0-9A-Za-zÀ-ỹ ./-]{0,19}$/;
const UNFINISHED = new Set(["proposed", "approved", "sent"]);
const CHIPS = {
  proposed: "warn", approved: "warn", sent: "warn", played: "good", failed: "bad", expired: "bad", refused: "quiet", cancelled: "quiet",
};
const ICONS = {
  proposed: "waiting", approved: "waiting", sent: "louder", played: "check", failed: "warning", expired: "warning",
  refused: "cancel", cancelled: "cancel", accepted: "waiting",
};

/** The sites that have loudspeakers. @param {Speaker[]} speakers @returns {{id: string, name: string}[]} */
export function sitesOf(speakers) {
  const sites = new Map(speakers.map(({ site, site_name }) => [site, site_name]));
  return [...sites].map(([id, name]) => ({ id, name }));
}

/** A draft to begin with. @param {Speaker[]} speakers @param {string|undefined} site wished by a link @returns {Draft} */
export function emptyDraft(speakers, site) {
  const sites = sitesOf(speakers);
  const there = sites.some(({ id }) => id === site);
  return { site: there ? /** @type {string} */ (site) : sites[0]?.id ?? "", template: null, text: "", language: "vi", stall: "", plate: "", silent: [] };
}

/** The texts, what is urgent first. @param {Template[]} templates */
export function inOrder(templates) {
  const rank = { fire: 0, urgent: 1, normal: 2 };
  return [...templates].sort((a, b) => rank[a.priority] - rank[b.priority]);
}

/** What will be said, with what is missing as a gap. @param {Draft} draft @param {Template|null} template @param {string} siteName */
export function sentence(draft, template, siteName) {
  if (!template) return draft.text.trim().replace(/\s+/g, " ");
  const values = { site: siteName, stall: draft.stall.trim(), plate: draft.plate.trim() };
  return template.text[draft.language].replace(/\{(\w+)\}/g, (_, place) => values[place] || "……");
}

/** What keeps a draft from being sent, by a key of its words; null when nothing does.
 * @param {Draft} draft @param {Template|null} template @param {Speaker[]} speakers @returns {string|null} */
export function lacking(draft, template, speakers) {
  if (chosen(draft, speakers).length === 0) return "announce.lacks.speaker";
  if (!template) return draft.text.trim() === "" ? "announce.lacks.text" : null;
  for (const place of template.places) {
    const value = draft[place].trim();
    if (value === "") return `announce.lacks.${place}`;
    if (!SAYABLE.test(value)) return "announce.lacks.sayable";
  }
  return null;
}

/** The speakers that will speak. @param {Draft} draft @param {Speaker[]} speakers */
export function chosen(draft, speakers) {
  return speakers.filter(({ id, site }) => site === draft.site && !draft.silent.includes(id));
}

/** The draft as the centre wants it. @param {Draft} draft @param {string|null} incident @param {Speaker[]} speakers */
export function wishOf(draft, incident, speakers) {
  const { site, template, language } = draft;
  const said = template === null ? { text: draft.text } : { template, stall: draft.stall.trim(), plate: draft.plate.trim() };
  return { site, language, ...said, speakers: chosen(draft, speakers).map(({ id }) => id), ...(incident ? { incident } : {}) };
}

/** Whether somebody must approve it later, or nobody, or the same user now.
 * @param {Template|null} template @param {{approves: boolean}} rights @returns {"later"|"nobody"|"now"} */
export function approval(template, { approves }) {
  if (template?.preapproved) return "nobody";
  return template && approves ? "now" : "later";
}

/** Those that somebody must decide, and all others, newest first. @param {Announcement[]} items */
export function apart(items) {
  return {
    waiting: items.filter(({ state }) => state === "proposed"),
    others: items.filter(({ state }) => state !== "proposed"),
  };
}

/** Whether something may change by itself. @param {Announcement[]} items */
export const moving = (items) => items.some(({ state }) => UNFINISHED.has(state));

/** @param {string} state of an announcement or a play */
export const chipOf = (state) => `chip--${CHIPS[state] ?? "quiet"}`;

/** @param {string} state */
export const iconOf = (state) => ICONS[state] ?? "waiting";

/** How many of its speakers said it. @param {Announcement} one */
export function heardOn({ plays }) {
  return { n: plays.filter(({ state }) => state === "played").length, all: plays.length };
}
