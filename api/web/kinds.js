/**
 * The names by which people call the kinds of alerts: in full under `kind.…` in the dictionaries, and what else they are
 * called under `called.…`, with semicolons between. Pure.
 */
import { codeWords } from "./translate.js";

/** @param {import("./translate.js").Translator} t @param {string[]} kinds @returns {Record<string, string[]>} */
export function kindNames(t, kinds) {
  return Object.fromEntries(kinds.map((kind) => {
    const others = codeWords(t, "called", kind).split(";").map((name) => name.trim());
    return [kind, [codeWords(t, "kind", kind), ...others.filter((name) => name !== kind)]];
  }));
}
