/**
 * How a page's address is written behind `#`, and read again: `#/incidents/0197a3?from=map` is page `incidents`, id
 * `0197a3`. Pure; where the page is now is known to `navigation.js`.
 *
 * @typedef {{page: string, id: string|null, query: Record<string, string>}} Route
 */

export const HOME = "wall";

/** @param {string} hash as the browser gives it, with or without `#` @returns {Route} */
export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [page, id = ""] = path.split("/");
  return { page: page || HOME, id: decode(id) || null, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a page, for `href`. Values that are empty are left out.
 * @param {string} page @param {string|null} [id] @param {Record<string, string|null|undefined>} [query] */
export function addressOf(page, id = null, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(/** @type {[string, string][]} */ (given)).toString();
  const path = page === HOME && id === null ? "" : page + (id === null ? "" : `/${encodeURIComponent(id)}`);
  return `#/${path}${search && `?${search}`}`;
}

/** A broken `%` in an address is no reason to show nothing. */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
