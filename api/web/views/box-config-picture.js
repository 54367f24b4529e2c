/**
 * A camera's picture with its zones, lines and masks on it, to be drawn with a mouse, a finger or the keyboard: points are
 * dragged, the small ones between them become points, and the arrows of the keyboard move what has the focus.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { BASE } from "../api.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { nameOf } from "../box-config.js";
import { arrowOf, crossesItself, middles, movedPoint, movedShape, pointAt, withPoint, withoutPoint } from "../zone-drawing.js";

/** @typedef {import("../zone-drawing.js").Point} Point @typedef {import("../box-config.js").ShapeKind} ShapeKind
 * @typedef {{kind: ShapeKind|"arrows", part: string}} Selected */

const WIDTH = 1000;
const STEP = 0.005;
const FAR_STEP = 0.03;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LEAST = { zones: 3, masks: 3, lines: 2, arrows: 2 };

/** A still picture of this moment; `state` says why there is none. Nothing is asked for that the centre would refuse.
 * @param {string} camera @param {"may"|"barred"|"unsent"} access */
export function usePicture(camera, access) {
  const [held, setHeld] = useState(/** @type {{url: string|null, size: {width: number, height: number}|null, state: string}} */ ({ url: null, size: null, state: "waiting" }));
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (access !== "may") { setHeld({ url: null, size: null, state: access }); return undefined; }
    let url = /** @type {string|null} */ (null);
    let wanted = true;
    setHeld((old) => ({ ...old, state: "waiting" }));
    fetch(`${BASE}/cameras/${encodeURIComponent(camera)}/picture`, { credentials: "same-origin", cache: "no-store" }).then(async (answer) => {
      if (!wanted) return;
      if (!answer.ok) { setHeld({ url: null, size: null, state: answer.status === 403 ? "barred" : "none" }); return; }
      const made = URL.createObjectURL(await answer.blob());
      url = made;
      const image = new Image();
      image.onload = () => { if (wanted) setHeld({ url: made, size: { width: image.naturalWidth, height: image.naturalHeight }, state: "ready" }); };
      image.src = made;
    }).catch(() => { if (wanted) setHeld({ url: null, size: null, state: "none" }); });
    return () => { wanted = false; if (url) URL.revokeObjectURL(url); };
  }, [camera, access, attempt]);
  const offered = access === "may" && held.state !== "barred";
  return { ...held, offered, again: () => setAttempt((n) => n + 1) };
}

/**
 * @param {{draft: import("../box-config.js").Draft, camera: import("../box-config.js").Camera, selected: Selected|null,
 *   select: (one: Selected|null) => void, change: (kind: Selected["kind"], part: string, points: Point[], tag: string) => void,
 *   picture: ReturnType<typeof usePicture>}} props
 */
