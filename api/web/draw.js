/**
 * Draws a picture with its boxes and zones on a tile's canvas. The picture keeps its shape inside the tile; lines have
 * the same width on every screen and a dark edge, so that they can be seen on snow and on a night street.
 *
 * @typedef {import("./types.js").Track} Track
 * @typedef {import("./types.js").Zone} Zone
 * @typedef {{x: number, y: number, width: number, height: number}} Area
 */

const EDGE = "rgba(3, 8, 14, 0.75)";
const TRACK = "#7ee7f7";
const ZONE = "rgba(236, 243, 250, 0.75)";
const ZONE_EDGE = "rgba(3, 8, 14, 0.3)";
const SEVERITY = { low: "#8fb8e8", medium: "#ffd24a", high: "#ff9d45", critical: "#ff6b6b" };

/**
 * @typedef {object} Scene
 * @property {ImageBitmap|null} bitmap null when the picture is on the screen already, below the canvas
 * @property {{width: number, height: number}} size of the picture
 * @property {Track[]} tracks
 * @property {Zone[]} zones
 * @property {Map<string, string>} alarmed severity of each track and zone that belongs to an open alert, by id
 * @property {((track: Track) => string)|null} label words beside a box, or none
 */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width in canvas pixels
 * @param {number} height
 * @param {number} density canvas pixels in a CSS pixel
 * @param {Scene} scene
 */
export function paint(context, width, height, density, scene) {
  const area = fit(scene.size, width, height);
  context.clearRect(0, 0, width, height);
  if (scene.bitmap) context.drawImage(scene.bitmap, area.x, area.y, area.width, area.height);
  context.lineJoin = "round";
  for (const zone of scene.zones) drawZone(context, area, density, zone, scene.alarmed.get(zone.id));
  for (const track of scene.tracks) drawTrack(context, area, density, track, scene);
}

/** The largest area of the canvas that has the picture's shape.
 * @param {{width: number, height: number}} picture @param {number} width @param {number} height @returns {Area} */
export function fit(picture, width, height) {
  const scale = Math.min(width / picture.width, height / picture.height);
  const area = { width: picture.width * scale, height: picture.height * scale };
  return { x: (width - area.width) / 2, y: (height - area.height) / 2, ...area };
}

function drawZone(context, area, density, { polygon }, severity) {
  if (polygon.length < 3) return;
  context.beginPath();
  polygon.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](area.x + x * area.width, area.y + y * area.height));
  context.closePath();
  if (severity) {
    context.globalAlpha = 0.12;
    context.fillStyle = SEVERITY[severity] ?? SEVERITY.medium;
    context.fill();
    context.globalAlpha = 1;
  }
  context.setLineDash([6 * density, 5 * density]);
  stroke(context, density, severity ? 1.75 : 1.25, severity ? (SEVERITY[severity] ?? SEVERITY.medium) : ZONE, ZONE_EDGE);
  context.setLineDash([]);
}

function drawTrack(context, area, density, track, { alarmed, label }) {
  const severity = alarmed.get(track.id);
  const colour = severity ? (SEVERITY[severity] ?? SEVERITY.medium) : TRACK;
  const { x1, y1, x2, y2 } = track.box;
  const x = area.x + x1 * area.width;
  const y = area.y + y1 * area.height;
  context.beginPath();
  context.roundRect(x, y, (x2 - x1) * area.width, (y2 - y1) * area.height, 2 * density);
  stroke(context, density, severity ? 2.5 : 1.75, colour);
  if (label) drawLabel(context, area, density, x, y, label(track), colour);
}

function stroke(context, density, width, colour, edge = EDGE) {
  context.strokeStyle = edge;
  context.lineWidth = (width + 2) * density;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width * density;
  context.stroke();
}

function drawLabel(context, area, density, x, y, text, colour) {
  context.font = `600 ${12 * density}px "Segoe UI", "Noto Sans", sans-serif`;
  context.textBaseline = "middle";
  const width = context.measureText(text).width + 8 * density;
  const height = 18 * density;
  const top = Math.max(area.y, y - height);
  const left = Math.min(x, area.x + area.width - width);
  context.fillStyle = colour;
  context.fillRect(left, top, width, height);
  context.fillStyle = "#06121c";
  context.fillText(text, left + 4 * density, top + height / 2 + density / 2);
}
