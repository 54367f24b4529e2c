/**
 * Words without diacritics and case, so that `cho an luu` finds "Chợ An Lưu", and the kinds of alerts that somebody
 * names in such words. Pure; the server folds in the same way (`api/places.py`).
 */

/** @param {string} text @returns {string} */
export function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

/** @param {string} text @returns {string[]} */
export function wordsOf(text) {
  return fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/** Whether each word of `text` begins a word of `name`. @param {string} text @param {string} name */
export function matches(text, name) {
  const names = wordsOf(name);
  return wordsOf(text).every((word) => names.some((other) => other.startsWith(word)));
}

/**
 * @typedef {object} Understood
 * @property {string[]} kinds that the text names
 * @property {string} rest what is left of it: words of places
 */

/**
 * Takes the kinds out of `text` that it names in full, the longest names first.
 * @param {string} text
 * @param {Record<string, string[]>} namesOfKinds the names by which each kind is known
 * @returns {Understood}
 */
export function understand(text, namesOfKinds) {
  const phrases = Object.entries(namesOfKinds)
    .flatMap(([kind, names]) => names.map((name) => ({ kind, words: wordsOf(name) })))
    .filter(({ words }) => words.length > 0)
    .sort((a, b) => b.words.length - a.words.length);
  const given = text.split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean);
  const folded = given.map(fold);
  const taken = new Set();
  const kinds = new Set();
  for (let at = 0; at < folded.length; at += 1) {
    const found = phrases.filter(({ words }) => words.every((word, i) => folded[at + i] === word));
    const longest = found[0]?.words.length ?? 0;
    for (const { kind, words } of found) if (words.length === longest) kinds.add(kind);
    for (let i = 0; i < longest; i += 1) taken.add(at + i);
    at += Math.max(0, longest - 1);
  }
  return { kinds: [...kinds], rest: given.filter((_, i) => !taken.has(i)).join(" ") };
}
