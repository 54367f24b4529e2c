/**
 * The wall's one state and the only function that changes it. Knows what each message of the feed and each action of
 * the person at the screen means; where messages come from, how they look and what time it is are others' business.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Action} Action
 * @typedef {import("./types.js").Alert} Alert
 * @typedef {import("./types.js").Camera} Camera
 */

import { NO_WORK, REACTIONS as INCIDENT_REACTIONS, withMembership } from "./incidents.js";

/** Above this many alerts in memory the list is fetched anew, so that a page open for weeks does not grow. */
export const MOST_ALERTS = 400;

export const INITIAL = Object.freeze(/** @type {State} */ ({
  session: "unknown",
  user: null,
  sessionNotice: null,
  connection: { state: "connecting", since: 0 },
  cameras: {},
  cameraOrder: [],
  camerasStatus: "loading",
  camerasProblem: null,
  devices: {},
  touched: {},
  strangers: {},
  alerts: {},
  alertsStatus: "loading",
  alertsProblem: null,
  olderStatus: "idle",
  nextCursor: null,
  latestArrival: null,
  refetch: 0,
  focus: null,
  detail: null,
  work: NO_WORK,
  pane: "wall",
  help: false,
}));

/** @type {Record<string, (state: State, message: any) => State>} */
const REACTIONS = {
  // What the feed says.
  hello: (state) => ({ ...state, refetch: state.refetch + 1 }),
  event: takeArrival,
  camera: takeCamera,
  box: takeBox,
  cameras: (state) => ({ ...state, refetch: state.refetch + 1 }),
  missed: (state) => ({ ...state, refetch: state.refetch + 1 }),
  ...INCIDENT_REACTIONS,

  // What became of a request.
  "session.started": (state, { user }) => ({ ...INITIAL, refetch: state.refetch + 1, session: "in", user }),
  "session.ended": (state, { notice }) => ({
    ...INITIAL, refetch: state.refetch, session: "out", sessionNotice: notice ?? null,
  }),
  "session.unreachable": (state) => ({ ...state, session: "unreachable" }),
  "cameras.requested": (state) => ({
    ...state, touched: {}, camerasStatus: state.camerasStatus === "ready" ? "ready" : "loading",
  }),
  "cameras.loaded": takeCameras,
  "devices.loaded": (state, { items }) => ({ ...state, devices: Object.fromEntries(items.map((item) => [item.id, item])) }),
  "cameras.failed": (state, { code }) => ({
    ...state, camerasStatus: state.camerasStatus === "ready" ? "ready" : "failed", camerasProblem: code,
  }),
  "alerts.loaded": takeNewest,
  "alerts.failed": (state, { code }) => ({
    ...state, alertsStatus: state.alertsStatus === "ready" ? "ready" : "failed", alertsProblem: code,
  }),
  "older.requested": (state) => ({ ...state, olderStatus: "loading" }),
  "older.loaded": takeOlder,
  "older.failed": (state) => ({ ...state, olderStatus: "failed" }),
  connection: (state, { state: next, at }) =>
    state.connection.state === next ? state : { ...state, connection: { state: next, since: at } },

  // What the person does.
  "camera.focused": (state, { id }) => ({
    ...state, focus: id !== null && state.cameras[id] ? id : null, pane: "wall",
  }),
  "alert.shown": (state, { id }) => (state.alerts[id] ? { ...state, detail: id } : state),
  "alert.left": (state) => ({ ...state, detail: null }),
  "alerts.met": (state, { items }) => withMembership({ ...state, alerts: items.reduce(withAlert, state.alerts) }, items),
  "pane.chosen": (state, { pane }) => ({ ...state, pane }),
  "help.shown": (state, { shown }) => ({ ...state, help: shown }),
};

/**
 * The state after `message`. Messages of an unknown type, from a newer centre, change nothing.
 * @param {State} state
 * @param {Action} message
 * @returns {State}
 */
export function reduce(state, message) {
  return Object.hasOwn(REACTIONS, message.type) ? REACTIONS[message.type](state, message) : state;
}

