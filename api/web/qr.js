/**
 * A QR code as the path of a drawing. Pure; which modules are dark is computed by the vendored `lean-qr`.
 *
 * @typedef {{size: number, get: (x: number, y: number) => boolean}} Bitmap
 */

/** How many modules must stay light around a code (ISO/IEC 18004). */
export const MARGIN = 4;

/** Each run of dark modules of a row as one rectangle. @param {Bitmap} bitmap @returns {string} for the `d` of a path */
export function pathOf({ size, get }) {
  let path = "";
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const start = x;
      while (x < size && get(x, y)) x += 1;
      if (x > start) path += `M${start + MARGIN} ${y + MARGIN}h${x - start}v1h${start - x}z`;
    }
  }
  return path;
}

/** The side of the drawing with its margin. @param {Bitmap} bitmap */
export const sideOf = ({ size }) => size + 2 * MARGIN;
