/**
 * What is wrong with what somebody typed: said at once where the page knows it, else by the centre. Pure; the words for
 * a fault are the keys `fault.field.<code>`.
 *
 * @typedef {Record<string, string>} FieldFaults a code for each field that is wrong
 * @typedef {{fields: FieldFaults, whole: string|null}} Faults `whole`: a problem's code that concerns no single field
 */

/** @type {Faults} */
export const NO_FAULTS = Object.freeze({ fields: {}, whole: null });

export const SHORTEST_PASSWORD = 8;
export const SHORTEST_REASON = 5;

/** The rules of the centre, by the kind of field. @type {Record<string, (value: string) => string|null>} */
const RULES = {
  required: (value) => (value.trim() === "" ? "missing" : null),
  password: (value) => (value.length < SHORTEST_PASSWORD ? (value === "" ? "missing" : "short_password") : null),
  reason: (value) => (value.trim().length < SHORTEST_REASON ? (value.trim() === "" ? "missing" : "short_reason") : null),
};

/** Which codes of the centre's field errors mean what. @type {Record<string, string>} */
const CODES = {
  missing: "missing",
  string_too_short: "too_short",
  string_too_long: "too_long",
  string_pattern_mismatch: "characters",
  value_error: "characters",
};

/** Problems that concern one field. @type {Record<string, [string, string]>} */
const OF_ONE_FIELD = {
  weak_password: ["password", "weak_password"],
  user_exists: ["username", "taken"],
  bad_credentials: ["current", "wrong_password"],
  bad_code: ["code", "wrong_code"],
};

/** Checks before anything is sent. @param {Record<string, string>} values @param {Record<string, string>} kinds the rule
 * of each field @returns {FieldFaults} */
export function check(values, kinds) {
  const found = Object.entries(kinds).map(([field, kind]) => [field, RULES[kind](values[field] ?? "")]);
  return Object.fromEntries(found.filter(([, code]) => code !== null));
}

/**
 * What the centre's answer says of a form.
 * @param {{code?: string, document?: any}} problem
 * @param {string[]} fields that the form has
 * @param {Record<string, string>} [names] the form's name of a field where it is not the centre's
 * @returns {Faults}
 */
export function faultsOf({ code = "unavailable", document }, fields, names = {}) {
  const said = (document?.errors ?? []).map(({ field, code: rule }) => [field.split(".")[0], CODES[rule] ?? "invalid"]);
  const one = OF_ONE_FIELD[code];
  const all = one ? [...said, one] : said;
  const named = all.map(([field, fault]) => [names[field] ?? field, fault]).filter(([field]) => fields.includes(field));
  return { fields: Object.fromEntries(named), whole: named.length > 0 ? null : code };
}
