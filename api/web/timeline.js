/**
 * Where everything stands on a camera's timeline: marks of events, bars of what was recorded, gaps when it was down, how
 * many people there were. Pure geometry over a span of time; drawing and fetching are others' business. Times are
 * milliseconds of the epoch.
 *
 * @typedef {{from: number, to: number}} Span
 * @typedef {{id: string, kind: string, severity: string, zone?: string, opened_at: string, closed_at?: string,
 *   snapshot: boolean, thumbnail: boolean, clip: boolean, incident?: string}} Happening
 * @typedef {{from: string, to: string, state: "streaming"|"partly"|"down"|"silent", share?: number}} Stretch
 * @typedef {{at: string, mean: number, highest: number}} Count
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Việt Nam has had no other offset since 1975; ticks stand on full local hours. */
const ZONE = 7 * HOUR;

/** How much time fits on the screen, the longest first. */
export const LENGTHS = [DAY, 6 * HOUR, HOUR, 10 * MINUTE];

const STEPS = [
  10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
];
/** A label with seconds needs so many pixels. */
const TICK_PX = 84;
/** Marks that would lie closer than this are drawn as one. */
const MARK_PX = 22;
/** Some time after now is shown, so that the newest events do not stick to the edge. */
const AHEAD = 0.04;
const RANK = { low: 0, medium: 1, high: 2, critical: 3 };

/** @param {number} at in the middle @param {number} length @param {number} now @returns {Span} */
export function spanAround(at, length, now) {
  const to = Math.min(at + length / 2, now + length * AHEAD);
  return { from: to - length, to };
}

/** The span that ends now. @param {number} length @param {number} now @returns {Span} */
export function spanNow(length, now) {
  return spanAround(now + length, length, now);
}

/** The next longer or shorter span around a moment that stays where it is on the screen.
 * @param {Span} span @param {number} step -1 looks closer, 1 wider @param {number} anchor @param {number} now @returns {Span} */
export function zoomed(span, step, anchor, now) {
  const length = span.to - span.from;
  const at = nearest(LENGTHS, length);
  const next = LENGTHS[Math.min(Math.max(at - step, 0), LENGTHS.length - 1)];
  const share = Math.min(Math.max((anchor - span.from) / length, 0), 1);
  const from = anchor - share * next;
  return ended({ from, to: from + next }, now);
}

/** @param {Span} span @param {number} by milliseconds @param {number} now @returns {Span} */
export function panned(span, by, now) {
  return ended({ from: span.from + by, to: span.to + by }, now);
}

/** A span that does not reach further into the future than is shown. */
function ended(span, now) {
  const over = span.to - (now + (span.to - span.from) * AHEAD);
  return over > 0 ? { from: span.from - over, to: span.to - over } : span;
}

/** Which of `lengths` is the nearest one. */
function nearest(lengths, length) {
  return lengths.reduce((best, other, i) => (Math.abs(other - length) < Math.abs(lengths[best] - length) ? i : best), 0);
}

/** @param {Span} span @param {number} width @param {number} at */
export function xOf(span, width, at) {
  return ((at - span.from) / (span.to - span.from)) * width;
}

/** @param {Span} span @param {number} width @param {number} x */
export function timeAt(span, width, x) {
  return span.from + (x / Math.max(1, width)) * (span.to - span.from);
}

/**
 * What is asked of the centre for a span: more than is shown, so that a little panning needs nothing, and on round
 * times, so that it is the same question for a while. At most two days, not beyond now.
 * @param {Span} span @param {number} now @returns {Span}
 */
export function windowOf(span, now) {
  const length = span.to - span.from;
  const grid = Math.max(MINUTE, length / 4);
  const from = Math.floor((span.from - length / 4) / grid) * grid;
  const to = Math.min(Math.ceil((span.to + length / 4) / grid) * grid, Math.ceil((now + MINUTE) / MINUTE) * MINUTE);
  return { from: Math.max(from, to - 2 * DAY), to };
}

/** Full local times that have room for their labels. @param {Span} span @param {number} width
 * @returns {{at: number, x: number, midnight: boolean, seconds: boolean}[]} */
export function ticks(span, width) {
  const room = (TICK_PX / Math.max(width, TICK_PX)) * (span.to - span.from);
  const step = STEPS.find((one) => one >= room) ?? DAY;
  const found = [];
  for (let at = Math.ceil((span.from + ZONE) / step) * step - ZONE; at <= span.to; at += step) {
    found.push({ at, x: xOf(span, width, at), midnight: (at + ZONE) % DAY === 0, seconds: step < MINUTE });
  }
  return found;
}

/**
 * The events of a span as marks. Those that lie too close are one mark where the first one is: of the gravest, with
 * their number.
 * @param {Happening[]} events newest first @param {Span} span @param {number} width
 * @returns {{id: string, x: number, severity: string, ids: string[], clip: boolean}[]} from left to right
 */
