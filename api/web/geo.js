/**
 * What the map needs of geometry: the area that a camera sees, and where a name stands. Pure; points are latitude and
 * longitude in degrees, distances metres. A ward is small enough for a flat earth.
 *
 * @typedef {[number, number]} LatLon
 */

const METRES_PER_DEGREE = 111_320;
const STEP_DEGREES = 6;

/** The point so far away in a direction; north is 0, east 90. @param {LatLon} from @param {number} bearing @param {number} metres
 * @returns {LatLon} */
export function towards([lat, lon], bearing, metres) {
  const angle = (bearing * Math.PI) / 180;
  const north = Math.cos(angle) * metres;
  const east = Math.sin(angle) * metres;
  return [lat + north / METRES_PER_DEGREE, lon + east / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180))];
}

/**
 * The wedge that a camera sees; a circle for one that sees all around.
 * @param {LatLon} from @param {number} bearing @param {number} angle @param {number} range metres @returns {LatLon[]}
 */
export function cone(from, bearing, angle, range) {
  const steps = Math.max(2, Math.ceil(angle / STEP_DEGREES));
  const arc = Array.from({ length: steps + 1 }, (_, i) => towards(from, bearing - angle / 2 + (angle * i) / steps, range));
  return angle >= 360 ? arc : [from, ...arc];
}

/** Where along a line its name stands: not half way, where streets like to cross. */
const NAME_SHARE = 0.22;

/** Where the name of a place stands: along a line, or over the northern edge of an area.
 * @param {"line"|"polygon"} shape @param {LatLon[]} points @returns {LatLon} */
export function nameAt(shape, points) {
  if (shape === "polygon") {
    const lons = points.map(([, lon]) => lon);
    return [Math.max(...points.map(([lat]) => lat)), (Math.min(...lons) + Math.max(...lons)) / 2];
  }
  const lengths = points.slice(1).map((point, i) => distance(points[i], point));
  let left = lengths.reduce((sum, length) => sum + length, 0) * NAME_SHARE;
  for (const [i, length] of lengths.entries()) {
    if (left <= length) return between(points[i], points[i + 1], length === 0 ? 0 : left / length);
    left -= length;
  }
  return points[0];
}

/** In metres. @param {LatLon} a @param {LatLon} b */
export function distance(a, b) {
  const north = (b[0] - a[0]) * METRES_PER_DEGREE;
  const east = (b[1] - a[1]) * METRES_PER_DEGREE * Math.cos((a[0] * Math.PI) / 180);
  return Math.hypot(north, east);
}

function between(a, b, share) {
  return /** @type {LatLon} */ ([a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]);
}
