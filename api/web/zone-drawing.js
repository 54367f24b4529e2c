/**
 * What drawing zones, lines and masks on a picture needs of geometry. Pure; points are shares of the picture's width and
 * height, from 0 to 1. Who handles the pointer is `views/box-config-picture.js`.
 *
 * @typedef {[number, number]} Point
 */

const PLACES = 4;
/** A point is taken where the pointer is no farther from it, in picture widths. */
export const REACH = 0.03;

/** @param {number} value */
const within = (value) => Math.min(1, Math.max(0, Number(value.toFixed(PLACES))));

/** A point within the picture. @param {Point} point @returns {Point} */
export const clamped = ([x, y]) => [within(x), within(y)];

/** Where in the picture the pointer is. @param {number} clientX @param {number} clientY
 * @param {{left: number, top: number, width: number, height: number}} frame of the picture on the screen @returns {Point} */
export function pointAt(clientX, clientY, frame) {
  return clamped([(clientX - frame.left) / frame.width, (clientY - frame.top) / frame.height]);
}

/** @param {Point[]} points @param {number} index @param {Point} to @returns {Point[]} */
export const movedPoint = (points, index, to) => points.map((point, i) => (i === index ? clamped(to) : point));

/** Without one point, as long as there are more than `least`. @param {Point[]} points @param {number} index @param {number} least */
export function withoutPoint(points, index, least) {
  return points.length <= least ? points : points.filter((_, i) => i !== index);
}

/** With a point more, behind that of `index`. @param {Point[]} points @param {number} index @param {Point} at @returns {Point[]} */
export const withPoint = (points, index, at) => [...points.slice(0, index + 1), clamped(at), ...points.slice(index + 1)];

/** The middle of each edge, with the index of the point before it. @param {Point[]} points @param {boolean} closed
 * @returns {{index: number, at: Point}[]} */
export function middles(points, closed) {
  return edges(points, closed).map(([a, b], index) => ({ index, at: clamped([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]) }));
}

/** All points moved alike, no farther than the picture reaches. @param {Point[]} points @param {number} dx @param {number} dy
 * @returns {Point[]} */
export function movedShape(points, dx, dy) {
  const limit = (side, by) => {
    const values = points.map((point) => point[side]);
    return Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), by));
  };
  const [x, y] = [limit(0, dx), limit(1, dy)];
  return points.map(([px, py]) => clamped([px + x, py + y]));
}

/** Whether two edges cross: such a zone has no inside that anybody would expect. @param {Point[]} points @param {boolean} closed */
export function crossesItself(points, closed) {
  const all = edges(points, closed);
  return all.some(([a, b], i) => all.some(([c, d], j) => {
    const neighbours = Math.abs(i - j) <= 1 || (closed && Math.abs(i - j) === all.length - 1);
    return j > i && !neighbours && cross(a, b, c, d);
  }));
}

/** Whether a point lies inside a polygon. @param {Point} point @param {Point[]} polygon */
export function inside([x, y], polygon) {
  return edges(polygon, true).reduce((odd, [[ax, ay], [bx, by]]) =>
    ((ay > y) !== (by > y) && x < ((bx - ax) * (y - ay)) / (by - ay) + ax ? !odd : odd), false);
}

/**
 * The arrow of a line: from its middle to the side that counts as `in`. Looking along the line from its first point, `in`
 * is from the left to the right.
 * @param {Point[]} points @param {number} length in picture widths @param {number} aspect of the picture, width by height
 * @returns {[Point, Point]}
 */
export function arrowOf(points, length, aspect) {
  const lengths = edges(points, false).map(([a, b]) => Math.hypot(b[0] - a[0], (b[1] - a[1]) / aspect));
  let left = lengths.reduce((sum, one) => sum + one, 0) / 2;
  const index = Math.max(0, lengths.findIndex((one) => (left -= one) <= 0));
  const [a, b] = [points[index], points[index + 1]];
  const share = lengths[index] === 0 ? 0 : (left + lengths[index]) / lengths[index];
  const from = /** @type {Point} */ ([a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]);
  const [dx, dy] = [b[0] - a[0], (b[1] - a[1]) / aspect];
  const size = Math.hypot(dx, dy) || 1;
  // In a picture y grows downwards: right of the direction (dx, dy) is (-dy, dx).
  return [from, [from[0] + (-dy / size) * length, from[1] + (dx / size) * length * aspect]];
}

/** A rectangle in the middle of the picture, for a zone that is new. Each further one lies a little aside.
 * @param {number} number @returns {Point[]} */
export function freshPolygon(number) {
  const aside = (number % 5) * 0.04;
  return /** @type {Point[]} */ ([[0.3, 0.4], [0.6, 0.4], [0.6, 0.75], [0.3, 0.75]].map(([x, y]) => clamped(/** @type {Point} */ ([x + aside, y + aside]))));
}

/** @param {number} number @returns {Point[]} */
export function freshLine(number) {
  const aside = (number % 5) * 0.05;
  return /** @type {Point[]} */ ([[0.25, 0.55 + aside], [0.75, 0.55 + aside]].map(([x, y]) => clamped(/** @type {Point} */ ([x, y]))));
}

/** @param {Point[]} points @param {boolean} closed @returns {[Point, Point][]} */
function edges(points, closed) {
  const open = /** @type {[Point, Point][]} */ (points.slice(1).map((point, i) => [points[i], point]));
  return closed && points.length > 2 ? [...open, [points[points.length - 1], points[0]]] : open;
}

function cross(a, b, c, d) {
  const side = (p, q, r) => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}
