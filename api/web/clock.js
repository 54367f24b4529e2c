/**
 * The centre's clock, as this page knows it. Ages are measured against it and not against the clock of the PC, which
 * may be wrong or be corrected in the middle of the night.
 */
import { signal } from "@preact/signals";

let offset = Date.now() - performance.now();

/** The centre's time now, in milliseconds of the epoch. */
export function centreNow() {
  return performance.now() + offset;
}

/** Takes the time that the centre has just told. @param {string} at */
export function setCentreClock(at) {
  const told = Date.parse(at);
  if (Number.isNaN(told)) return;
  offset = told - performance.now();
  second.value = centreNow();
}

/** The centre's time, renewed every second, for everything on the page that counts. */
export const second = signal(centreNow());

setInterval(() => { second.value = centreNow(); }, 1000);
