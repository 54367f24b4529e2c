/**
 * Which page is shown. It stands in the address behind `#` and nowhere else, so that the browser's back button, a
 * bookmark and a link in a message all work.
 */
import { signal } from "@preact/signals";
import { addressOf, parse } from "./route.js";

/** Where the page is now; change it with `go`. */
export const route = signal(parse(""));

/** Goes to a page. `replace`: without a step for the back button, as while typing a search.
 * @param {string} page @param {string|null} [id] @param {Record<string, string|null|undefined>} [query]
 * @param {{replace?: boolean}} [how] */
export function go(page, id = null, query = {}, { replace = false } = {}) {
  const address = addressOf(page, id, query);
  if (replace) history.replaceState(null, "", address);
  else if (address !== location.hash) history.pushState(null, "", address);
  route.value = parse(address);
}

/** Starts to follow the address. @param {Window} window */
export function followAddress(window) {
  const read = () => { route.value = parse(window.location.hash); };
  window.addEventListener("hashchange", read);
  window.addEventListener("popstate", read);
  read();
}