export function marks(events, span, width) {
  const placed = events
    .map((event) => ({ event, x: xOf(span, width, Date.parse(event.opened_at)) }))
    .filter(({ x }) => x >= 0 && x <= width)
    .sort((a, b) => a.x - b.x);
  /** @type {{first: number, of: typeof placed}[]} */
  const groups = [];
  for (const one of placed) {
    const last = groups[groups.length - 1];
    if (last && one.x - last.first < MARK_PX) last.of.push(one);
    else groups.push({ first: one.x, of: [one] });
  }
  return groups.map(({ of }) => {
    const top = of.reduce((best, other) => (RANK[other.event.severity] >= RANK[best.event.severity] ? other : best));
    return {
      id: top.event.id, x: of[0].x, severity: top.event.severity, ids: of.map(({ event }) => event.id),
      clip: of.some(({ event }) => event.clip),
    };
  });
}

/** A stretch of time as a bar, cut at the edges; null outside of the span.
 * @param {number} from @param {number} to @param {Span} span @param {number} width @returns {{x: number, width: number}|null} */
export function bar(from, to, span, width) {
  const left = Math.max(0, xOf(span, width, from));
  const right = Math.min(width, xOf(span, width, to));
  return right < 0 || left > width || right < left ? null : { x: left, width: Math.max(2, right - left) };
}

/** For how long each event lasted; one that is open lasts until now.
 * @param {Happening[]} events @param {Span} span @param {number} width @param {number} now
 * @returns {{id: string, severity: string, clip: boolean, x: number, width: number}[]} */
export function lasting(events, span, width, now) {
  return events.flatMap((event) => {
    const end = event.closed_at ? Date.parse(event.closed_at) : now;
    const found = bar(Date.parse(event.opened_at), end, span, width);
    return found ? [{ id: event.id, severity: event.severity, clip: event.clip, ...found }] : [];
  });
}

/** When there was no picture, or not always. @param {Stretch[]} states @param {Span} span @param {number} width
 * @returns {{state: "partly"|"down"|"silent", x: number, width: number, from: number, to: number}[]} */
export function gaps(states, span, width) {
  return states.flatMap(({ state, from, to }) => {
    const found = state === "streaming" ? null : bar(Date.parse(from), Date.parse(to), span, width);
    return found && state !== "streaming" ? [{ state, from: Date.parse(from), to: Date.parse(to), ...found }] : [];
  });
}

/**
 * How many people there were, as the corners of a line; a hole in the counts is a hole in the line.
 * @param {Count[]} people in any order @param {Span} span @param {number} width @param {number} height
 * @param {number} step milliseconds of one count
 * @returns {{lines: [number, number][][], highest: number}}
 */
export function sparkline(people, span, width, height, step) {
  const counts = people.map(({ at, highest }) => ({ at: Date.parse(at), highest })).sort((a, b) => a.at - b.at)
    .filter(({ at }) => at + step >= span.from && at <= span.to);
  const highest = counts.reduce((most, count) => Math.max(most, count.highest), 0);
  /** @type {[number, number][][]} */
  const lines = [];
  let last = -Infinity;
  for (const count of counts) {
    if (count.at - last > step * 1.5) lines.push([]);
    last = count.at;
    const y = highest === 0 ? height : height - (count.highest / highest) * height;
    lines[lines.length - 1].push([xOf(span, width, count.at), y], [xOf(span, width, count.at + step), y]);
  }
  return { lines, highest };
}

/** The event after (1) or before (-1) the chosen one in time; from nothing, the newest one of the span.
 * @param {Happening[]} events @param {string|null} chosen @param {number} step @param {Span} span @returns {Happening|null} */
export function neighbourOf(events, chosen, step, span) {
  const inTime = [...events].sort((a, b) => Date.parse(a.opened_at) - Date.parse(b.opened_at) || (a.id < b.id ? -1 : 1));
  const at = inTime.findIndex(({ id }) => id === chosen);
  if (at >= 0) return inTime[Math.min(Math.max(at + step, 0), inTime.length - 1)];
  const seen = inTime.filter(({ opened_at: opened }) => Date.parse(opened) >= span.from && Date.parse(opened) <= span.to);
  return seen[seen.length - 1] ?? null;
}

/** A span that shows `at`; the same one if it does already, with some room to its edges.
 * @param {Span} span @param {number} at @param {number} now @returns {Span} */
export function showing(span, at, now) {
  const length = span.to - span.from;
  return at >= span.from + length * 0.02 && at <= span.to - length * 0.01 ? span : spanAround(at, length, now);
}

/** What a date-and-time field holds for a moment in Việt Nam. @param {number} at @returns {string} 2026-11-22T09:30:05 */
export function fieldOf(at) {
  return new Date(at + ZONE).toISOString().slice(0, 19);
}

/** @param {string} text of such a field @returns {number|null} */
export function momentOf(text) {
  const at = Date.parse(`${text.length === 16 ? `${text}:00` : text}+07:00`);
  return Number.isNaN(at) ? null : at;
}

/** The first moment of the local day. @param {number} at @returns {number} */
export function dayOf(at) {
  return Math.floor((at + ZONE) / DAY) * DAY - ZONE;
}
