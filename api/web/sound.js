/** The sound of a new alert: two notes, made here, off until somebody turns it on, remembered on this computer. */
import { signal } from "@preact/signals";

const KEY = "phoan.sound";
const NOTES = [[880, 0], [1175, 0.18]];

export const soundOn = signal(remembered());

let context = /** @type {AudioContext|null} */ (null);

export function switchSound() {
  soundOn.value = !soundOn.peek();
  try {
    localStorage.setItem(KEY, soundOn.peek() ? "on" : "off");
  } catch {
    // not remembered, no more
  }
  if (soundOn.peek()) ring();
}

/** Plays the two notes. A browser allows it only after a key or a click on the page; before, nothing is heard. */
export function ring() {
  if (!soundOn.peek() || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  void context.resume();
  for (const [pitch, start] of NOTES) playNote(context, pitch, context.currentTime + start);
}

function playNote(audio, pitch, at) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
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
