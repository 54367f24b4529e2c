/**
 * The names by which people call the kinds of alerts: in full under `kind.…` in the dictionaries, and what else they are
 * called under `called.…`, with semicolons between. Pure.
 */
import { codeWords } from "./translate.js";

/** What may be a fire; see contracts/event.py. */
const FIRE = ["smoke", "heat", "gas"];

/** Whether the fire brigade's number belongs on it. @param {string} kind */
export const isFire = (kind) => FIRE.includes(kind);

/** The icons of what devices tell. @type {Record<string, string>} */
const ICONS = {
  smoke: "flame", heat: "flame", gas: "flame", after_hours_load: "power", mains_lost: "power", door_opened: "door",
  water_leak: "drop", air_quality: "warning", device_silent: "sensor_off", gateway_silent: "sensor_off",
  payment_outage_device: "sensor_off", payment_outage_stall: "sensor_off", payment_outage_power: "power",
  payment_outage_uplink: "offline", payment_outage_bank: "shield",
};

/** @param {string} kind */
export const deviceIcon = (kind) => ICONS[kind] ?? "warning";

/** @param {import("./translate.js").Translator} t @param {string[]} kinds @returns {Record<string, string[]>} */
export function kindNames(t, kinds) {
  return Object.fromEntries(kinds.map((kind) => {
    const others = codeWords(t, "called", kind).split(";").map((name) => name.trim());
    return [kind, [codeWords(t, "kind", kind), ...others.filter((name) => name !== kind)]];
  }));
}
