/**
 * The socket to `/api/v1/live`, kept up for as long as the page is open. Knows when to connect again and how to
 * notice a connection that died in silence; what the messages mean is `state.js`'s business.
 */
import { parsePicture } from "./picture.js";
import { isVideo, parseVideo } from "./video.js";

/** The close code with which the centre says that the session is over. */
export const SESSION_ENDED = 4401;
const SILENCE_MS = 8_000;
const MOST_WATCHED = 64;

/**
 * How long to wait before attempt `attempt` (0 is the first retry): doubling from 1 s to 15 s, spread so that a whole
 * ward's screens do not come back in the same instant.
 * @param {number} attempt
 * @param {number} chance from 0 to 1
 * @returns {number} milliseconds
 */
export function retryDelay(attempt, chance) {
  const longest = Math.min(15_000, 1_500 * 2 ** Math.min(attempt, 10));
  return Math.max(1_000, Math.round(longest * (0.5 + chance / 2)));
}

/**
 * @typedef {object} Listener
 * @property {(message: any) => void} onMessage each text message
 * @property {(picture: import("./pictures.js").Picture) => void} onPicture
 * @property {(piece: import("./video.js").Piece) => void} onVideo
 * @property {(state: "connecting"|"open"|"lost") => void} onConnection
 * @property {() => void} onEnded the session is over; nothing follows
 * @property {() => Promise<unknown>} probe answers when the centre can be reached, rejects when not
 */

/**
 * @typedef {object} Wishes
 * @property {string[]} cameras what is watched
 * @property {string[]} video of which of it the video
 * @property {string[]} sub of which of that the sub-stream
 * @property {string[]} main of which of these the main stream besides
 */

/**
 * Opens the socket and keeps it open until `close`.
 * @param {string} url
 * @param {Listener} listener
 * @returns {{watch: (wishes: Wishes) => void, retryNow: () => void, close: () => void}}
 */
export function openLive(url, listener) {
  let socket = /** @type {WebSocket|null} */ (null);
  let watched = /** @type {Wishes} */ ({ cameras: [], video: [], sub: [], main: [] });
  let greeted = false;
  let attempt = 0;
  let retryTimer = 0;
  let silenceTimer = 0;

  function connect() {
    window.clearTimeout(retryTimer);
    retryTimer = 0;
    const mine = new WebSocket(url);
    mine.binaryType = "arraybuffer";
    socket = mine;
    mine.onmessage = ({ data }) => { if (mine === socket) take(data); };
    mine.onclose = ({ code }) => { if (mine === socket) lose(code); };
  }

  function take(data) {
    heard();
    if (typeof data !== "string") return takeBinary(data);
    const message = readMessage(data);
    if (message === null) return;
    if (message.type === "hello") greet();
    listener.onMessage(message);
  }

  function takeBinary(data) {
    try {
      if (isVideo(data)) listener.onVideo(parseVideo(data));
      else listener.onPicture(parsePicture(data));
    } catch (error) {
      console.warn("picture left out:", error);
    }
  }

  function greet() {
    greeted = true;
    attempt = 0;
    listener.onConnection("open");
    sayWatch();
  }

  function lose(code) {
    drop();
    if (code === SESSION_ENDED) return listener.onEnded();
    listener.onConnection("lost");
    retryTimer = window.setTimeout(connect, retryDelay(attempt++, Math.random()));
  }

  function drop() {
    const old = socket;
    socket = null;
    greeted = false;
    window.clearTimeout(silenceTimer);
    old?.close();
  }

  function heard() {
    window.clearTimeout(silenceTimer);
    silenceTimer = window.setTimeout(doubt, SILENCE_MS);
  }

  /** Silence may be a quiet night or a dead line: say `watch` again, which breaks a dead line, and ask by HTTP. */
  function doubt() {
    const doubted = socket;
    sayWatch();
    heard();
    listener.probe().catch(() => { if (doubted !== null && doubted === socket) lose(0); });
  }

  function sayWatch() {
    if (greeted && socket?.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ type: "watch", ...watched }));
    }
  }

  listener.onConnection("connecting");
  connect();
  return {
    watch({ cameras, video, sub, main }) {
      const few = (ids) => ids.slice(0, MOST_WATCHED);
      watched = { cameras: few(cameras), video: few(video), sub: few(sub), main: few(main) };
      sayWatch();
    },
    retryNow() {
      if (retryTimer) connect();
    },
    close() {
      window.clearTimeout(retryTimer);
      retryTimer = 0;
      drop();
    },
  };
}

function readMessage(text) {
  try {
    const message = JSON.parse(text);
    return typeof message?.type === "string" ? message : null;
  } catch {
    return null;
  }
}
