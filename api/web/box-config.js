/**
 * A box's configuration while somebody edits it: the document that is pushed and the names that people give. Pure.
 * What the fields mean is the box's business (docs/configuration.md); here is what can be done to them, and the summary
 * of what changes.
 *
 * @typedef {import("./zone-drawing.js").Point} Point
 * @typedef {"zones"|"lines"|"masks"} ShapeKind
 * @typedef {{id: string, polygon?: Point[], points?: Point[], [field: string]: any}} Shape
 * @typedef {{id: string, kind: string, zone?: string, line?: string, schedule?: any[]|null, [field: string]: any}} Rule
 * @typedef {{id: string, site: string, url: string, zones?: Shape[], lines?: Shape[], masks?: Point[][], rules?: Rule[], [field: string]: any}} Camera
 * @typedef {{name: string, zones: Record<string, string>, lines: Record<string, string>}} CameraNames
 * @typedef {{document: {cameras: Camera[], [field: string]: any}, names: Record<string, CameraNames>}} Draft
 * @typedef {{name: string, least: number, most: number, step: number, usual: number, whole?: boolean}} NumberField
 */
import { freshLine, freshPolygon } from "./zone-drawing.js";

/** The few numbers of each kind of rule; the others stay as the document has them. @type {Record<string, NumberField[]>} */
export const NUMBERS = {
  intrusion: [seconds(1)],
  occupancy: [{ name: "threshold", least: 1, most: 10_000, step: 1, usual: 5, whole: true }, seconds(2)],
  crowding: [{ name: "density", least: 0.1, most: 10_000, step: 0.1, usual: 3 }, { name: "at_least", least: 1, most: 1000, step: 1, usual: 3, whole: true }, seconds(5)],
  loitering: [seconds(60)],
  wrong_way: [seconds(1)],
  stopped_vehicle: [seconds(120)],
  blocked_fire_lane: [seconds(60)],
  left_object: [seconds(30)],
  line_crossing: [{ name: "threshold", least: 1, most: 10_000, step: 1, usual: 1, whole: true }, { name: "window_s", least: 1, most: 86_400, step: 1, usual: 60 }],
};
export const ZONE_RULES = Object.keys(NUMBERS).filter((kind) => kind !== "line_crossing");
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
export const SEVERITIES = ["low", "medium", "high", "critical"];
/** What a rule has that says nothing else. */
export const USUAL_SEVERITY = { intrusion: "high", crowding: "high", blocked_fire_lane: "high", left_object: "high" };

/** @param {number} usual @returns {NumberField} */
function seconds(usual) {
  return { name: "min_seconds", least: 0.1, most: 86_400, step: 0.5, usual };
}

/** A name as an id: `Cổng chợ` is `cong-cho`; another one where it is taken. @param {string} name @param {string[]} taken */
export function idFor(name, taken) {
  const plain = name.normalize("NFD").replace(/\p{Mn}/gu, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  const base = plain.slice(0, 36).replace(/-+$/, "") || "moi";
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!taken.includes(id)) return id;
  }
}

/** What a camera, or a part of it, is called. @param {Draft} draft @param {string} camera @param {ShapeKind} [kind] @param {string} [part] */
export function nameOf(draft, camera, kind, part) {
  const names = draft.names[camera];
  if (kind === undefined || part === undefined) return names?.name || camera;
  return (kind === "masks" ? "" : names?.[kind]?.[part]) || part;
}

/** @param {Draft} draft @param {string} id */
export const cameraOf = (draft, id) => draft.document.cameras.find((camera) => camera.id === id) ?? null;

/** @param {Draft} draft @param {string} id @param {Partial<Camera>} changes @returns {Draft} */
export function withCamera(draft, id, changes) {
  const cameras = draft.document.cameras.map((camera) => (camera.id === id ? /** @type {Camera} */ (tidy({ ...camera, ...changes })) : camera));
  return { ...draft, document: { ...draft.document, cameras } };
}

