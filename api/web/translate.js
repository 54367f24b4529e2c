/**
 * Looks up what the page says. Pure: a dictionary goes in, a translator comes out. Codes from the API and the boxes
 * become words here too; a code that a newer box invented is shown as it is.
 *
 * @typedef {((key: string, values?: Record<string, string|number>) => string)} Translator
 */

/**
 * @param {Record<string, string>} dictionary
 * @returns {Translator} fills `{placeholders}`; a value `n` of 1 prefers the key with `.one` behind it
 */
export function translator(dictionary) {
  return (key, values = {}) => {
    const text = (values.n === 1 ? dictionary[`${key}.one`] : undefined) ?? dictionary[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  };
}

/**
 * The words for `code` among the keys of `family` ("kind", "severity", "fault", "reason", "problem", "role" ...).
 * @param {Translator} t @param {string} family @param {string|null|undefined} code @returns {string}
 */
export function codeWords(t, family, code) {
  if (!code) return "";
  const key = `${family}.${code}`;
  const words = t(key);
  return words === key ? code : words;
}
