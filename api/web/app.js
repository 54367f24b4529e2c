/**
 * The page: joins the state to the API, the socket and the views. Decides nothing that `state.js` can decide; here
 * are only the things that must be done because the state changed.
 */
import { render } from "preact";
import { computed, effect, signal } from "@preact/signals";
import * as api from "./api.js";
import { callForAttention } from "./calls.js";
import { centreNow, setCentreClock } from "./clock.js";
import { html } from "./html.js";
import { loadLanguages } from "./i18n.js";
import { listenToKeys } from "./keys.js";
import { openLive } from "./live.js";
import { followAddress, route } from "./navigation.js";
import { offerPicture, offerVideo, wishes } from "./pictures.js";
import { readIncidentsById, readUnfinished } from "./requests/incidents.js";
import { dispatch, state } from "./store.js";
import { Page } from "./views/page.js";
import "./tile.js";

const RETRY_MS = 5_000;
const NOTHING = { cameras: [], video: [], sub: [], main: [] };

let live = /** @type {ReturnType<typeof openLive>|null} */ (null);
const pageHidden = signal(document.hidden);

const session = computed(() => (state.value.user?.must_enrol ? "enrolling" : state.value.session));
const refetch = computed(() => state.value.refetch);
/** Who goes to another page, by the browser's own buttons too, leaves the alert that lies open over this one. */
const shownPage = computed(() => `${route.value.page}/${route.value.id}`);

async function findSession() {
  try {
    dispatch({ type: "session.started", user: await api.readSession() });
  } catch (problem) {
    if (problem.status === 401) return dispatch({ type: "session.ended" });
    dispatch({ type: "session.unreachable" });
    setTimeout(findSession, RETRY_MS);
  }
}

function openSocket() {
  live = openLive(api.liveUrl(location), {
    onMessage(message) {
      if (message.type === "hello") setCentreClock(message.at);
      dispatch(message);
      if (message.type === "event") meetDevice(message.event.device);
    },
    onPicture: offerPicture,
    onVideo: offerVideo,
    onConnection: (next) => dispatch({ type: "connection", state: next, at: centreNow() }),
    onEnded: () => dispatch({ type: "session.ended", notice: "session_ended" }),
    probe: () => api.readSession().catch((problem) => { if (!endIfSignedOut(problem)) throw problem; }),
  });
}

function closeSocket() {
  live?.close();
  live = null;
}

/** A 401 ends the session for the whole page; every other problem stays with who asked. */
function endIfSignedOut(problem) {
  if (problem.status === 401) dispatch({ type: "session.ended", notice: "session_ended" });
  return problem.status === 401;
}

async function fetchCameras() {
  dispatch({ type: "cameras.requested" });
  try {
    dispatch({ type: "cameras.loaded", ...await api.readCameras() });
  } catch (problem) {
    dispatch({ type: "cameras.failed", code: problem.code });
    if (!endIfSignedOut(problem)) throw problem;
  }
}

async function fetchDevices() {
  try {
    dispatch({ type: "devices.loaded", ...await api.readDevices() });
  } catch (problem) {
    if (!endIfSignedOut(problem)) throw problem;
  }
}

/** Devices that an alert named and the list did not hold; each is asked for once.
 * @type {Set<string>} */
const met = new Set();

/** @param {string|undefined} id */
function meetDevice(id) {
  if (id === undefined || state.peek().devices[id] || met.has(id)) return;
  met.add(id);
  void fetchDevices().catch(() => met.delete(id));
}

async function fetchAlerts() {
  try {
    const page = await api.readEvents();
    await fetchIncidents(page.items);
    dispatch({ type: "alerts.loaded", ...page });
  } catch (problem) {
    dispatch({ type: "alerts.failed", code: problem.code });
    if (!endIfSignedOut(problem)) throw problem;
  }
}

/** What waits for somebody, and what `alerts` are part of. */
async function fetchIncidents(alerts) {
  const ids = [...new Set(alerts.flatMap(({ incident }) => (incident ? [incident] : [])))];
  const pages = await Promise.all([readUnfinished(), ...(ids.length > 0 ? [readIncidentsById(ids)] : [])]);
  for (const { items } of pages) dispatch({ type: "incidents.loaded", items });
}

/** One fetch at a time; a wish during a fetch is one more fetch after it; a failed one is tried again. */
let fetching = false;
let fetchAgain = false;

async function fetchAll() {
  if (fetching) {
    fetchAgain = true;
    return;
  }
  fetching = true;
  fetchAgain = false;
  const results = await Promise.allSettled([fetchCameras(), fetchDevices(), fetchAlerts()]);
  fetching = false;
  if (session.peek() !== "in") return;
  if (fetchAgain) void fetchAll();
  else if (results.some(({ status }) => status === "rejected")) setTimeout(fetchAll, RETRY_MS);
}

/** What the views may ask for. @type {import("./views/page.js").Doings} */
const doings = {
  async signIn(username, password, code) {
    dispatch({ type: "session.started", user: await api.signIn(username, password, code) });
  },
  findSession,
  async signOut() {
    await api.signOut().catch(() => undefined);
    dispatch({ type: "session.ended", notice: "signed_out" });
  },
  async loadOlder() {
    const cursor = state.peek().nextCursor;
    if (cursor === null || state.peek().olderStatus === "loading") return;
    dispatch({ type: "older.requested" });
    try {
      const page = await api.readEvents(cursor);
      await fetchIncidents(page.items);
      dispatch({ type: "older.loaded", cursor, ...page });
    } catch (problem) {
      dispatch({ type: "older.failed" });
      endIfSignedOut(problem);
    }
  },
  refetch: fetchAll,
  reconnect: () => live?.retryNow(),
};

function react() {
  effect(() => {
    if (session.value !== "in") return;
    openSocket();
    return closeSocket;
  });
  effect(() => {
    if (session.value === "in" && refetch.value > 0) void fetchAll();
  });
  effect(() => {
    if (shownPage.value !== null && state.peek().detail !== null) dispatch({ type: "alert.left" });
  });
  effect(() => {
    const watched = pageHidden.value || session.value !== "in" ? NOTHING : wishes.value;
    live?.watch(watched);
  });
  callForAttention();
}

async function start() {
  await loadLanguages();
  document.addEventListener("visibilitychange", () => { pageHidden.value = document.hidden; });
  window.addEventListener("online", () => live?.retryNow());
  listenToKeys(document);
  followAddress(window);
  render(html`<${Page} doings=${doings} />`, /** @type {Element} */ (document.getElementById("app")));
  react();
  await findSession();
}

void start();
