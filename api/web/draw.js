/**
 * Draws a picture with its boxes, zones and lines on a tile's canvas. The picture keeps its shape inside the tile; lines have
 * the same width on every screen and a dark edge, so that they can be seen on snow and on a night street.
 *
 * @typedef {import("./types.js").Track} Track
 * @typedef {import("./types.js").Zone} Zone
 * @typedef {import("./types.js").Line} Line
 * @typedef {{x: number, y: number, width: number, height: number}} Area
 */

const EDGE = "rgba(3, 8, 14, 0.75)";
const TRACK = "#7ee7f7";
const ZONE = "rgba(236, 243, 250, 0.75)";
const LINE = "#9fe6b8";
const ARROW_PX = 16;
const ZONE_EDGE = "rgba(3, 8, 14, 0.3)";
const SEVERITY = { low: "#8fb8e8", medium: "#ffd24a", high: "#ff9d45", critical: "#ff6b6b" };

/**
 * @typedef {object} Scene
 * @property {ImageBitmap|null} bitmap null when the picture is on the screen already, below the canvas
 * @property {{width: number, height: number}} size of the picture
 * @property {Track[]} tracks
 * @property {Zone[]} zones
 * @property {Line[]} lines whose crossings are counted
 * @property {boolean} named whether the names of zones and lines are written beside them
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
  for (const line of scene.lines) drawLine(context, area, density, line);
  if (scene.named) for (const { name, polygon } of scene.zones) drawName(context, area, density, name, polygon, ZONE);
  if (scene.named) for (const { name, points } of scene.lines) drawName(context, area, density, name, points, LINE);
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

/** With an arrow over its middle that shows which way is in. */
function drawLine(context, area, density, { points }) {
  if (points.length < 2) return;
  const corners = points.map(([x, y]) => [area.x + x * area.width, area.y + y * area.height]);
  context.beginPath();
  corners.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](x, y));
  const at = Math.floor((corners.length - 1) / 2);
  const [[x1, y1], [x2, y2]] = [corners[at], corners[at + 1]];
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [along, across] = [[(x2 - x1) / length, (y2 - y1) / length], [-(y2 - y1) / length, (x2 - x1) / length]];
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const size = ARROW_PX * density;
  const point = (a, b) => /** @type {const} */ ([x + across[0] * a + along[0] * b, y + across[1] * a + along[1] * b]);
  context.moveTo(...point(0, 0));
  context.lineTo(...point(size, 0));
  context.moveTo(...point(size * 0.6, -size * 0.35));
  context.lineTo(...point(size, 0));
  context.lineTo(...point(size * 0.6, size * 0.35));
  stroke(context, density, 1.75, LINE, ZONE_EDGE);
}

/** The name of a zone or a line, at its highest corner and inside of the picture. */
function drawName(context, area, density, name, points, colour) {
  if (!name || points.length === 0) return;
  const [x, y] = points.reduce((best, other) => (other[1] < best[1] ? other : best));
  context.font = `600 ${12 * density}px "Segoe UI", "Noto Sans", sans-serif`;
  context.textBaseline = "top";
  const width = context.measureText(name).width;
  const left = Math.min(Math.max(area.x + x * area.width + 5 * density, area.x + 4 * density), area.x + area.width - width - 4 * density);
  const top = Math.min(Math.max(area.y + y * area.height + 4 * density, area.y + 4 * density), area.y + area.height - 18 * density);
  context.lineWidth = 3 * density;
  context.strokeStyle = EDGE;
  context.strokeText(name, left, top);
  context.fillStyle = colour;
  context.fillText(name, left, top);
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