/** @param {Draft} draft @param {string} name @param {string} site @param {string[]} taken ids of other boxes' cameras
 * @returns {{draft: Draft, id: string}} */
export function addCamera(draft, name, site, taken) {
  const id = idFor(name, [...taken, ...draft.document.cameras.map((camera) => camera.id)]);
  const cameras = [...draft.document.cameras, { id, site, url: "rtsp://" }];
  return { id, draft: { document: { ...draft.document, cameras }, names: { ...draft.names, [id]: { name, zones: {}, lines: {} } } } };
}

/** @param {Draft} draft @param {string} id @returns {Draft} */
export function removeCamera(draft, id) {
  const { [id]: _, ...names } = draft.names;
  return { document: { ...draft.document, cameras: draft.document.cameras.filter((camera) => camera.id !== id) }, names };
}

/** @param {Draft} draft @param {string} camera @param {string} name @param {"zones"|"lines"} [kind] @param {string} [part] @returns {Draft} */
export function renamed(draft, camera, name, kind, part) {
  const before = draft.names[camera] ?? { name: camera, zones: {}, lines: {} };
  const after = kind && part ? { ...before, [kind]: { ...before[kind], [part]: name } } : { ...before, name };
  return { ...draft, names: { ...draft.names, [camera]: after } };
}

/** Adds a shape in the middle of the picture. @param {Draft} draft @param {string} id of the camera @param {ShapeKind} kind
 * @param {string} name @returns {{draft: Draft, part: string}} `part` is its id, or its number for a mask */
export function addShape(draft, id, kind, name) {
  const camera = cameraOf(draft, id);
  if (!camera) return { draft, part: "" };
  const held = camera[kind] ?? [];
  if (kind === "masks") return { part: String(held.length), draft: withCamera(draft, id, { masks: [...(camera.masks ?? []), freshPolygon(held.length)] }) };
  const part = idFor(name, [...(camera.zones ?? []), ...(camera.lines ?? [])].map((shape) => shape.id));
  const shape = kind === "zones" ? { id: part, polygon: freshPolygon(held.length) } : { id: part, points: freshLine(held.length) };
  return { part, draft: renamed(withCamera(draft, id, { [kind]: [...held, shape] }), id, name, kind, part) };
}

/** Removes a shape, and the rules that watch it. @param {Draft} draft @param {string} id @param {ShapeKind} kind @param {string} part @returns {Draft} */
export function removeShape(draft, id, kind, part) {
  const camera = cameraOf(draft, id);
  if (!camera) return draft;
  if (kind === "masks") return withCamera(draft, id, { masks: (camera.masks ?? []).filter((_, i) => String(i) !== part) });
  const rules = (camera.rules ?? []).filter((rule) => (kind === "zones" ? rule.zone : rule.line) !== part);
  return withCamera(draft, id, { [kind]: (camera[kind] ?? []).filter((shape) => shape.id !== part), rules });
}

/** @param {Camera} camera @param {ShapeKind} kind @param {string} part @returns {Point[]} */
export function pointsOf(camera, kind, part) {
  if (kind === "masks") return camera.masks?.[Number(part)] ?? [];
  const shape = (camera[kind] ?? []).find((one) => one.id === part);
  return (kind === "zones" ? shape?.polygon : shape?.points) ?? [];
}

/** @param {Draft} draft @param {string} id @param {ShapeKind} kind @param {string} part @param {Point[]} points @returns {Draft} */
export function withPoints(draft, id, kind, part, points) {
  const camera = cameraOf(draft, id);
  if (!camera) return draft;
  if (kind === "masks") return withCamera(draft, id, { masks: (camera.masks ?? []).map((mask, i) => (String(i) === part ? points : mask)) });
  const field = kind === "zones" ? "polygon" : "points";
  return withCamera(draft, id, { [kind]: (camera[kind] ?? []).map((shape) => (shape.id === part ? { ...shape, [field]: points } : shape)) });
}

