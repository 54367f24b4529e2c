/** What a box recorded of a moment: asks for it with a reason, waits until the film has come, and plays it. */
import { useEffect, useState } from "preact/hooks";
import { centreNow, second } from "../clock.js";
import { duration, moment, timeOfDay } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { askRecording, readRecording, recordingUrl } from "../requests/recordings.js";
import { state } from "../store.js";
import { codeWords } from "../translate.js";
import { Notice } from "./notice.js";
import { Reason, reasonHolds } from "./reason.js";

const LENGTHS_S = [30, 60, 120, 300, 600];
const ASKERS = ["admin", "operator", "police"];
const POLL_MS = 2_000;

/** The offer to fetch what was recorded around a moment.
 * @param {{camera: string, at: number, recordings: import("../requests/places.js").Recorded[], onRecording: (id: string) => void}} props */
export function RecordingOffer({ camera, at, recordings, onRecording }) {
  const t = words.value;
  const [length, setLength] = useState(60);
  const [asking, setAsking] = useState(false);
  const now = second.value;
  const end = Math.min(at + length * 500, now); // the box waits for what it has not written yet
  const begin = end - length * 1000;
  const there = recordings.filter(({ from, to, state: stand }) => stand !== "refused" && Date.parse(from) <= at && Date.parse(to) >= at);
  if (!ASKERS.includes(state.value.user?.role ?? "")) return html`<${Notice} icon="film" title=${moment(at, now)}
    body=${t("problem.may_not_ask")} />`;
  const ask = async (reason) => {
    const asked = await askRecording(camera, new Date(begin).toISOString(), new Date(end).toISOString(), reason);
    onRecording(asked.id);
  };
  return html`<div class="offer" data-testid="recording-offer">
    <${Icon} name="film" />
    <h2 class="offer__title">${t("recording.moment", { time: moment(at, now) })}</h2>
    ${there.map(({ id, from, to, requested_by: by }) => html`<button key=${id} type="button" class="button"
      onClick=${() => onRecording(id)}>
      <${Icon} name="play" />${t("recording.there", { from: timeOfDay(Date.parse(from)), to: timeOfDay(Date.parse(to)), by })}</button>`)}
    <p class="offer__note">${t("recording.offer")}</p>
    <div class="tabs" role="group" aria-label=${t("recording.length")}>${LENGTHS_S.map((s) => html`<button key=${s} type="button"
      class="tabs__item"
      aria-pressed=${length === s} onClick=${() => setLength(s)}>${duration(t, s * 1000)}</button>`)}</div>
    <button type="button" class="button button--primary" data-testid="recording-ask" onClick=${() => setAsking(true)}><${Icon}
      name="download" />
      ${t("recording.ask", { from: timeOfDay(begin), to: timeOfDay(end) })}</button>
    ${asking && html`<${Reason} thing=${{ camera }} note=${t("recording.note")} ask=${ask} onAllowed=${() => setAsking(false)}
      onClose=${() => setAsking(false)} />`}
  </div>`;
}

/** @param {{id: string, onReady: () => void}} props `onReady`: the film has come while this was open */
export function RecordingView({ id, onReady }) {
  const t = words.value;
  const { status, data, problem, reload } = useLoad(`recording ${id}`, () => readRecording(id));
  const waits = data !== null && !data.ready && !data.removed_at && data.state !== "refused";
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setInterval(reload, POLL_MS);
    return () => {
      clearInterval(timer);
      onReady();
    };
  }, [waits]);
  if (status === "loading") return html`<${Notice} icon="waiting" title=${t("recording.loading")} />`;
  if (data === null) {
    return html`<${Notice} icon="offline" title=${t("recording.failed")} body=${codeWords(t, "problem", problem)}
      action=${{ label: t("retry"), run: reload }} />`;
  }
  if (data.state === "refused") return html`<${Notice} icon="film" title=${t("recording.refused")}
    body=${codeWords(t, "refusal", data.refusal)} />`;
  if (data.removed_at) return html`<${Notice} icon="film" title=${span(data)} body=${t("problem.media_removed")} />`;
  if (!data.ready) {
    return html`<div class="offer" data-testid="recording-waits" role="status"><${Icon} name="waiting" />
      <h2 class="offer__title">${span(data)}</h2><p>${t(`recording.state.${data.state}`)}</p><p
        class="offer__note">${t("recording.wait")}</p></div>`;
  }
  return html`<${Film} key=${id} recording=${data} />`;
}

function Film({ recording }) {
  const t = words.value;
  const mine = recording.requested_by === state.value.user?.username;
  const thing = { camera: recording.camera };
  const [allowed, setAllowed] = useState(mine || reasonHolds(thing, centreNow()));
  const [asking, setAsking] = useState(!allowed);
  const [broken, setBroken] = useState(false);
  if (!allowed) {
    return html`<${Notice} icon="film" title=${t("clip.reason")} action=${{ label: t("clip.give"), run: () => setAsking(true) }} />
      ${asking && html`<${Reason} thing=${thing} onAllowed=${() => setAllowed(true)} onClose=${() => setAsking(false)} />`}`;
  }
  if (broken) return html`<${Notice} icon="film" title=${t("clip.unplayable")}
    action=${{ label: t("retry"), run: () => setBroken(false) }} />`;
  return html`<figure class="film" data-testid="recording">
    <video class="film__video" src=${recordingUrl(recording.id)} controls autoplay muted playsinline aria-label=${span(recording)}
      onError=${() => setBroken(true)}></video>
    <figcaption class="film__words"><strong>${span(recording)}</strong>
      <span>${t("recording.by", { by: recording.requested_by, reason: recording.reason })}</span></figcaption>
  </figure>`;
}

/** @param {import("../requests/recordings.js").Recording} recording */
function span({ begin, end, began_at: began, ended_at: ended }) {
  const [from, to] = [Date.parse(began ?? begin), Date.parse(ended ?? end)];
  return `${moment(from, second.peek())} – ${timeOfDay(to)}`;
}
