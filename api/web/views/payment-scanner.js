/**
 * Reads one code: by the phone's camera where the browser gives it, by a photo, or as typed text. The text goes to who
 * asked and is kept nowhere.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { whyNoCamera } from "../scan.js";
import { openCamera, readPhoto, watchVideo } from "../scanner.js";

/** Who opened the camera once opens it again at the next code without asking. */
let wanted = false;

/** @param {{onText: (text: string) => void, busy?: boolean}} props */
export function Scanner({ onText, busy = false }) {
  const t = words.value;
  const camera = useCamera(onText);
  const [photo, setPhoto] = useState(/** @type {"none"|"reading"|"unreadable"} */ ("none"));

  async function take(event) {
    const input = /** @type {HTMLInputElement} */ (event.currentTarget);
    const file = input.files?.[0];
    if (!file) return;
    setPhoto("reading");
    camera.close();
    const text = await readPhoto(file).catch(() => null);
    input.value = "";
    setPhoto(text === null ? "unreadable" : "none");
    if (text !== null) onText(text);
  }

  const live = camera.mode === "live" || camera.mode === "opening";
  return html`<div class="scanner" data-testid="scanner" data-mode=${camera.mode}>
    <div class=${`scanner__view ${live ? "scanner__view--live" : ""}`}>
      <video ref=${camera.video} class="scanner__video" playsinline muted aria-label=${t("scanner.video")} hidden=${!live}></video>
      ${live ? html`<span class="scanner__frame" aria-hidden="true"></span><p class="scanner__hint" role="status">
          ${t(camera.mode === "live" ? "scanner.aim" : "scanner.opening")}</p>`
        : html`<${Icon} name="qr" /><p>${t(busy || photo === "reading" ? "scanner.reading" : "scanner.idle")}</p>`}
    </div>
    <div role="alert">
      ${camera.why && html`<p class="message message--warn" data-testid="scanner-why"><${Icon} name="warning" /><span>${t(`scanner.why.${camera.why}`)}</span></p>`}
      ${photo === "unreadable" && html`<p class="message message--bad" data-testid="scanner-unreadable"><${Icon} name="warning" />
        <span>${t("scanner.unreadable")}</span></p>`}
    </div>
    <div class="scanner__ways">
      ${live ? html`<button type="button" class="button" onClick=${camera.close}><${Icon} name="close" />${t("scanner.stop")}</button>`
        : html`<button type="button" class=${`button ${camera.why ? "" : "button--primary"}`} data-testid="scanner-camera" disabled=${busy}
          onClick=${camera.open}><${Icon} name="camera" />${t("scanner.camera")}</button>`}
      <label class=${`button scanner__photo ${camera.why ? "button--primary" : ""}`}><${Icon} name="qr" />${t("scanner.photo")}
        <input class="hidden" type="file" accept="image/*" capture="environment" data-testid="scanner-photo" disabled=${busy || photo === "reading"}
          onChange=${take} /></label>
    </div>
    <${Typed} onText=${onText} busy=${busy} />
  </div>`;
}

/** @param {(text: string) => void} onText */
function useCamera(onText) {
  const video = useRef(/** @type {HTMLVideoElement|null} */ (null));
  const end = useRef(() => undefined);
  const [mode, setMode] = useState(/** @type {"idle"|"opening"|"live"} */ ("idle"));
  const [why, setWhy] = useState(/** @type {string|null} */ (null));
  const found = useRef(onText);
  found.current = onText;

  function close() {
    end.current();
    setMode("idle");
  }

  async function open() {
    const missing = whyNoCamera({ secure: window.isSecureContext, camera: Boolean(navigator.mediaDevices?.getUserMedia) });
    setWhy(missing);
    if (missing) return;
    let open = true;
    let stop = () => undefined;
    end.current = () => { open = false; stop(); };
    setMode("opening");
    try {
      const stream = await openCamera();
      stop = () => { for (const track of stream.getTracks()) track.stop(); };
      const element = video.current;
      if (!open || element === null) return stop();
      element.srcObject = stream;
      await element.play();
      wanted = true;
      setMode("live");
      const unwatch = watchVideo(element, (text) => {
        navigator.vibrate?.(60);
        close();
        found.current(text);
      });
      stop = () => { unwatch(); element.srcObject = null; for (const track of stream.getTracks()) track.stop(); };
    } catch (problem) {
      if (!open) return;
      close();
      setWhy(whyNoCamera({ secure: true, camera: true, error: problem.name }));
    }
  }

  useEffect(() => {
    if (wanted) void open();
    return () => end.current();
  }, []);
  return { video, mode, why, open, close };
}

function Typed({ onText, busy }) {
  const t = words.value;
  const [text, setText] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (text.trim()) onText(text.trim());
  };
  return html`<details class="scanner__typed"><summary data-testid="scanner-typed">${t("scanner.typed")}</summary>
    <form class="form" onSubmit=${submit}>
      <label class="field"><span>${t("scanner.text")}</span><textarea rows="3" maxlength="4300" spellcheck=${false} autocomplete="off"
        data-testid="scanner-text" value=${text} onInput=${(event) => setText(event.currentTarget.value)}></textarea></label>
      <div><button type="submit" class="button" data-testid="scanner-submit" disabled=${busy || !text.trim()}>${t("scanner.submit")}</button></div>
    </form></details>`;
}
