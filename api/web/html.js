/** Preact's `h` behind htm's template literals: the one way in which views are written. */
import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);
