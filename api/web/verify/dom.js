/** Builds what the page shows, as elements: texts of an export never become markup. */

const SVG = "http://www.w3.org/2000/svg";

const STROKES = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M6 6l12 12M18 6 6 18",
  question: "M9 9a3 3 0 1 1 4.3 2.7c-1 .6-1.3 1.1-1.3 2.3M12 17.5h.01",
  key: "M8 15.5a4.5 4.5 0 1 1 4.2-6H21V13h-2.5v2.5H15V13h-2.8A4.5 4.5 0 0 1 8 15.5ZM8 11.2v.01",
  file: "M6 3h8l4 4v14H6ZM14 3v4h4",
  absent: "M5 12h14",
};

/**
 * @param {string} name @param {Record<string, any>} [attributes] `onclick` and the like are listeners
 * @param {...(Node|string|null|false)} children @returns {HTMLElement}
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== false).map((child) => /** @type {Node} */ (child)));
  return element;
}

/** A pictogram; what it means stands beside it in words. @param {keyof typeof STROKES} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", STROKES[name]);
  svg.append(path);
  return svg;
}
