/**
 * Why an event fired, in words. Knows the keys that today's rules write into `why`; what a newer box adds is shown as
 * it comes.
 *
 * @typedef {import("./translate.js").Translator} Translator
 * @typedef {import("./types.js").Event} Event
 */
import { duration, number } from "./format.js";
import { codeWords } from "./translate.js";

/** @type {Record<string, (t: Translator, value: any) => string>} */
const VALUES = {
  seconds_in_zone: (t, value) => duration(t, value * 1000),
  threshold_s: (t, value) => duration(t, value * 1000),
  count: (t, value) => t("why.people", { n: value }),
  threshold: (t, value) => t("why.people", { n: value }),
  schedule: (t, value) => codeWords(t, "schedule", String(value)).replace(/(\d)\s*-\s*(\d)/g, "$1 – $2"),
  track: (_t, value) => String(value).slice(-8),
};

/** @type {Record<string, {needs: string[], say: (t: Translator, why: Record<string, any>) => string}>} */
const SENTENCES = {
  intrusion: {
    needs: ["seconds_in_zone", "threshold_s"],
    say: (t, why) => t("why.sentence.intrusion", {
      seconds: duration(t, why.seconds_in_zone * 1000), threshold: duration(t, why.threshold_s * 1000),
    }),
  },
  occupancy: {
    needs: ["count", "threshold"],
    say: (t, why) => t("why.sentence.occupancy", { count: number(t, why.count), threshold: number(t, why.threshold) }),
  },
};

/** One sentence, or null when the event does not carry what the sentence needs.
 * @param {Translator} t @param {Event} event @returns {string|null} */
export function whySentence(t, { kind, why }) {
  const sentence = SENTENCES[kind];
  return sentence && sentence.needs.every((key) => typeof why?.[key] === "number") ? sentence.say(t, why) : null;
}

/** Every key and value. @param {Translator} t @param {Event} event @returns {{key: string, name: string, value: string}[]} */
export function whyRows(t, { why }) {
  return Object.entries(why ?? {}).map(([key, value]) => {
    const name = t(`why.${key}`);
    const known = name !== `why.${key}` && key in VALUES;
    const text = typeof value === "number" ? number(t, value) : String(value);
    return known ? { key, name, value: VALUES[key](t, value) } : { key, name: key, value: text };
  });
}
