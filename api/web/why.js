/**
 * Why an event fired, in words. Knows the keys that today's rules write into `why`; what a newer box adds is shown as
 * it comes.
 *
 * @typedef {import("./translate.js").Translator} Translator
 * @typedef {import("./types.js").Event} Event
 */
import { duration, number } from "./format.js";
import { codeWords } from "./translate.js";

/** @type {(t: Translator, value: any) => string} */
const seconds = (t, value) => duration(t, value * 1000);
/** @type {(value: number) => number} */
const hundredths = (value) => Math.round(value * 100);
/** @type {(t: Translator, value: any) => string} */
const percent = (t, value) => t("percent", { n: hundredths(value) });

/** @type {Record<string, (t: Translator, value: any) => string>} */
const VALUES = {
  seconds_in_zone: seconds,
  seconds_stopped: seconds,
  seconds_there: seconds,
  seconds_alone: seconds,
  seconds_against: seconds,
  threshold_s: seconds,
  window_s: seconds,
  count: (t, value) => t("why.people", { n: value }),
  threshold: (t, value) => t("why.people", { n: value }),
  crossings: number,
  threshold_crossings: number,
  density_m2: (t, value) => t("why.per_m2", { n: fine(t, value) }),
  threshold_m2: (t, value) => t("why.per_m2", { n: fine(t, value) }),
  density_picture: number,
  threshold_picture: number,
  distance: (t, value) => t("why.of_picture", { n: hundredths(value) }),
  threshold_distance: (t, value) => t("why.of_picture", { n: hundredths(value) }),
  radius: (t, value) => t("why.of_box", { n: hundredths(value) }),
  label: (t, value) => codeWords(t, "label", String(value)),
  direction: (t, value) => codeWords(t, "direction", String(value)),
  schedule: (t, value) => codeWords(t, "schedule", String(value)).replace(/(\d)\s*-\s*(\d)/g, "$1 – $2"),
  track: (_t, value) => String(value).slice(-8),
  lost: percent,
  share: percent,
  sharpness: percent,
  kept: percent,
  shift: percent,
  brightness: percent,
  changed: percent,
  limit: percent,
  seconds,
  offset_s: (t, value) => `${value < 0 ? "−" : "+"}${seconds(t, Math.abs(value))}`,
  limit_s: seconds,
  fault: (t, value) => codeWords(t, "fault", String(value)),
  metric: (t, value) => codeWords(t, "metric", String(value)),
  value: number,
  bound: number,
  period_s: seconds,
  silent_s: seconds,
  children: number,
  somebody_s: seconds,
  code: (_t, value) => String(value),
  reads: number,
  nature: (t, value) => codeWords(t, "nature", String(value)),
  bank: (_t, value) => String(value),
  bank_name: (_t, value) => String(value),
  last_four: (_t, value) => `•••• ${value}`,
  host: (_t, value) => String(value),
};

/** @typedef {{needs: string[], texts?: string[], say: (t: Translator, why: Record<string, any>) => string,
 *   holds?: (why: Record<string, any>) => boolean}} Sentence */

/** What a kind's sentence needs of `why`, and how it is said. A kind that is told in several ways has several.
 * @type {Record<string, Sentence[]>} */
