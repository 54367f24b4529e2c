/**
 * `<camera-tile>`: one camera live, with the boxes that belong to the frame on the screen, its name, and an honest word
 * about how old that frame is. Owns the player and the canvas over it; where there is no video, it draws pictures, and
 * of those that come faster than they can be drawn only the latest is kept. Which stream it plays says quality.js.
 * Set `camera`, `alerts` (the open ones), `number`, `enlarged`, `crowded`, `ahead` and `barred`; it fires `enlarge`.
 */
import { render } from "preact";
import { effect, signal } from "@preact/signals";
import { boxesAt, remember } from "./boxes.js";
import { centreNow } from "./clock.js";
import { paint } from "./draw.js";
import { html } from "./html.js";
import { words } from "./i18n.js";
import { ageOf, judge } from "./judge.js";
import { takePictures, want } from "./pictures.js";
import { Player, cannotPlay } from "./player.js";
import { NONE, asks, streamOf, take, wishFor } from "./quality.js";
import { codeWords } from "./translate.js";
import { percent } from "./format.js";
import { TileView } from "./views/tile-view.js";

const TICK_MS = 500;
const COMMON_CODEC = "avc1.42e01e";
const SIZE_SETTLES_MS = 300;

/** The sizes of the cameras' sub-streams, as far as they were seen. @type {Map<string, import("./quality.js").Size>} */
const subSizes = new Map();

export class CameraTile extends HTMLElement {
  /** How many frames were shown since the tile came up. */
  framesDrawn = 0;
  /** When the frame on the screen was captured, in milliseconds of the epoch. @type {number|null} */
  lastCapturedAt = null;
  /** The tracks drawn over it. @type {import("./types.js").Track[]} */
  lastTracks = [];
  /** What is on the screen. @type {"video"|"pictures"} */
  form = "pictures";

  shown = {
    camera: signal(/** @type {import("./types.js").Camera|null} */ (null)),
    alerts: signal(/** @type {import("./types.js").Alert[]} */ ([])),
    number: signal(0),
    enlarged: signal(false),
    crowded: signal(false),
    /** Why an alert brought the tile forward; null when none did. */
    ahead: signal(/** @type {import("./forward.js").Forward|null} */ (null)),
    barred: signal(false),
    verdict: signal({ state: "waiting", age: /** @type {number|null} */ (null), reason: /** @type {string|null} */ (null) }),
    capturedAt: signal(/** @type {number|null} */ (null)),
    people: signal(0),
    /** Why there are pictures instead of video; null while there is video or none is missed. */
    instead: signal(/** @type {string|null} */ (null)),
    /** Which stream is on the screen; null while there are pictures. */
    stream: signal(/** @type {import("./quality.js").Stream|null} */ (null)),
    /** Why it is the main stream though the sub-stream is wanted; null when it is not so. */
    noSub: signal(/** @type {string|null} */ (null)),
    size: signal(/** @type {import("./quality.js").Size|null} */ (null)),
  };

  #arrivedAt = /** @type {number|null} */ (null);
  #bitmap = /** @type {ImageBitmap|null} */ (null);
  #pending = /** @type {import("./pictures.js").Picture|null} */ (null);
  #decoding = false;
  #player = /** @type {Player|null} */ (null);
  #seen = /** @type {import("./boxes.js").Seen[]} */ ([]);
  /** Why this browser does not play a stream of the camera. @type {Partial<Record<import("./quality.js").Stream, string|null>>} */
  #refused = { main: cannotPlay(COMMON_CODEC), sub: cannotPlay(COMMON_CODEC) };
  #playing = NONE;
  #visible = false;
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

  /** Whether the tile is one of many, and small. */
  set crowded(crowded) {
    this.shown.crowded.value = crowded;
  }

