/**
 * A table as CSV that a spreadsheet opens without harm: a text that it would take for a formula is written as text.
 * Pure.
 */

/** Told apart by spreadsheets from other encodings of the same bytes. */
const MARK = "\ufeff";
const FORMULA = /^[\s]*[=+\-@|]|^[\t\r]/;

/** @param {(string|number|null|undefined)[][]} rows the first names the columns @returns {string} */
export function csv(rows) {
  return `${MARK}${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

function cell(value) {
  if (typeof value === "number") return String(value);
  const text = value ?? "";
  return `"${(FORMULA.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`;
}
