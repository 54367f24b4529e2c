/** The page that checks evidence: takes a file, has it checked, and shows the verdict. It sends nothing anywhere. */
import { translator } from "../translate.js";
import { check } from "./check.js";
import { el } from "./dom.js";
import { fingerprint } from "./key.js";
import { askView, bannerView, checkingView, resultView } from "./view.js";
import { WORDS } from "./words.js";

const TYPES = { mp4: "video/mp4", jpg: "image/jpeg" };
const shared = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
const page = /** @type {HTMLElement} */ (document.getElementById("page"));
const chooser = /** @type {HTMLInputElement} */ (el("input", { type: "file", accept: ".zip,application/zip", hidden: true, id: "chooser" }));

let language = "vi";
let shown = /** @type {{kind: string} & Record<string, any>} */ ({ kind: "ask" });
let entered = { text: "", id: /** @type {string|null} */ (null) };
/** @type {Map<string, string>} */
const urls = new Map();

function t() {
  return translator({ ...shared[language], ...WORDS[language] });
}

function draw() {
  const say = t();
  document.documentElement.lang = language;
  document.title = `Phố An – ${say("title")}`;
  /** @type {HTMLElement} */ (document.getElementById("title")).textContent = say("title");
  const other = /** @type {HTMLElement} */ (document.getElementById("language"));
  other.textContent = say("language.switch");
  other.lang = language === "vi" ? "en" : "vi";
  page.replaceChildren(...parts(say).filter((part) => part !== false));
}

function parts(say) {
  const choose = () => chooser.click();
  if (shown.kind === "checking") return [checkingView(say, shown.name, shown.share)];
  if (shown.kind === "failed") return [bannerView(say, "failed", [say("failed.body")]), askView(say, choose)];
  if (shown.kind !== "result") return [askView(say, choose)];
  const { verdict, name, size } = shown;
  return resultView(say, {
    verdict, name, size, entered, urlOf, onKey: enterKey, again: choose, print: () => window.print(),
  });
}

async function take(file) {
  forget();
  shown = { kind: "checking", name: file.name, share: 0 };
  draw();
  try {
    const verdict = await check(file, advance);
    shown = { kind: "result", verdict, file, name: file.name, size: file.size };
  } catch {
    shown = { kind: "failed" };
  }
  draw();
  window.scrollTo(0, 0);
}

function advance(share) {
  const bar = document.getElementById("progress");
  if (bar instanceof HTMLProgressElement) bar.value = share;
}

function enterKey(text) {
  if (text === entered.text) return;
  const typing = document.activeElement?.id === "key";
  entered = { text, id: fingerprint(text) };
  draw();
  if (typing) document.getElementById("key")?.focus();
}

/** The address of a file inside the archive. @param {string} path */
function urlOf(path) {
  const known = urls.get(path);
  if (known !== undefined) return known;
  const { place, size } = shown.verdict.members.find((member) => member.path === path);
  const type = TYPES[path.split(".").at(-1)] ?? "application/octet-stream";
  const url = URL.createObjectURL(shown.file.slice(place, place + size, type));
  urls.set(path, url);
  return url;
}

function forget() {
  for (const url of urls.values()) URL.revokeObjectURL(url);
  urls.clear();
}

chooser.addEventListener("change", () => {
  const file = chooser.files?.[0];
  chooser.value = "";
  if (file) take(file);
});
document.getElementById("language")?.addEventListener("click", () => {
  language = language === "vi" ? "en" : "vi";
  draw();
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (file) take(file);
});
document.body.append(chooser);
draw();