export function DrawingBoard({ draft, camera, selected, select, change, picture }) {
  const t = words.value;
  const board = useRef(/** @type {SVGSVGElement|null} */ (null));
  const drag = useRef(/** @type {{point: number|null, from: Point, points: Point[], tag: string}|null} */ (null));
  const aspect = picture.size ? picture.size.width / picture.size.height : 16 / 9;
  const height = WIDTH / aspect;
  const shapes = shapesOf(draft, camera);
  const mine = shapes.find(({ kind, part }) => kind === selected?.kind && part === selected?.part) ?? null;
  const at = (event) => pointAt(event.clientX, event.clientY, /** @type {SVGSVGElement} */ (board.current).getBoundingClientRect());
  const put = (points, tag) => mine && change(mine.kind, mine.part, points, tag);

  const grab = (event, point, points) => {
    event.preventDefault();
    event.stopPropagation();
    board.current?.setPointerCapture(event.pointerId);
    if (event.currentTarget instanceof SVGElement && point !== null) event.currentTarget.focus();
    drag.current = { point, from: at(event), points, tag: `drag ${Date.now()}` };
  };
  const move = (event) => {
    const held = drag.current;
    if (!held) return;
    const [x, y] = at(event);
    if (held.point === null) put(movedShape(held.points, x - held.from[0], y - held.from[1]), held.tag);
    else put(movedPoint(held.points, held.point, [x, y]), held.tag);
  };
  const drop = () => { drag.current = null; };

  const grabMiddle = (event, index, where) => {
    const points = withPoint(mine?.points ?? [], index, where);
    put(points, `drag ${Date.now()}`);
    grab(event, index + 1, points);
  };
  const onKey = (event, index) => {
    if (!mine) return;
    const way = ARROWS[event.key];
    const step = event.shiftKey ? FAR_STEP : STEP;
    if (way) put(movedPoint(mine.points, index, [mine.points[index][0] + way[0] * step, mine.points[index][1] + way[1] * step * aspect]), `key ${index}`);
    else if (event.key === "Delete" || event.key === "Backspace") put(withoutPoint(mine.points, index, mine.kind === "arrows" ? 2 : LEAST[mine.kind]), "");
    else if (event.key === "Insert" || event.key === "Enter") {
      const next = middles(mine.points, mine.closed)[index] ?? middles(mine.points, mine.closed)[index - 1];
      if (next && mine.kind !== "arrows") put(withPoint(mine.points, next.index, next.at), "");
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return html`<div class="board" data-state=${picture.state}>
    <svg ref=${board} class=${`board__svg ${mine ? "board__svg--at-work" : ""}`} viewBox=${`0 0 ${WIDTH} ${height}`} role="group" aria-label=${t("config.board")} data-testid="board"
      onPointerMove=${move} onPointerUp=${drop} onPointerCancel=${drop} onPointerDown=${() => select(null)}>
      <defs><marker id="arrowhead" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0 10 5 0 10Z" fill="context-stroke" /></marker>
        <pattern id="grid" width="50" height="50" patternUnits="userSpaceOnUse"><path d="M50 0H0V50" class="board__grid" /></pattern></defs>
      <rect width=${WIDTH} height=${height} class="board__ground" /><rect width=${WIDTH} height=${height} fill="url(#grid)" />
      ${picture.url && html`<image href=${picture.url} width=${WIDTH} height=${height} preserveAspectRatio="none" />`}
      ${shapes.map((shape) => html`<${Drawn} key=${`${shape.kind} ${shape.part}`} shape=${shape} height=${height} aspect=${aspect} selected=${shape === mine}
        onPointerDown=${(event) => { event.stopPropagation(); if (shape === mine) grab(event, null, shape.points); else select({ kind: shape.kind, part: shape.part }); }} />`)}
      ${mine && html`<g class=${`board__handles board--${mine.kind}`}>
        ${mine.kind !== "arrows" && middles(mine.points, mine.closed).map(({ index, at: where }) => html`<circle key=${`m${index}`} class="board__middle" cx=${where[0] * WIDTH} cy=${where[1] * height} r="9"
          onPointerDown=${(event) => grabMiddle(event, index, where)} />`)}
        ${mine.points.map(([x, y], index) => html`<g key=${index}><circle class="board__reach" cx=${x * WIDTH} cy=${y * height} r="26" onPointerDown=${(event) => grab(event, index, mine.points)} />
          <circle class="board__point" data-testid=${`point-${index}`} cx=${x * WIDTH} cy=${y * height} r="12" tabindex="0" role="button"
            aria-label=${t("config.point", { n: index + 1, name: mine.name, x: Math.round(x * 100), y: Math.round(y * 100) })}
            onPointerDown=${(event) => grab(event, index, mine.points)} onKeyDown=${(event) => onKey(event, index)}
            onDblClick=${() => put(withoutPoint(mine.points, index, mine.kind === "arrows" ? 2 : LEAST[mine.kind]), "")} /></g>`)}</g>`}
    </svg>
    ${picture.state !== "ready" && html`<p class="board__note"><${Icon} name=${picture.state === "waiting" ? "waiting" : "picture_off"} /><span>${t(`config.picture.${picture.state}`)}</span></p>`}
    ${mine && crossesItself(mine.points, mine.closed) && html`<p class="message message--bad" role="status"><${Icon} name="warning" /><span>${t("config.crosses")}</span></p>`}
    <p class="sheet__note board__help">${t(mine ? "config.board.selected" : "config.board.help")}</p>
  </div>`;
}

function Drawn({ shape, height, aspect, selected, onPointerDown }) {
  const points = shape.points.map(([x, y]) => `${x * WIDTH},${y * height}`).join(" ");
  const arrow = shape.kind === "lines" && shape.points.length > 1 ? arrowOf(shape.points, 0.06, aspect) : null;
  const [x, y] = top(shape.points);
  return html`<g class=${`board__shape board--${shape.kind} ${selected ? "board__shape--selected" : ""}`} onPointerDown=${onPointerDown} data-testid=${`shape-${shape.kind}-${shape.part}`}>
    ${shape.closed ? html`<polygon points=${points} />` : html`<polyline points=${points} marker-end=${shape.kind === "arrows" ? "url(#arrowhead)" : undefined} /><polyline class="board__wide" points=${points} />`}
    ${arrow && html`<line class="board__arrow" x1=${arrow[0][0] * WIDTH} y1=${arrow[0][1] * height} x2=${arrow[1][0] * WIDTH} y2=${arrow[1][1] * height} marker-end="url(#arrowhead)" />`}
    <text class="board__name" x=${Math.min(x * WIDTH + 8, WIDTH - 160)} y=${Math.max(24, y * height - 10)}>${shape.name}</text></g>`;
}

/** All that is drawn: masks below, arrows of rules on top. */
function shapesOf(draft, camera) {
  const t = words.value;
  const masks = (camera.masks ?? []).map((points, i) => ({ kind: "masks", part: String(i), points, closed: true, name: t("config.mask", { n: i + 1 }) }));
  const zones = (camera.zones ?? []).map(({ id, polygon }) => ({ kind: "zones", part: id, points: polygon ?? [], closed: true, name: nameOf(draft, camera.id, "zones", id) }));
  const lines = (camera.lines ?? []).map(({ id, points }) => ({ kind: "lines", part: id, points: points ?? [], closed: false, name: nameOf(draft, camera.id, "lines", id) }));
  const arrows = (camera.rules ?? []).filter(({ direction }) => Array.isArray(direction)).map(({ id, direction }) => ({ kind: "arrows", part: id, points: direction, closed: false, name: t("config.right_way") }));
  return /** @type {{kind: Selected["kind"], part: string, points: Point[], closed: boolean, name: string}[]} */ ([...masks, ...zones, ...lines, ...arrows]);
}

/** @param {Point[]} points */
const top = (points) => points.reduce((best, point) => (point[1] < best[1] ? point : best), points[0] ?? [0, 0]);
