/**
 * `<camera-tile>`: one camera's live picture with the boxes that belong to it, its name, and an honest word about how
 * old the picture is. Owns the canvas and the decoding: of pictures that come faster than they can be drawn only the
 * latest is kept. Set `camera`, `alerts` (the open ones), `number`, `enlarged` and `barred`; it fires `enlarge`.
 */
import { render } from "preact";
import { effect, signal } from "@preact/signals";
import { centreNow } from "./clock.js";
import { paint } from "./draw.js";
import { html } from "./html.js";
import { words } from "./i18n.js";
import { ageOf, judge } from "./judge.js";
import { setVisible, takePictures } from "./pictures.js";
import { codeWords } from "./translate.js";
import { percent } from "./format.js";
import { TileView } from "./views/tile-view.js";

const TICK_MS = 500;

export class CameraTile extends HTMLElement {
  /** How many pictures were drawn since the tile came up. */
  framesDrawn = 0;
  /** When the picture on the canvas was captured, in milliseconds of the epoch. @type {number|null} */
  lastCapturedAt = null;
  /** The tracks drawn over it. @type {import("./types.js").Track[]} */
  lastTracks = [];

  shown = {
    camera: signal(/** @type {import("./types.js").Camera|null} */ (null)),
    alerts: signal(/** @type {import("./types.js").Alert[]} */ ([])),
    number: signal(0),
    enlarged: signal(false),
    barred: signal(false),
    verdict: signal({ state: "waiting", age: /** @type {number|null} */ (null), reason: /** @type {string|null} */ (null) }),
    capturedAt: signal(/** @type {number|null} */ (null)),
    people: signal(0),
  };

  #arrivedAt = /** @type {number|null} */ (null);
  #bitmap = /** @type {ImageBitmap|null} */ (null);
  #pending = /** @type {import("./pictures.js").Picture|null} */ (null);
  #decoding = false;
  #endings = /** @type {(() => void)[]} */ ([]);

  set camera(camera) {
    this.shown.camera.value = camera;
    this.#judge();
  }

  get camera() {
    return this.shown.camera.peek();
  }

  set alerts(alerts) {
    this.shown.alerts.value = alerts;
  }

  set number(number) {
    this.shown.number.value = number;
  }

  set enlarged(enlarged) {
    this.shown.enlarged.value = enlarged;
  }

  /** Whether this user's role may not see pictures; the tile then says so instead of waiting for one. */
  set barred(barred) {
    this.shown.barred.value = barred;
  }

  connectedCallback() {
    const id = this.camera?.id;
    if (!id) return;
    render(html`<${TileView} shown=${this.shown} onEnlarge=${() => this.dispatchEvent(new Event("enlarge"))} />`, this);
    const ticking = setInterval(() => this.#judge(), TICK_MS);
    const sizes = new ResizeObserver(() => this.#paint());
    sizes.observe(/** @type {Element} */ (this.querySelector("canvas")));
    const sight = new IntersectionObserver((entries) => setVisible(id, entries[entries.length - 1].isIntersecting));
    sight.observe(this);
    this.#endings = [
      takePictures(id, (picture) => this.#take(picture)),
      effect(() => this.#mark()),
      () => clearInterval(ticking),
      () => sizes.disconnect(),
      () => sight.disconnect(),
      () => setVisible(id, false),
    ];
    this.#judge();
  }

  disconnectedCallback() {
    for (const end of this.#endings) end();
    this.#endings = [];
    this.#bitmap?.close();
    this.#bitmap = null;
    this.#pending = null;
    render(null, this);
  }

  #take(picture) {
    this.#pending = picture;
    if (!this.#decoding) this.#drain();
  }

  async #drain() {
    this.#decoding = true;
    while (this.#pending) {
      const picture = this.#pending;
      this.#pending = null;
      const bitmap = await decode(picture.jpeg);
      if (bitmap && this.isConnected) this.#show(bitmap, picture);
      else bitmap?.close();
    }
    this.#decoding = false;
  }

  #show(bitmap, { header, capturedAt }) {
    this.#bitmap?.close();
    this.#bitmap = bitmap;
    this.#arrivedAt = centreNow();
    this.lastTracks = header.tracks;
    this.#paint();
    this.framesDrawn += 1;
    this.lastCapturedAt = capturedAt;
    this.shown.people.value = header.tracks.filter(({ label }) => label === "person").length;
    if (this.shown.verdict.peek().state !== "live") this.#judge();
  }

  #judge() {
    const camera = this.camera;
    if (!camera) return;
    const picture = { capturedAt: this.lastCapturedAt, arrivedAt: this.#arrivedAt };
    const verdict = judge(camera, picture, centreNow());
    this.shown.verdict.value = { ...verdict, age: ageOf(picture, centreNow()) };
    this.shown.capturedAt.value = this.lastCapturedAt;
  }

  /** The attributes that the style sheet and the tests read; a new alert or language paints the boxes anew. */
  #mark() {
    this.dataset.state = this.shown.verdict.value.state;
    const gravest = this.shown.alerts.value[0];
    if (gravest) this.dataset.severity = gravest.event.severity;
    else delete this.dataset.severity;
    this.classList.toggle("tile--enlarged", this.shown.enlarged.value);
    void words.value;
    this.#paint();
  }

  #paint() {
    const canvas = this.querySelector("canvas");
    if (!canvas || !this.#bitmap || canvas.clientWidth === 0) return;
    const density = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * density);
    const height = Math.round(canvas.clientHeight * density);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const t = words.peek();
    paint(context, width, height, density, {
      bitmap: this.#bitmap,
      tracks: this.lastTracks,
      zones: this.camera?.zones ?? [],
      alarmed: alarmedIds(this.shown.alerts.peek()),
      label: this.shown.enlarged.peek()
        ? ({ label, confidence }) => `${codeWords(t, "label", label)} ${percent(t, confidence)}`
        : null,
    });
  }
}

/** @param {Uint8Array} jpeg @returns {Promise<ImageBitmap|null>} null when the bytes are damaged */
async function decode(jpeg) {
  try {
    return await createImageBitmap(new Blob([/** @type {any} */ (jpeg)], { type: "image/jpeg" }));
  } catch {
    return null;
  }
}

/** @param {import("./types.js").Alert[]} alerts the gravest first @returns {Map<string, string>} */
function alarmedIds(alerts) {
  const found = new Map();
  for (const { event } of [...alerts].reverse()) {
    if (event.zone) found.set(event.zone, event.severity);
    for (const track of event.tracks ?? []) found.set(track.id, event.severity);
  }
  return found;
}

customElements.define("camera-tile", CameraTile);