/** @returns {State} */
function takeArrival(state, { ward, box, event, received_at }) {
  const known = state.alerts[event.id];
  const alerts = withAlert(state.alerts, { ward, box, event, received_at });
  if (alerts === state.alerts) return state;
  const arrived = !known && event.phase !== "close";
  if (arrived) alerts[event.id].arrived = true;
  const count = Object.keys(alerts).length;
  const overfull = !known && count > MOST_ALERTS && count % 50 === 1;
  return {
    ...state,
    alerts,
    latestArrival: arrived ? event.id : state.latestArrival,
    refetch: state.refetch + (overfull ? 1 : 0),
  };
}

/** `alerts` with `item`, or `alerts` itself when it already holds that revision or a later one. */
function withAlert(alerts, item) {
  const known = alerts[item.event.id];
  if (known && known.event.revision >= item.event.revision) return alerts;
  return { ...alerts, [item.event.id]: { ...item, arrived: known?.arrived ?? false } };
}

/** @returns {State} */
function takeCamera(state, { box, camera }) {
  const known = state.cameras[camera.id];
  if (!known) {
    if (state.camerasStatus !== "ready" || state.strangers[camera.id]) return state;
    return { ...state, strangers: { ...state.strangers, [camera.id]: true }, refetch: state.refetch + 1 };
  }
  const next = {
    ...known,
    box,
    state: camera.state,
    since: camera.since,
    fault: camera.fault ?? null,
    fps: camera.fps ?? null,
    analysed_fps: camera.analysed_fps ?? null,
    width: camera.width ?? known.width,
    height: camera.height ?? known.height,
  };
  return {
    ...state,
    cameras: { ...state.cameras, [camera.id]: next },
    touched: { ...state.touched, [`camera ${camera.id}`]: true },
  };
}

/** @returns {State} */
function takeBox(state, { box, state: boxState }) {
  const cameras = Object.fromEntries(
    Object.entries(state.cameras).map(([id, camera]) =>
      [id, camera.box === box && camera.box_state !== boxState ? { ...camera, box_state: boxState } : camera]),
  );
  return { ...state, cameras, touched: { ...state.touched, [`box ${box}`]: true } };
}

/** The fetched cameras; what the feed said since the request was sent is newer and stays. @returns {State} */
function takeCameras(state, { items }) {
  const cameras = {};
  for (const item of items) {
    const known = state.cameras[item.id];
    let next = item;
    if (known && state.touched[`camera ${item.id}`]) {
      const { state: connection, since, fault, fps, analysed_fps, width, height } = known;
      next = { ...next, state: connection, since, fault, fps, analysed_fps, width, height };
    }
    if (known && state.touched[`box ${item.box}`]) next = { ...next, box_state: known.box_state };
    cameras[item.id] = next;
  }
  return {
    ...state,
    cameras,
    cameraOrder: items.map((item) => item.id),
    camerasStatus: "ready",
    camerasProblem: null,
    focus: state.focus !== null && cameras[state.focus] ? state.focus : null,
  };
}

/**
 * The newest page replaces what was there, because alerts beyond it may have changed unseen. Kept are those that the
 * feed delivered meanwhile and the one that is open on the screen. What opened while the feed was away is new.
 * @returns {State}
 */
function takeNewest(state, { items, next_cursor }) {
  const merged = items.reduce(withAlert, state.alerts);
  const oldest = items.length > 0 ? items[items.length - 1].event.opened_at : "";
  const listed = new Set(items.map((item) => item.event.id));
  const alerts = Object.fromEntries(Object.entries(merged).filter(([id, alert]) =>
    listed.has(id) || alert.event.opened_at > oldest || id === state.detail));
  const arrivals = state.alertsStatus !== "ready" ? [] : items.filter(({ event }) =>
    !state.alerts[event.id] && event.phase !== "close");
  for (const { event } of arrivals) alerts[event.id] = { ...alerts[event.id], arrived: true };
  return {
    ...withMembership(state, items),
    alerts,
    latestArrival: arrivals[0]?.event.id ?? state.latestArrival,
    nextCursor: next_cursor ?? null,
    alertsStatus: "ready",
    alertsProblem: null,
    olderStatus: "idle",
  };
}

/** @returns {State} */
function takeOlder(state, { items, next_cursor, cursor }) {
  if (cursor !== state.nextCursor) return { ...state, olderStatus: "idle" };
  const alerts = items.reduce(withAlert, state.alerts);
  return { ...withMembership(state, items), alerts, nextCursor: next_cursor ?? null, olderStatus: "idle" };
}
