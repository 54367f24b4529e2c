/**
 * What a form holds while somebody fills it in. What was typed outlives a failed request, a look at another page and a
 * session that ends; only passwords and codes are never kept.
 */
import { useState } from "preact/hooks";
import { NO_FAULTS, check, faultsOf } from "./faults.js";
import { state } from "./store.js";

/** @typedef {Record<string, any>} Values */
/** @type {Map<string, Values>} */
const drafts = new Map();
const SECRET = new Set(["password", "current", "next", "code"]);

/** What may be kept of a form. @param {Values} values */
const kept = (values) => Object.fromEntries(Object.entries(values).filter(([field]) => !SECRET.has(field)));
/** The same as text, to compare. @param {Values} values */
const open = (values) => JSON.stringify(kept(values));

/**
 * @param {string} name of the form; the draft is this user's
 * @param {Values} initial
 * @param {{kinds?: Record<string, string>, names?: Record<string, string>}} [rules] see `faults.js`
 */
export function useForm(name, initial, { kinds = {}, names = {} } = {}) {
  const key = `${state.peek().user?.username} ${name}`;
  const [values, setValues] = useState(() => ({ ...initial, ...drafts.get(key) }));
  const [faults, setFaults] = useState(NO_FAULTS);
  const [busy, setBusy] = useState(false);

  function change(changes) {
    const next = { ...values, ...changes };
    drafts.set(key, kept(next));
    setValues(next);
    setFaults(({ fields, whole }) =>
      ({ fields: Object.fromEntries(Object.entries(fields).filter(([field]) => !(field in changes))), whole }));
  }

  function reset(to = initial) {
    drafts.delete(key);
    setValues({ ...to });
    setFaults(NO_FAULTS);
  }

  /** Sends the form once it is right. @param {Event} event @param {() => Promise<void>} send @returns {Promise<boolean>} */
  async function submit(event, send) {
    event.preventDefault();
    if (busy) return false;
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const fields = check(values, kinds);
    if (Object.keys(fields).length > 0) return refuse(form, { fields, whole: null });
    setBusy(true);
    setFaults(NO_FAULTS);
    try {
      await send();
      drafts.delete(key);
      return true;
    } catch (problem) {
      return refuse(form, faultsOf(problem, Object.keys(values), names));
    } finally {
      setBusy(false);
    }
  }

  /** Says what is wrong, and puts the keyboard where it is. */
  function refuse(form, found) {
    setFaults(found);
    requestAnimationFrame(() => {
      const first = form.querySelector("[aria-invalid=true]");
      if (first instanceof HTMLElement) first.focus();
    });
    return false;
  }

  /** What a field needs. @param {string} field */
  const field = (field) => ({
    name: field, value: values[field], fault: faults.fields[field] ?? null,
    onInput: (event) => change({ [field]: event.currentTarget.value }),
  });

  /** Whether something was typed that is not sent yet. */
  const unsent = open(values) !== open(initial);

  return { unsent, values, change, reset, submit, field, faults, busy };
}