/** @param {Draft} draft @param {string} id @param {string} kind of rule @param {string} part the zone or line @returns {Draft} */
export function addRule(draft, id, kind, part) {
  const camera = cameraOf(draft, id);
  if (!camera) return draft;
  const held = camera.rules ?? [];
  const place = kind === "line_crossing" ? { line: part } : { zone: part };
  const needed = NUMBERS[kind].filter(({ name }) => name === "threshold" || name === "density").map(({ name, usual }) => [name, usual]);
  const rule = { kind, id: idFor(`${kind.replaceAll("_", "-")}-${part}`, held.map((one) => one.id)), ...place, ...Object.fromEntries(needed) };
  if (kind === "wrong_way") rule.direction = [[0.35, 0.6], [0.65, 0.6]];
  return withCamera(draft, id, { rules: [...held, rule] });
}

/** @param {Draft} draft @param {string} id @param {string} rule @param {Record<string, any>} changes `undefined` takes a field out */
export function withRule(draft, id, rule, changes) {
  const rules = (cameraOf(draft, id)?.rules ?? []).map((one) => (one.id === rule ? /** @type {Rule} */ (tidy({ ...one, ...changes })) : one));
  return withCamera(draft, id, { rules });
}

/** @param {Draft} draft @param {string} id @param {string} rule */
export function removeRule(draft, id, rule) {
  return withCamera(draft, id, { rules: (cameraOf(draft, id)?.rules ?? []).filter((one) => one.id !== rule) });
}

/** Without what is absent. @param {Record<string, any>} thing */
function tidy(thing) {
  return Object.fromEntries(Object.entries(thing).filter(([, value]) => value !== undefined));
}

/** What may be sent: names only of the cameras and devices that are there. @param {Draft} draft @returns {Draft} */
export function toSend(draft) {
  const names = draft.document.cameras.map((camera) => {
    const own = (kind) => Object.fromEntries((camera[kind] ?? []).map(({ id }) => [id, nameOf(draft, camera.id, kind, id)]));
    return [camera.id, { name: nameOf(draft, camera.id), zones: own("zones"), lines: own("lines") }];
  });
  const devices = (draft.document.devices?.list ?? []).map(({ id }) => [id, { name: nameOf(draft, id), zones: {}, lines: {} }]);
  return { document: draft.document, names: Object.fromEntries([...names, ...devices]) };
}

/**
 * What changes, in the order of the cameras: a code for the words, and what they name. Devices are summed up elsewhere.
 * @param {Draft} before @param {Draft} after @returns {{code: string, camera: string, name?: string, kind?: string}[]}
 */
export function summary(before, after) {
  const gone = before.document.cameras.filter(({ id }) => !cameraOf(after, id))
    .map(({ id }) => ({ code: "camera_removed", camera: nameOf(before, id) }));
  const kept = after.document.cameras.flatMap((camera) => ofCamera(cameraOf(before, camera.id), camera, before, after));
  const fields = new Set([...Object.keys(before.document), ...Object.keys(after.document)]);
  for (const field of ["cameras", "devices"]) fields.delete(field);
  const others = [...fields].filter((field) => !same(before.document[field], after.document[field])).map((field) => ({ code: "field_changed", camera: "", name: field }));
  return [...gone, ...kept, ...others];
}

