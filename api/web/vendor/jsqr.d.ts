/** As much of jsQR as the page uses. It is no module: loaded, it is a function of the window. */
export {};
declare global {
  var jsQR: (
    data: Uint8ClampedArray, width: number, height: number, options?: { inversionAttempts?: string },
  ) => { data: string } | null;
}
