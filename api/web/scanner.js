/**
 * Reads QR codes from photos and from the phone's camera. The browser's own reader is used where there is one, else
 * the vendored jsQR; nothing of a picture leaves the page.
 */
import { cutOfLive, cutsOfPhoto, drawnSize } from "./scan.js";

/** A live picture is looked at this often; a phone in a market is not fast. */
const PAUSE_MS = 120;

/** @type {Promise<((canvas: HTMLCanvasElement) => Promise<string|null>)>|null} */
let reader = null;

/** The text of the code in a photo; null where none can be read. @param {Blob} file @returns {Promise<string|null>} */
export async function readPhoto(file) {
  const picture = await createImageBitmap(file);
  try {
    for (const cut of cutsOfPhoto(picture.width, picture.height)) {
      const text = await readCut(picture, cut);
      if (text) return text;
    }
    return null;
  } finally {
    picture.close();
  }
}

/** Opens the camera at the back. @returns {Promise<MediaStream>} */
export const openCamera = () => navigator.mediaDevices.getUserMedia({
  audio: false,
  video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 1280 } },
});

/** Looks at a running video until a code is read; the function that is returned ends it.
 * @param {HTMLVideoElement} video @param {(text: string) => void} found @returns {() => void} */
export function watchVideo(video, found) {
  let wanted = true;
  const look = async () => {
    if (!wanted) return;
    const { videoWidth, videoHeight } = video;
    const text = videoWidth > 0 ? await readCut(video, cutOfLive(videoWidth, videoHeight)).catch(() => null) : null;
    if (!wanted) return;
    if (text) found(text);
    else setTimeout(look, PAUSE_MS);
  };
  void look();
  return () => { wanted = false; };
}

/** @param {CanvasImageSource} picture @param {import("./scan.js").Cut} cut */
async function readCut(picture, cut) {
  const { width, height } = drawnSize(cut);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) return null;
  pen.drawImage(picture, cut.x, cut.y, cut.width, cut.height, 0, 0, width, height);
  reader ??= chooseReader();
  return (await reader)(canvas);
}

async function chooseReader() {
  const Detector = /** @type {any} */ (globalThis).BarcodeDetector;
  const formats = await Detector?.getSupportedFormats?.().catch(() => []) ?? [];
  if (formats.includes("qr_code")) {
    const detector = new Detector({ formats: ["qr_code"] });
    return async (canvas) => (await detector.detect(canvas))[0]?.rawValue || readByJsqr(canvas);
  }
  return readByJsqr;
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<string|null>} */
async function readByJsqr(canvas) {
  await import("./vendor/jsqr.js");
  const { data, width, height } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(0, 0, canvas.width, canvas.height);
  return globalThis.jsQR(data, width, height, { inversionAttempts: "dontInvert" })?.data || null;
}
