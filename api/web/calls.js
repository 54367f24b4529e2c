/**
 * What calls a person who does not look: the sound, the title of the tab, and a notice of the operating system. All of
 * it is made on this computer and needs no internet.
 */
import { computed, effect, signal } from "@preact/signals";
import { second } from "./clock.js";
import { words } from "./i18n.js";
import { works } from "./incidents.js";
import { go } from "./navigation.js";
import { placeOf } from "./select.js";
import { keepCalling, ring } from "./sound.js";
import { callers, dispatch, state, waiting } from "./store.js";
import { codeWords } from "./translate.js";

/** Severities for which the operating system is asked to show a notice while the page is not looked at. */
const NOTICED = ["high", "critical"];

/** Whether notices may be shown: `default` while nobody was asked, `unsupported` where there are none. */
export const permission = signal(typeof Notification === "undefined" ? "unsupported" : Notification.permission);

/** Asks the person; browsers allow that only as the answer to a click. */
export async function askPermission() {
  permission.value = await Notification.requestPermission();
}

const signedIn = computed(() => state.value.session === "in");
const arrival = computed(() => state.value.latestArrival);
/** Who only reads cannot answer a call. */
const gravest = computed(() => (works(state.value.user) ? callers.value[0] ?? null : null));

/** Starts to call whenever there is a reason. */
export function callForAttention() {
  effect(() => {
    if (arrival.value !== null) ring();
  });
  effect(() => keepCalling(signedIn.value && gravest.value !== null));
  effect(() => {
    const alert = arrival.value === null ? undefined : state.peek().alerts[arrival.value];
    if (alert && NOTICED.includes(alert.event.severity)) notify(alert);
  });
  effect(() => { document.title = title(); });
}

/** Flashes each second while something critical waits. */
function title() {
  const t = words.value;
  const n = signedIn.value ? waiting.value : 0;
  const usual = n > 0 ? t("title.alerts", { n: String(n) }) : t("title");
  const worst = signedIn.value ? gravest.value : null;
  if (worst === null || Math.floor(second.value / 1000) % 2 === 0) return usual;
  return t("title.critical", { kind: codeWords(t, "kind", worst.kind) });
}

function notify(alert) {
  if (permission.peek() !== "granted" || (document.visibilityState === "visible" && document.hasFocus())) return;
  const t = words.peek();
  const { id, kind, severity } = alert.event;
  const place = placeOf(state.peek(), alert);
  const notice = new Notification(`${codeWords(t, "severity", severity)}: ${codeWords(t, "kind", kind)}`, {
    body: [place.site, place.source, place.zone].filter(Boolean).join(", "), tag: id, icon: "/static/img/logo.svg",
    requireInteraction: severity === "critical",
  });
  notice.onclick = () => {
    window.focus();
    notice.close();
    go("wall");
    dispatch({ type: "alert.shown", id });
  };
}
