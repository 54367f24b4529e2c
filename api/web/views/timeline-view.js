/** A camera's timeline on the screen: draws what `timeline.js` places, and turns pointer, wheel and keys into wishes. */
import { useEffect, useRef, useState } from "preact/hooks";
import { dateOf, moment, timeOfDay } from "../format.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { severityShape } from "../icons.js";
import { bar, gaps, lasting, marks, neighbourOf, panned, sparkline, ticks, timeAt, xOf, zoomed } from "../timeline.js";

/** @typedef {import("../timeline.js").Span} Span */
/** @typedef {import("../requests/places.js").Timeline} Timeline */

const HEIGHT = 150;
const ROW = { marks: 13, bars: 41, recordings: 56, people: 68, ticks: 128 };
const PEOPLE_PX = 52;
const MARK_PX = 22;
/** A pointer that moves less than this has clicked. */
const DRAG_PX = 4;
/** So much turning of the wheel is one step of zoom. */
const WHEEL_PX = 80;
const STEPS = { "5m": 300_000, "1h": 3_600_000 };

/**
 * @param {{data: Timeline|null, span: Span, now: number, chosen: string|null, at: number|null, onSpan: (span: Span) => void,
 *   onChoose: (id: string) => void, onOpen: (id: string) => void, onMoment: (at: number) => void, onLeave: () => void}} props
 */
export function TimelineView({ data, span, now, chosen, at, onSpan, onChoose, onOpen, onMoment, onLeave }) {
  const t = words.value;
  const element = useRef(/** @type {HTMLElement|null} */ (null));
  const width = useWidth(element);
  const [hover, setHover] = useState(/** @type {number|null} */ (null));
  const drag = useRef(/** @type {{x: number, span: Span, moved: boolean}|null} */ (null));
  useWheel(element, (step, x) => onSpan(step === 0 ? panned(span, (x / width) * (span.to - span.from), now)
    : zoomed(span, step, timeAt(span, width, x), now)));
  const events = data?.events ?? [];
  const xIn = (event) => event.clientX - /** @type {HTMLElement} */ (element.current).getBoundingClientRect().left;

  function onPointerDown(event) {
    if (event.button !== 0) return;
    drag.current = { x: xIn(event), span, moved: false };
  }
  function onPointerMove(event) {
    setHover(xIn(event));
    const held = drag.current;
    if (held === null) return;
    const by = xIn(event) - held.x;
    if (!held.moved && Math.abs(by) < DRAG_PX) return;
    if (!held.moved) element.current?.setPointerCapture(event.pointerId);
    held.moved = true;
    onSpan(panned(held.span, (-by / width) * (held.span.to - held.span.from), now));
  }
  function onPointerUp(event) {
    const held = drag.current;
    drag.current = null;
    if (held === null || held.moved) return;
    const mark = event.target instanceof Element ? event.target.closest("[data-mark]") : null;
    if (mark) onChoose(/** @type {string} */ (mark.getAttribute("data-mark")));
    else onMoment(Math.min(timeAt(span, width, xIn(event)), now));
  }
  function onKeyDown(event) {
    const anchor = at ?? (span.from + span.to) / 2;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) {
      const next = neighbourOf(events, chosen, step, span);
      if (next) onChoose(next.id);
    } else if (event.key === "Enter" && chosen !== null) onOpen(chosen);
    else if (event.key === "+" || event.key === "=") onSpan(zoomed(span, -1, anchor, now));
    else if (event.key === "-") onSpan(zoomed(span, 1, anchor, now));
    else if (event.key === "PageUp" || event.key === "PageDown") {
      onSpan(panned(span, (event.key === "PageUp" ? -0.5 : 0.5) * (span.to - span.from), now));
    } else if (event.key === "Escape") onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return html`<div ref=${element} class="timeline" data-testid="timeline" tabindex="0" role="group" aria-label=${t("timeline.label")}
    aria-describedby="timeline-keys" onPointerDown=${onPointerDown} onPointerMove=${onPointerMove} onPointerUp=${onPointerUp}
    onPointerLeave=${() => setHover(null)} onPointerCancel=${() => { drag.current = null; }} onKeyDown=${onKeyDown}>
    <p id="timeline-keys" class="hidden">${t("timeline.keys")}</p>
    ${width > 0 && html`<svg class="timeline__drawing" width=${width} height=${HEIGHT} viewBox=${`0 0 ${width} ${HEIGHT}`}
      aria-hidden="true">
      <${Patterns} />
      <${Gaps} states=${data?.states ?? []} span=${span} width=${width} />
      <${Ticks} span=${span} width=${width} />
      <${People} data=${data} span=${span} width=${width} />
      <${Recordings} recordings=${data?.recordings ?? []} span=${span} width=${width} />
      <${Bars} events=${events} span=${span} width=${width} now=${now} />
      <${Now} span=${span} width=${width} now=${now} />
      ${at !== null && html`<${Cursor} at=${at} span=${span} width=${width} />`}
      <${Marks} events=${events} span=${span} width=${width} chosen=${chosen} />
      ${hover !== null && html`<${Hover} x=${hover} span=${span} width=${width} now=${now} />`}
    </svg>`}
  </div>`;
}

function useWidth(element) {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    sizes.observe(element.current);
    return () => sizes.disconnect();
  }, []);
  return width;
}

/** The wheel zooms; turned sideways, or with Shift, it pans. Preact's own listeners could not keep the page still. */
function useWheel(element, tell) {
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    let turned = 0;
    const onWheel = (event) => {
      event.preventDefault();
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) return latest.current(0, sideways);
      turned += event.deltaY;
      if (Math.abs(turned) < WHEEL_PX) return;
      latest.current(Math.sign(turned), event.clientX - element.current.getBoundingClientRect().left);
      turned = 0;
    };
    element.current.addEventListener("wheel", onWheel, { passive: false });
    return () => element.current?.removeEventListener("wheel", onWheel);
  }, []);
}

