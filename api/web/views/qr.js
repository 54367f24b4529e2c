/** A QR code, drawn here: nothing of what it holds leaves the page. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { pathOf, sideOf } from "../qr.js";

/** @param {{text: string, label: string}} props */
export function Qr({ text, label }) {
  const [drawn, setDrawn] = useState(/** @type {{path: string, side: number}|null} */ (null));
  useEffect(() => {
    let wanted = true;
    import("../vendor/lean-qr.js").then(({ generate }) => {
      const bitmap = generate(text);
      if (wanted) setDrawn({ path: pathOf(bitmap), side: sideOf(bitmap) });
    }, () => undefined); // the key stands beside it as text
    return () => { wanted = false; };
  }, [text]);
  if (drawn === null) return html`<div class="qr"></div>`;
  return html`<svg class="qr" data-testid="qr" role="img" aria-label=${label} viewBox=${`0 0 ${drawn.side} ${drawn.side}`}
    shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff" /><path d=${drawn.path} fill="#000" /></svg>`;
}