const SENTENCES = {
  intrusion: [stay("intrusion", "seconds_in_zone")],
  loitering: [stay("loitering", "seconds_in_zone")],
  occupancy: [{
    needs: ["count", "threshold"],
    say: (t, why) => t("why.sentence.occupancy", { count: number(t, why.count), threshold: number(t, why.threshold) }),
  }],
  crowding: [crowd("m2", fine), crowd("picture", number)],
  wrong_way: [{
    needs: ["distance", "threshold_distance", "seconds_against"],
    say: (t, why) => t("why.sentence.wrong_way", {
      distance: hundredths(why.distance), threshold: hundredths(why.threshold_distance),
      seconds: seconds(t, why.seconds_against),
    }),
  }],
  stopped_vehicle: [stay("stopped_vehicle", "seconds_stopped")],
  blocked_fire_lane: [stay("blocked_fire_lane", "seconds_stopped")],
  left_object: [stay("left_object", "seconds_there", ["seconds_alone"])],
  line_crossing: [{
    needs: ["crossings", "threshold_crossings", "window_s"],
    say: (t, why) => t("why.sentence.line_crossing", {
      count: number(t, why.crossings), threshold: number(t, why.threshold_crossings), window: seconds(t, why.window_s),
    }),
  }],
  camera_covered: [camera("covered", ["lost", "limit"])],
  camera_blurred: [camera("blurred", ["share", "limit"])],
  camera_moved: [camera("moved", ["shift", "limit"]), camera("turned", ["kept"])],
  camera_dark: [camera("dark", ["brightness", "limit"])],
  camera_frozen: [camera("frozen", ["seconds"])],
  camera_stalled: [camera("stalled", ["seconds"])],
  camera_wrong_clock: [camera("wrong_clock", ["offset_s", "limit_s"])],
  smoke: [measured("smoke")],
  heat: [{ ...measured("heat_measured"), holds: ({ metric }) => metric === "temperature" }, measured("heat")],
  gas: [measured("gas")],
  after_hours_load: [measured("after_hours_load")],
  mains_lost: [measured("mains_lost")],
  door_opened: [measured("door_opened")],
  water_leak: [{ ...measured("air_quality"), holds: ({ metric }) => metric === "water_cm" }, measured("water_leak")],
  air_quality: [measured("air_quality")],
  device_silent: [silent("device_silent"), { needs: [], say: (t) => t("why.sentence.device_offline") }],
  payment_code_mismatch: [
    { needs: [], holds: ({ nature }) => nature === "broken", say: (t) => t("why.sentence.payment_code_broken") },
    ...paying("payment_code_mismatch"),
  ],
  payment_code_foreign: leading("payment_code_foreign"),
  payment_code_added: [
    { needs: [], holds: ({ nature }) => nature === "broken", say: (t) => t("why.sentence.payment_code_broken") },
    { ...leading("payment_code_added_foreign")[0], holds: ({ nature }) => nature === "foreign" },
    { ...leading("payment_code_added_foreign")[1], holds: ({ nature }) => nature === "foreign" },
    ...paying("payment_code_added"),
  ],
  payment_code_covered: [unread("covered")],
  payment_code_missing: [unread("missing")],
  payment_code_unreadable: [unread("unreadable")],
  gateway_silent: [{
    needs: ["children"], say: (t, why) => t("why.sentence.gateway_silent", { children: number(t, why.children) }),
  }],
};

/** A device measured what it should not. @param {string} name @returns {Sentence} */
function measured(name) {
  return {
    needs: ["value", "bound"],
    say: (t, why) => t(`why.sentence.${name}`, {
      metric: codeWords(t, "metric", String(why.metric)), value: number(t, why.value), bound: number(t, why.bound),
    }),
  };
}

/** A code pays somebody. A code of no bank names none. @param {string} name @returns {Sentence[]} */
function paying(name) {
  const payee = (/** @type {Record<string, any>} */ why) =>
    [why.bank_name ?? why.bank, why.last_four && `•••• ${why.last_four}`].filter(Boolean).join(" ");
  return [
    { needs: [], texts: ["bank"], say: (t, why) => t(`why.sentence.${name}`, { payee: payee(why) }) },
    { needs: [], texts: ["nature"], say: (t) => t(`why.sentence.${name}_unnamed`) },
  ];
}

/** A code leads to a page, or says something else. @param {string} name @returns {Sentence[]} */
function leading(name) {
  return [
    { needs: [], texts: ["host"], say: (t, why) => t(`why.sentence.${name}_page`, { host: why.host }) },
    { needs: [], texts: ["nature"], say: (t) => t(`why.sentence.${name}`) },
  ];
}