function ofCamera(was, camera, before, after) {
  const called = nameOf(after, camera.id);
  if (!was) return [{ code: "camera_added", camera: called }];
  const found = [];
  const say = (code, more = {}) => found.push({ code, camera: called, ...more });
  if (nameOf(before, camera.id) !== called) say("camera_renamed", { name: nameOf(before, camera.id) });
  if (was.site !== camera.site) say("camera_moved");
  if (was.url !== camera.url || was.sub_url !== camera.sub_url) say("address_changed");
  if ((was.rotate ?? 0) !== (camera.rotate ?? 0)) say("rotated");
  for (const kind of /** @type {("zones"|"lines")[]} */ (["zones", "lines"])) {
    const one = kind === "zones" ? "zone" : "line";
    const name = (draft, id) => nameOf(draft, camera.id, kind, id);
    for (const shape of was[kind] ?? []) if (!(camera[kind] ?? []).some(({ id }) => id === shape.id)) say(`${one}_removed`, { name: name(before, shape.id) });
    for (const shape of camera[kind] ?? []) {
      const old = (was[kind] ?? []).find(({ id }) => id === shape.id);
      if (!old) say(`${one}_added`, { name: name(after, shape.id) });
      else if (!same(old, shape)) say(`${one}_changed`, { name: name(after, shape.id) });
      else if (name(before, shape.id) !== name(after, shape.id)) say(`${one}_renamed`, { name: name(after, shape.id) });
    }
  }
  const [masks, masked] = [(was.masks ?? []).length, (camera.masks ?? []).length];
  if (masked > masks) say("masks_added");
  else if (masked < masks) say("masks_removed");
  else if (!same(was.masks ?? [], camera.masks ?? [])) say("masks_changed");
  const place = (draft, rule) => (rule.line ? nameOf(draft, camera.id, "lines", rule.line) : nameOf(draft, camera.id, "zones", rule.zone));
  for (const rule of was.rules ?? []) if (!(camera.rules ?? []).some(({ id }) => id === rule.id)) say("rule_removed", { kind: rule.kind, name: place(before, rule) });
  for (const rule of camera.rules ?? []) {
    const old = (was.rules ?? []).find(({ id }) => id === rule.id);
    if (!old) say("rule_added", { kind: rule.kind, name: place(after, rule) });
    else if (!same(old, rule)) say("rule_changed", { kind: rule.kind, name: place(after, rule) });
  }
  const known = ["id", "site", "url", "sub_url", "rotate", "zones", "lines", "masks", "rules"];
  const rest = (thing) => Object.fromEntries(Object.entries(thing).filter(([field]) => !known.includes(field)));
  if (!same(rest(was), rest(camera))) say("other_changed");
  return found;
}

/** @param {any} a @param {any} b */
export function same(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key], b[key]));
}

/** The faults that the centre named, by the part of the document. @param {{field: string, code: string}[]} errors
 * @returns {Record<string, string>} by `cameras.0.url` and so on */
export function faultsByPlace(errors) {
  return Object.fromEntries(errors.map(({ field, code }) => [field.replace(/^document\.?/, ""), code]));
}

/** Whether anything within this part of the document is wrong. @param {Record<string, string>} faults @param {string} place */
export const anyWithin = (faults, place) => Object.keys(faults).some((where) => where === place || where.startsWith(`${place}.`));

/** The box's sentences that the page says in the reader's language; what it does not know is shown as the box said it. */
const SAID = [
  { code: "no_picture", like: /^no picture came any more of (?<cameras>.+) for (?<n>\d+) s$/ },
  { code: "unlinked", like: /^the box did not reach the broker any more for (?<n>\d+) s$/ },
  { code: "stopped", like: /^the box stopped while it tried this configuration$/ },
];

/** @param {string} reason of the box @param {Draft} draft for the cameras' names @returns {{code: string, n: number, cameras: string}|null} */
export function knownReason(reason, draft) {
  for (const { code, like } of SAID) {
    const found = like.exec(reason)?.groups ?? (like.test(reason) ? {} : null);
    if (found) return { code, n: Number(found.n ?? 0), cameras: (found.cameras ?? "").split(", ").map((id) => nameOf(draft, id)).join(", ") };
  }
  return null;
}

/** The number of a text as people write it here; null for no number. @param {string} text */
export function readNumber(text) {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}

/** A time of day as the document has it: `7:05`, `7.05` and `705` are `07:05`; null for none. @param {string} text */
export function readClock(text) {
  const found = /^(\d{1,2})[:.h]?(\d{2})$/.exec(text.trim());
  if (!found || Number(found[1]) > 23 || Number(found[2]) > 59) return null;
  return `${found[1].padStart(2, "0")}:${found[2]}`;
}
