/**
 * The sounds of the wall, made here, off until somebody turns them on, remembered on this computer: two notes for a new
 * alert, and a call that goes on for as long as something critical waits that nobody has looked at.
 */
import { signal } from "@preact/signals";

const KEY = "phoan.sound";
/** Pitch and start of each note. */
const ALERT = [[880, 0], [1175, 0.18]];
const CALL = [[988, 0], [659, 0.22], [988, 0.44], [659, 0.66]];
const CALL_EVERY_MS = 3_000;

export const soundOn = signal(remembered());

let context = /** @type {AudioContext|null} */ (null);
let calling = 0;

export function switchSound() {
  soundOn.value = !soundOn.peek();
  try {
    localStorage.setItem(KEY, soundOn.peek() ? "on" : "off");
  } catch {
    // not remembered, no more
  }
  if (soundOn.peek()) ring();
}

/** Plays the two notes of a new alert. */
export function ring() {
  play(ALERT, "sine");
}

/** Calls again and again until it is told otherwise. @param {boolean} wanted */
export function keepCalling(wanted) {
  if (wanted === (calling !== 0)) return;
  window.clearInterval(calling);
  calling = 0;
  if (!wanted) return;
  call();
  calling = window.setInterval(call, CALL_EVERY_MS);
}

function call() {
  play(CALL, "square");
}

/** A browser allows it only after a key or a click on the page; before, nothing is heard. */
function play(notes, form) {
  if (!soundOn.peek() || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  void context.resume();
  for (const [pitch, start] of notes) playNote(context, form, pitch, context.currentTime + start);
}

function playNote(audio, form, pitch, at) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.type = form;
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(form === "square" ? 0.12 : 0.3, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.4);
}

function remembered() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}