/** A payment code was not read for too long. @param {string} name @returns {Sentence} */
function unread(name) {
  return {
    needs: ["seconds", "threshold_s"],
    say: (t, why) => t(`why.sentence.payment_code_${name}`, {
      seconds: seconds(t, why.seconds), threshold: seconds(t, why.threshold_s),
    }),
  };
}

/** A device has said nothing for too long. @param {string} name @returns {Sentence} */
function silent(name) {
  return {
    needs: ["silent_s", "period_s"],
    say: (t, why) => t(`why.sentence.${name}`, { silent: seconds(t, why.silent_s), period: seconds(t, why.period_s) }),
  };
}

/** Something is wrong with the camera. @param {string} name @param {string[]} needs @returns {Sentence} */
function camera(name, needs) {
  return {
    needs,
    say: (t, why) => t(`why.sentence.camera_${name}`, {
      ...Object.fromEntries(needs.map((key) => [key, VALUES[key](t, why[key])])),
      fault: codeWords(t, "fault", String(why.fault ?? "unknown")),
    }),
  };
}

/** Something lasted longer than it may. @param {string} kind @param {string} key @param {string[]} more @returns {Sentence} */
function stay(kind, key, more = []) {
  return {
    needs: [key, "threshold_s", ...more],
    say: (t, why) => t(`why.sentence.${kind}`, {
      label: codeWords(t, "label", why.label), seconds: seconds(t, why[key]), threshold: seconds(t, why.threshold_s),
      alone: seconds(t, why.seconds_alone ?? 0),
    }),
  };
}

/** @param {string} unit @param {(t: Translator, value: number) => string} figure @returns {Sentence} */
function crowd(unit, figure) {
  return {
    needs: ["count", `density_${unit}`, `threshold_${unit}`],
    say: (t, why) => t(`why.sentence.crowding_${unit}`, {
      count: number(t, why.count), density: figure(t, why[`density_${unit}`]), threshold: figure(t, why[`threshold_${unit}`]),
    }),
  };
}

/** A number with two decimals. @param {Translator} t @param {number} value @returns {string} */
function fine(t, value) {
  return String(Math.round(value * 100) / 100).replace(".", t("decimal"));
}

/** One sentence, or null when the event does not carry what the sentence needs.
 * @param {Translator} t @param {Event} event @returns {string|null} */
export function whySentence(t, { kind, why }) {
  const sentence = SENTENCES[kind]?.find(({ needs, texts = [], holds }) =>
    needs.every((key) => typeof why?.[key] === "number") && texts.every((key) => typeof why?.[key] === "string")
    && (holds?.(why ?? {}) ?? true));
  return sentence ? sentence.say(t, why) : null;
}

/** @type {Record<string, string>} */
const COUNTED = {
  line_crossing: "crossings", wrong_way: "objects", stopped_vehicle: "objects", blocked_fire_lane: "objects",
  left_object: "objects",
};

/** What an event's count counts: `people`, `objects` or `crossings`. @param {string} kind @returns {string} */
export function counted(kind) {
  return COUNTED[kind] ?? "people";
}

/** What says no more than yes or no is said by the sentence. @param {Record<string, any>} why */
function isYesOrNo({ value, bound }) {
  return [0, 1].includes(value) && [0, 1].includes(bound);
}

/** Every key and value; `nameOf` says what a camera is called.
 * @param {Translator} t @param {Event} event @param {(camera: string) => string} [nameOf]
 * @returns {{key: string, name: string, value: string}[]} */
export function whyRows(t, { why }, nameOf = String) {
  const hidden = [...(isYesOrNo(why ?? {}) ? ["metric", "value", "bound"] : []), ...(why?.bank_name ? ["bank"] : [])];
  return Object.entries(why ?? {}).filter(([key]) => !hidden.includes(key)).map(([key, value]) => {
    if (key === "camera") return { key, name: t("why.camera"), value: nameOf(String(value)) };
    const name = t(`why.${key}`);
    const known = name !== `why.${key}` && key in VALUES;
    const text = typeof value === "number" ? number(t, value) : String(value);
    return known ? { key, name, value: VALUES[key](t, value) } : { key, name: key, value: text };
  });
}
