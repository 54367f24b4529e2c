/**
 * The page's language: Vietnamese unless this person chose English on this computer. Both dictionaries are fetched at
 * the start, so that a click switches at once, and also while the centre is away.
 */
import { computed, effect, signal } from "@preact/signals";
import { translator } from "./translate.js";

const KEY = "phoan.language";
const LANGUAGES = ["vi", "en"];

/** @type {Record<string, Record<string, string>>} */
const dictionaries = {};

/** The language of the page, `vi` or `en`. */
export const language = signal(remembered());

/** The translator of the current language; read it while rendering and the view follows a switch. */
export const words = computed(() => translator(dictionaries[language.value] ?? {}));

/** Fetches the dictionaries; nothing can be shown before. */
export async function loadLanguages() {
  await Promise.all(LANGUAGES.map(async (name) => {
    const answer = await fetch(`/static/locales/${name}.json`);
    if (!answer.ok) throw new Error(`locales/${name}.json: HTTP ${answer.status}`);
    dictionaries[name] = await answer.json();
  }));
  language.value = remembered();
  effect(() => {
    document.documentElement.lang = language.value;
  });
}

/** The codes of a family that the dictionaries know, as every kind of alert. @param {string} family @returns {string[]} */
export function codesOf(family) {
  return Object.keys(dictionaries[LANGUAGES[0]] ?? {}).filter((key) => key.startsWith(`${family}.`)).map((key) => key.slice(family.length + 1));
}

/** Switches to the other language and remembers it. */
export function switchLanguage() {
  language.value = language.peek() === "vi" ? "en" : "vi";
  try {
    localStorage.setItem(KEY, language.peek());
  } catch {
    // a browser that refuses storage forgets the choice, no more
  }
}

function remembered() {
  try {
    const stored = localStorage.getItem(KEY) ?? "";
    return LANGUAGES.includes(stored) ? stored : "vi";
  } catch {
    return "vi";
  }
}
