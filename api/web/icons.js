/** The page's pictograms, drawn on a 24 by 24 grid. Each severity has its own shape, so that colour is never needed. */
import { html } from "./html.js";

const STROKES = {
  person: "M12 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM5 20c.6-4 3.4-6 7-6s6.4 2 7 6",
  online: "M4 9.5a12 12 0 0 1 16 0M7 13a7.5 7.5 0 0 1 10 0M10 16.4a3 3 0 0 1 4 0M12 19.5h.01",
  offline: "M3 3l18 18M4 9.5a12 12 0 0 1 4-2.4M12 6.5a12 12 0 0 1 8 3M7 13a7.5 7.5 0 0 1 4-1.9M10 16.4a3 3 0 0 1 4 0M12 19.5h.01",
  waiting: "M12 3a9 9 0 1 1-9 9M12 7v5l3.5 2",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2",
  camera: "M4 8h11a1.5 1.5 0 0 1 1.5 1.5v6A1.5 1.5 0 0 1 15 17H4a1.5 1.5 0 0 1-1.5-1.5v-6A1.5 1.5 0 0 1 4 8ZM16.5 11.5l5-2.5v7l-5-2.5",
  camera_off: "M3 3l18 18M9 8h6a1.5 1.5 0 0 1 1.5 1.5v2l5-2.5v7M15.5 16.9a1.5 1.5 0 0 1-.5.1H4a1.5 1.5 0 0 1-1.5-1.5v-6A1.5 1.5 0 0 1 4 8h.5",
  box_off: "M3 3l18 18M9 5h9a2 2 0 0 1 2 2v3.5a1 1 0 0 1-1 1h-3M5 7v3.5a1 1 0 0 0 1 1h5M16 19H6a2 2 0 0 1-2-2v-3a2 2 0 0 1 2-2h6M20 14v3M7.5 15.5h.01M7.5 8.5h.01",
  picture_off: "M3 3l18 18M8 5h11a2 2 0 0 1 2 2v10M17.5 19H5a2 2 0 0 1-2-2V6M3 16l5-5 7 7M15 10.5h.01",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  sound_off: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM16 9.5l5 5M21 9.5l-5 5",
  calendar: "M5 6h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1ZM4 10.5h16M8.5 3.5V8M15.5 3.5V8",
  globe: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.5-1.1.9-1.1 1.8M12 16.8h.01",
  warning: "M12 4 21.5 20h-19ZM12 10v4.5M12 17.2h.01",
  leave: "M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h11M17.5 8.5 21 12l-3.5 3.5",
  place: "M12 21s7-6.2 7-11.5a7 7 0 1 0-14 0C5 14.8 12 21 12 21ZM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  close: "M5 5l14 14M19 5 5 19",
  check: "M5 12.5l4.5 4.5L19 7.5",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
  bell: "M6 16.5V11a6 6 0 1 1 12 0v5.5l1.5 1.5h-15ZM10 20.5h4",
  grid: "M4 4h7v7H4ZM13 4h7v7h-7ZM4 13h7v7H4ZM13 13h7v7h-7Z",
  folder: "M3 7a1.5 1.5 0 0 1 1.5-1.5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9.5v8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5Z",
  map: "M9 4 3 6.5v13L9 17l6 3 6-2.5v-13L15 7ZM9 4v13M15 7v13",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.3 15.3 21 21",
  timeline: "M3 12h18M6 8v8M11 9.5v5M16 6.5v11M20 10v4",
  handover: "M4 8h13l-3.5-3.5M20 16H7l3.5 3.5",
  people: "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM3 19c.5-3.4 2.8-5 6-5s5.5 1.6 6 5M16 5.3a3 3 0 0 1 0 5.4M17.5 14.4c2 .6 3.2 2.1 3.5 4.6",
  shield: "M12 3l7.5 2.5v5.5c0 5-3 8.3-7.5 10-4.5-1.7-7.5-5-7.5-10V5.5Z",
  flag: "M5 21V4M5 5h12l-2.5 4 2.5 4H5",
  undo: "M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11H8",
  download: "M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14",
  play: "M7 4.5v15l12-7.5Z",
  cancel: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM5.7 5.7l12.6 12.6",
  power: "M13 2.5 5.5 13H11l-1 8.5L18 10.5h-6Z",
  comment: "M4 5h16v11h-8l-4.5 4v-4H4Z",
  print: "M7 9V3.5h10V9M7 17H4.5v-8h15v8H17M7 14h10v6.5H7Z",
  louder: "M5 9.5v5h3L15 19V5L8 9.5ZM18 9.5v5M21 7.5v9",
  film: "M4 5h16v14H4ZM8 5v14M16 5v14M4 9.5h4M4 14.5h4M16 9.5h4M16 14.5h4",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  left: "M15 6l-6 6 6 6",
  right: "M9 6l6 6-6 6",
  expand: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  shrink: "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
  pencil: "M4 20l1-4.5L16.5 4 20 7.5 8.5 19ZM14 6.5l3.5 3.5",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  box: "M4 7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v2.5a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2ZM4 14.5a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2ZM7.5 8.3h.01M7.5 15.7h.01",
  copy: "M9 8h10.5v12.5H9ZM15 8V3.5H4.5V16H9",
  qr: "M4 4h6v6H4ZM14 4h6v6h-6ZM4 14h6v6H4ZM14 14h2.5v2.5M20 14v2.5h-2M14 20h2.5M19.5 20h.01M7 7h.01M17 7h.01M7 17h.01",
  screen: "M3.5 5h17v11h-17ZM9 20h6M12 16v4",
  flame: "M12 3c1 3.5 5.5 5.5 5.5 11a5.5 5.5 0 0 1-11 0c0-2.3 1.2-3.8 2.5-5 .3 1.6 1 2.5 2 3 .6-3 .2-6 1-9Z",
  drop: "M12 3.5c3.5 4.5 6 7.3 6 10.7a6 6 0 0 1-12 0c0-3.4 2.5-6.2 6-10.7Z",
  door: "M6 21V3.5h9V21M3.5 21h17M15 5.5l3.5 1.5V21M12 12.2h.01",
  sensor_off: "M3 3l18 18M9 12a3 3 0 0 0 4.2 2.7M12 9a3 3 0 0 1 3 3M6 6.7a8 8 0 0 0 0 10.6M18 6.7a8 8 0 0 1 1.7 7.6",
  book: "M5 4.5A1.5 1.5 0 0 1 6.5 3H19v18H6.5A1.5 1.5 0 0 1 5 19.5ZM9 7.5h6M9 11.5h6M5 17.5h14",
};

const SEVERITIES = {
  low: { shape: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z", mark: "M12 11v5.5M12 7.7h.01" },
  medium: { shape: "M12 3 22.5 21h-21Z", mark: "M12 9.5v5.5M12 18h.01" },
  high: { shape: "M12 1.5 22.5 12 12 22.5 1.5 12Z", mark: "M12 7v6M12 16.5h.01" },
  critical: { shape: "M8 2h8l6 6v8l-6 6H8l-6-6V8Z", mark: "M12 6.5v7M12 17.2h.01" },
};

/** The outline and the mark of a severity, for who draws it into a picture of its own. @param {string} severity */
export function severityShape(severity) {
  return SEVERITIES[severity] ?? SEVERITIES.medium;
}

/** @param {{name: string}} props */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${STROKES[name]} /></svg>`;
}

/** @param {{severity: string}} props */
export function SeverityIcon({ severity }) {
  const { shape, mark } = severityShape(severity);
  return html`<svg class="icon icon--severity" viewBox="0 0 24 24" aria-hidden="true">
    <path class="icon__shape" d=${shape} /><path class="icon__mark" d=${mark} />
  </svg>`;
}
