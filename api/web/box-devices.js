/**
 * The devices of a box's configuration while somebody edits them: which there are, what they are called, and what changes.
 * Where their broker is, and its password, is the box's own. Pure.
 *
 * @typedef {import("./box-config.js").Draft} Draft
 * @typedef {{id: string, kind: string, site?: string, dialect?: string, address?: string, gateway?: string|true, camera?: string,
 *   period_s?: number, [field: string]: any}} Device
 * @typedef {{site?: string, list?: Device[], adopt?: object|null, [field: string]: any}} Devices
 */
import { idFor, nameOf, renamed, same, summary } from "./box-config.js";

export const KINDS = ["smoke", "heat", "gas", "water", "door", "air", "plug", "meter", "ups", "soundbox", "pos", "gateway", "sensor"];
export const DIALECTS = ["own", "zigbee2mqtt", "tasmota", "esphome", "chirpstack"];

/** What the document says of devices: nothing, and the box reads those of its own file; or which, perhaps none.
 * @param {Draft} draft @returns {Devices|null|undefined} */
export const devicesOf = (draft) => draft.document.devices;

/** @param {Draft} draft @returns {Device[]} */
export const listed = (draft) => devicesOf(draft)?.list ?? [];

/** The devices that others may be reached over. @param {Draft} draft @param {string} but @returns {Device[]} */
export const gateways = (draft, but) => listed(draft).filter(({ id, kind, gateway }) => id !== but && (kind === "gateway" || gateway === true));

/** @param {Draft} draft @param {Devices} changes `undefined` takes a field out @returns {Draft} */
export function withDevices(draft, changes) {
  return { ...draft, document: { ...draft.document, devices: tidy({ ...(devicesOf(draft) ?? { list: [] }), ...changes }) } };
}

/** @param {Draft} draft @param {string} name @param {string} kind @param {string} site @param {string[]} taken other ids
 * @returns {{draft: Draft, id: string}} */
export function addDevice(draft, name, kind, site, taken) {
  const id = idFor(name, [...taken, ...draft.document.cameras.map((one) => one.id), ...listed(draft).map((one) => one.id)]);
  const device = devicesOf(draft)?.site === site ? { id, kind } : { id, kind, site };
  return { id, draft: renamed(withDevices(draft, { list: [...listed(draft), device] }), id, name) };
}

/** @param {Draft} draft @param {string} id @param {Partial<Device>} changes @returns {Draft} */
export function withDevice(draft, id, changes) {
  return withDevices(draft, { list: listed(draft).map((one) => (one.id === id ? /** @type {Device} */ (tidy({ ...one, ...changes })) : one)) });
}

/** Removes a device; what was reached over it is reached by itself. @param {Draft} draft @param {string} id @returns {Draft} */
export function removeDevice(draft, id) {
  const list = listed(draft).filter((one) => one.id !== id).map((one) => (one.gateway === id ? /** @type {Device} */ (tidy({ ...one, gateway: undefined })) : one));
  const { [id]: _, ...names } = draft.names;
  return { ...withDevices(draft, { list }), names };
}

/** What changes, of cameras and of devices. @param {Draft} before @param {Draft} after
 * @returns {{code: string, camera: string, name?: string, kind?: string}[]} */
export function wholeSummary(before, after) {
  return [...summary(before, after), ...ofDevices(before, after)];
}

/** @param {Draft} before @param {Draft} after */
function ofDevices(before, after) {
  if (same(devicesOf(before), devicesOf(after)) && listed(after).every(({ id }) => nameOf(before, id) === nameOf(after, id))) return [];
  const found = [];
  const say = (code, name) => found.push({ code, camera: "", name });
  const were = new Map(listed(before).map((one) => [one.id, one]));
  const are = new Set(listed(after).map(({ id }) => id));
  for (const { id } of listed(before)) if (!are.has(id)) say("device_removed", nameOf(before, id));
  for (const device of listed(after)) {
    const was = were.get(device.id);
    const name = nameOf(after, device.id);
    if (!was) say("device_added", name);
    else if (!same(was, device)) say("device_changed", name);
    else if (nameOf(before, device.id) !== name) say("device_renamed", name);
  }
  const rest = (draft) => ({ ...devicesOf(draft), list: null });
  if (found.length === 0 || (devicesOf(before) && !same(rest(before), rest(after)))) say("devices_changed", "");
  return found;
}

/** Without what is absent. @param {Record<string, any>} thing */
function tidy(thing) {
  return Object.fromEntries(Object.entries(thing).filter(([, value]) => value !== undefined));
}