function Patterns() {
  return html`<defs>
    <pattern id="gap-down" width="8" height="8" patternUnits="userSpaceOnUse"><path class="timeline__hatch timeline__hatch--down"
      d="M-2 2 2-2M0 8 8 0M6 10l4-4" /></pattern>
    <pattern id="gap-partly" width="12" height="12" patternUnits="userSpaceOnUse"><path class="timeline__hatch timeline__hatch--partly"
      d="M-2 2 2-2M0 12 12 0M10 14l4-4" /></pattern>
    <pattern id="gap-silent" width="8" height="8" patternUnits="userSpaceOnUse"><circle class="timeline__dot" cx="4" cy="4"
      r="1" /></pattern>
  </defs>`;
}

function Gaps({ states, span, width }) {
  const t = words.value;
  return gaps(states, span, width).map(({ state, x, width: wide, from }) => html`<rect key=${`${state} ${from}`} class="timeline__gap"
    data-state=${state}
    x=${x} y="0" width=${wide} height=${ROW.ticks} fill=${`url(#gap-${state})`}><title>${t(`timeline.${state}`)}</title></rect>`);
}

function Ticks({ span, width }) {
  return ticks(span, width).map(({ at, x, midnight, seconds }) => html`<g key=${at}>
    <line class=${`timeline__tick ${midnight ? "timeline__tick--day" : ""}`} x1=${x} x2=${x} y1="0" y2=${ROW.ticks + 4} />
    <text class="timeline__time" x=${Math.min(Math.max(x, 22), width - 22)} y=${HEIGHT - 6}
      text-anchor="middle">${midnight ? dateOf(at).slice(0, 5) : timeOfDay(at).slice(0, seconds ? 8 : 5)}</text></g>`);
}

function People({ data, span, width }) {
  const t = words.value;
  if (!data?.people) return null;
  const { lines, highest } = sparkline(data.people, span, width, PEOPLE_PX, STEPS[data.step]);
  if (highest === 0) return null;
  const path = (line) => line.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${(ROW.people + y).toFixed(1)}`).join("");
  return html`<g class="timeline__people">${lines.map((line) => html`<g key=${line[0][0]}>
      <path class="timeline__area" d=${`${path(line)}V${ROW.people + PEOPLE_PX}H${line[0][0].toFixed(1)}Z`} /><path
        class="timeline__line" d=${path(line)} /></g>`)}
    <text class="timeline__most" x="6" y=${ROW.people + 10}>${t("timeline.people", { n: highest })}</text></g>`;
}

function Recordings({ recordings, span, width }) {
  return recordings.map(({ id, from, to, ready }) => {
    const place = bar(Date.parse(from), Date.parse(to), span, width);
    return place && html`<rect key=${id} class=${`timeline__recording ${ready ? "timeline__recording--ready" : ""}`} x=${place.x}
      y=${ROW.recordings} width=${place.width} height="7" rx="2" />`;
  });
}

function Bars({ events, span, width, now }) {
  return lasting(events, span, width, now).map(({ id, severity, clip, x, width: wide }) => html`<rect key=${id}
    class=${`timeline__bar ${clip ? "timeline__bar--clip" : ""} severity--${severity}`} x=${x} y=${ROW.bars} width=${wide} height="9"
      rx="2" />`);
}

function Now({ span, width, now }) {
  const x = xOf(span, width, now);
  return x <= width && html`<rect class="timeline__future" x=${x} y="0" width=${width - x} height=${ROW.ticks} /><line
    class="timeline__now" x1=${x} x2=${x} y1="0" y2=${ROW.ticks} />`;
}

function Cursor({ at, span, width }) {
  const x = xOf(span, width, at);
  if (x < 0 || x > width) return null;
  return html`<g class="timeline__cursor"><line x1=${x} x2=${x} y1="0" y2=${ROW.ticks + 4} /><path d=${`M${x - 6} 0h12l-6 8z`} /></g>`;
}

function Marks({ events, span, width, chosen }) {
  return marks(events, span, width).map(({ id, x, severity, ids, clip }) => {
    const mine = ids.includes(chosen ?? "");
    const { shape, mark } = severityShape(severity);
    return html`<g key=${id} class=${`timeline__mark severity--${severity} ${mine ? "timeline__mark--chosen" : ""}`} data-mark=${id}
      data-testid="timeline-mark">
      <circle class="timeline__halo" cx=${x} cy=${ROW.marks + MARK_PX / 2} r="15" />
      <svg x=${x - MARK_PX / 2} y=${ROW.marks} width=${MARK_PX} height=${MARK_PX} viewBox="0 0 24 24"><path class="icon__shape"
        d=${shape} /><path class="icon__mark timeline__sign" d=${mark} /></svg>
      ${ids.length > 1 && html`<text class="timeline__count" x=${x} y=${ROW.marks - 1} text-anchor="middle">${ids.length}</text>`}
      ${clip && html`<path class="timeline__clip" d=${`M${x - 4} ${ROW.marks + MARK_PX + 2}v6l6-3z`} />`}
    </g>`;
  });
}

function Hover({ x, span, width, now }) {
  const at = timeAt(span, width, x);
  if (at > now) return null;
  return html`<g class="timeline__hover"><line x1=${x} x2=${x} y1="0" y2=${ROW.ticks} />
    <text x=${Math.min(Math.max(x, 46), width - 46)} y=${ROW.ticks - 3} text-anchor="middle">${moment(at, now)}</text></g>`;
}