  set ahead(ahead) {
    this.shown.ahead.value = ahead || null; // Preact writes an empty text for null
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
    let settling = 0;
    const sizes = new ResizeObserver(() => {
      this.#paint();
      clearTimeout(settling);
      settling = window.setTimeout(() => this.#want(), SIZE_SETTLES_MS);
    });
    sizes.observe(/** @type {Element} */ (this.querySelector("canvas")));
    const sight = new IntersectionObserver((entries) => {
      this.#visible = entries[entries.length - 1].isIntersecting;
      this.#want();
    });
    sight.observe(this);
    this.#endings = [
      takePictures(id, { onPicture: (picture) => this.#take(picture), onVideo: (piece) => this.#takeVideo(piece) }),
      effect(() => this.#mark()),
      effect(() => {
        void [this.shown.enlarged.value, this.shown.crowded.value];
        this.#want();
      }),
      () => clearTimeout(settling),
      () => clearInterval(ticking),
      () => sizes.disconnect(),
      () => sight.disconnect(),
      () => want(id, null, this),
      () => this.#endVideo(),
    ];
    this.#judge();
  }

  disconnectedCallback() {
    for (const end of this.#endings) end();
    this.#endings = [];
    this.#hold(null);
    this.#pending = null;
    this.#visible = false;
    render(null, this);
  }

  get #video() {
    return /** @type {HTMLVideoElement} */ (this.querySelector("video"));
  }

  /** Which stream this tile should show. */
  #wish() {
    const canvas = this.querySelector("canvas");
    const density = window.devicePixelRatio || 1;
    const room = { width: (canvas?.clientWidth ?? 0) * density, height: (canvas?.clientHeight ?? 0) * density };
    const sub = subSizes.get(this.camera?.id ?? "") ?? null;
    const wish = wishFor({ enlarged: this.shown.enlarged.peek(), crowded: this.shown.crowded.peek(), room, sub });
    return wish === "sub" && this.#refused.sub ? "main" : wish;
  }

  /** Why this tile asks for pictures; null while it asks for video. */
  #why() {
    const wish = this.#wish();
    return this.#refused[wish === "sub" && this.#playing.over !== null ? "main" : wish] ?? null;
  }

  #want() {
    const id = this.camera?.id;
    if (!id || !this.isConnected) return;
    want(id, !this.#visible ? null : this.#why() ? "pictures" : asks(this.#playing, this.#wish()), this);
  }

  #takeVideo(piece) {
    if (!this.isConnected) return;
    if (piece.header.kind === "tracks") {
      this.#seen = remember(this.#seen, { capturedAt: piece.capturedAt, tracks: piece.header.tracks });
      return;
    }
    if (piece.header.kind === "init" && !this.#plays(piece)) return;
    if (this.#refused[streamOf(piece)]) return;
    const { playing, pieces } = take(this.#playing, piece, this.#wish(), performance.now());
    const changed = playing.shown !== this.#playing.shown || playing.over !== this.#playing.over;
    this.#playing = playing;
    for (const each of pieces) this.#play(each);
    if (changed) this.#want();
  }

  /** Whether the stream that begins can be played. */
  #plays(piece) {
    const { codec, width, height } = piece.header;
    if (piece.header.stream === "sub") subSizes.set(piece.header.camera, { width, height });
    const reason = cannotPlay(codec);
    if (reason !== null) this.#refuse(streamOf(piece), reason);
    return reason === null;
  }

  #play(piece) {
    this.#player ??= new Player(this.#video, {
      onFrame: (capturedAt) => this.#showFrame(capturedAt),
      onReset: () => this.#freeze(),
      onGivenUp: (reason) => this.#refuse(this.#playing.shown ?? "main", reason),
    });
    this.#player.take(piece);
  }

  /** Asks for no such video any more: for pictures from now on, unless there is another stream to show. */
  #refuse(stream, reason) {
    this.#refused = { ...this.#refused, [stream]: reason };
    if (stream === this.#playing.shown || this.#why()) this.#endVideo();
    this.#want();
  }

  #endVideo() {
    this.#playing = { ...NONE, over: this.#playing.over };
    if (this.#player === null) return;
    this.#freeze();
    this.#seen = [];
    const player = this.#player;
    this.#player = null;
    player.close();
  }

  /** Keeps the frame that is on the screen, while the video below it begins anew or ends. */
  #freeze() {
    const video = this.#video;
    if (this.form !== "video" || video.readyState < 2) return;
    const copy = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    /** @type {any} */ (copy.getContext("2d")).drawImage(video, 0, 0);
    this.#hold(copy.transferToImageBitmap());
    this.#paint();
  }

  #showFrame(capturedAt) {
    const before = this.lastTracks;
    const begins = this.#bitmap !== null || this.form !== "video";
    const { shown, over } = this.#playing;
    this.form = "video";
    this.shown.instead.value = null;
    this.shown.stream.value = shown;
    this.shown.noSub.value = shown === "main" && this.#wish() === "sub" ? over : null;
    const size = this.#frameSize();
    if (size && (size.width !== this.shown.size.peek()?.width || begins)) this.shown.size.value = size;
    this.#hold(null);
    this.#note(capturedAt, boxesAt(this.#seen, capturedAt));
    if (begins || before.length > 0 || this.lastTracks.length > 0) this.#paint();
  }

  #take(picture) {
    const running = !this.#why() && picture.header.no_video === undefined;
    if (running && this.form === "video" && this.shown.verdict.peek().state === "live") return; // one that was on its way
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
    this.#hold(bitmap);
    this.form = "pictures";
    this.shown.instead.value = header.no_video ?? this.#why();
    this.shown.stream.value = this.shown.noSub.value = null;
    if (header.no_video !== undefined && this.#playing.shown !== null) {
      this.#endVideo();
      this.#want();
    }
    this.#note(capturedAt, header.tracks);
    this.#paint();
  }

  #hold(bitmap) {
    this.#bitmap?.close();
    this.#bitmap = bitmap;
  }

  #note(capturedAt, tracks) {
    this.#arrivedAt = centreNow();
    this.lastTracks = tracks;
    this.framesDrawn += 1;
    this.lastCapturedAt = capturedAt;
    this.shown.people.value = tracks.filter(({ label }) => label === "person").length;
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
    const size = this.#bitmap ?? this.#frameSize();
    if (!canvas || !size || canvas.clientWidth === 0) return;
    const density = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * density);
    const height = Math.round(canvas.clientHeight * density);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const t = words.peek();
    paint(context, width, height, density, {
      bitmap: this.#bitmap,
      size,
      tracks: this.lastTracks,
      zones: this.camera?.zones ?? [],
      lines: this.camera?.lines ?? [],
      alarmed: alarmedIds(this.shown.alerts.peek()),
      label: this.shown.enlarged.peek()
        ? ({ label, confidence }) => `${codeWords(t, "label", label)} ${percent(t, confidence)}`
        : null,
      named: this.shown.enlarged.peek(),
    });
  }

  /** The size of the video's frame; null while it shows none. */
  #frameSize() {
    const video = this.querySelector("video");
    return this.form === "video" && video?.videoWidth ? { width: video.videoWidth, height: video.videoHeight } : null;
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
