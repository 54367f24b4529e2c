/**
 * Plays one camera's live video in a `<video>` by Media Source Extensions, close behind the camera. Says of each frame
 * that is shown when it was captured, and says once, with a reason, when this browser cannot play the video.
 */
import { FrameTimes, pace } from "./pace.js";

/** What is kept behind the picture, in seconds; the browser needs little of it. */
const KEPT_S = 4;
const TIME_SCALE = 90_000;
const PACE_MS = 250;
/** So many failures in a row, none of them after a picture, and the video is given up. */
const MOST_FAILURES = 3;
/** Pieces that come for so long without a frame being shown are a failure. */
const BLIND_MS = 6_000;

/** @param {string} codec @returns {null|"browser"|"h265"} why this browser cannot play it; null when it can */
export function cannotPlay(codec) {
  if (typeof window.MediaSource !== "function") return "browser";
  if (MediaSource.isTypeSupported(mime(codec))) return null;
  return codec.startsWith("hvc1") || codec.startsWith("hev1") ? "h265" : "browser";
}

/**
 * @typedef {object} Listener
 * @property {(capturedAt: number) => void} onFrame a frame is on the screen
 * @property {() => void} onReset the video is about to begin anew
 * @property {(reason: "browser"|"h265"|"player") => void} onGivenUp nothing follows
 */

export class Player {
  #video;
  #listener;
  #source = /** @type {MediaSource|null} */ (null);
  #buffer = /** @type {SourceBuffer|null} */ (null);
  #codec = "";
  #init = new Uint8Array();
  #address = "";
  #waiting = /** @type {Uint8Array[]} */ ([]);
  #times = new FrameTimes();
  #next = 0;
  #failures = 0;
  #blindSince = /** @type {number|null} */ (null);
  #pacing = 0;
  #ended = false;

  /** @param {HTMLVideoElement} video @param {Listener} listener */
  constructor(video, listener) {
    this.#video = video;
    this.#listener = listener;
    video.muted = true;
    video.playsInline = true;
    video.disableRemotePlayback = true;
    video.addEventListener("error", this.#onError);
    this.#pacing = window.setInterval(() => this.#keepUp(), PACE_MS);
    this.#awaitFrame();
  }

  /** @param {import("./video.js").Piece} piece */
  take({ header, capturedAt, data }) {
    if (this.#ended) return;
    if (header.kind === "init") {
      this.#codec = /** @type {string} */ (header.codec);
      this.#init = data;
      return this.#begin();
    }
    if (this.#source === null) return;
    if (header.kind === "delta" && header.sequence !== this.#next) return; // some were left out: a key frame follows
    this.#next = header.sequence + 1;
    this.#blindSince ??= performance.now();
    this.#times.add((header.pts ?? 0) / TIME_SCALE, capturedAt);
    this.#waiting.push(data);
    this.#append();
  }

  /** Ends playing; the element shows nothing any more. */
  close() {
    this.#ended = true;
    window.clearInterval(this.#pacing);
    this.#video.removeEventListener("error", this.#onError);
    this.#reset();
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  /** Plays from the next key frame on. */
  #begin() {
    const reason = cannotPlay(this.#codec);
    if (reason !== null) return this.#giveUp(reason);
    this.#listener.onReset();
    this.#reset();
    const source = new MediaSource();
    this.#source = source;
    this.#waiting = [this.#init];
    source.addEventListener("sourceopen", () => { if (source === this.#source) this.#open(source); }, { once: true });
    this.#address = URL.createObjectURL(source);
    this.#video.src = this.#address;
    this.#video.play().catch(() => undefined); // a muted video may always play; one that is replaced says so here
  }

  #open(source) {
    URL.revokeObjectURL(this.#address);
    const buffer = source.addSourceBuffer(mime(this.#codec));
    this.#buffer = buffer;
    buffer.addEventListener("updateend", () => {
      if (buffer !== this.#buffer) return;
      this.#keepUp();
      this.#append();
    });
    this.#append();
  }

  #append() {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || this.#waiting.length === 0 || this.#source?.readyState !== "open") return;
    const data = joined(this.#waiting);
    this.#waiting = [];
    try {
      if (this.#drop(buffer)) {
        this.#waiting = [data];
        return;
      }
      buffer.appendBuffer(/** @type {any} */ (data));
    } catch (problem) {
      this.#fail(problem);
    }
  }

  /** Lets go of what lies far behind; true when that takes a moment. */
  #drop(buffer) {
    const until = this.#video.currentTime - KEPT_S;
    if (buffer.buffered.length === 0 || until - buffer.buffered.start(0) < 4 * KEPT_S) return false;
    buffer.remove(0, until);
    return true;
  }

  #keepUp() {
    const buffered = this.#buffer?.buffered;
    if (buffered?.length) {
      const last = { start: buffered.start(buffered.length - 1), end: buffered.end(buffered.length - 1) };
      const { jumpTo, rate } = pace(last, this.#video.currentTime);
      if (jumpTo !== null && !this.#video.seeking) this.#video.currentTime = jumpTo;
      if (this.#video.playbackRate !== rate) this.#video.playbackRate = rate;
      if (this.#video.paused) this.#video.play().catch(() => undefined);
    }
    if (this.#blindSince !== null && performance.now() - this.#blindSince > BLIND_MS && !document.hidden) {
      this.#fail(new Error("no frame is shown"));
    }
  }

  #awaitFrame() {
    nextFrame(this.#video, (time) => {
      if (this.#ended) return;
      const capturedAt = this.#times.capturedAt(time);
      if (capturedAt !== null) {
        this.#failures = 0;
        this.#blindSince = null;
        this.#listener.onFrame(capturedAt);
      }
      this.#awaitFrame();
    });
  }

  #onError = () => {
    if (this.#source !== null) this.#fail(this.#video.error ?? new Error("the video cannot be played"));
  };

  /** A damaged packet, for one, ends a browser's decoder for good; another begins with the next key frame. */
  #fail(problem) {
    console.warn("live video failed:", problem.message);
    this.#failures += 1;
    if (this.#failures >= MOST_FAILURES) this.#giveUp("player");
    else this.#begin();
  }

  #giveUp(reason) {
    this.close();
    this.#listener.onGivenUp(reason);
  }

  #reset() {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#source = this.#buffer = this.#blindSince = null;
    this.#waiting = [];
    this.#times = new FrameTimes();
    this.#next = 0;
    this.#address = "";
  }
}

function mime(codec) {
  return `video/mp4; codecs="${codec}"`;
}

function joined(parts) {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Calls back with the time of the next frame that is shown; older browsers only know about when that is. */
function nextFrame(video, tell) {
  if (video.requestVideoFrameCallback) {
    video.requestVideoFrameCallback((_now, { mediaTime }) => tell(mediaTime));
    return;
  }
  const before = video.currentTime;
  const look = () => {
    if (video.currentTime !== before && video.readyState >= 2) tell(video.currentTime);
    else window.setTimeout(look, 30);
  };
  window.setTimeout(look, 30);
}
