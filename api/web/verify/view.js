/** What the page shows of a verdict. Draws; what a verdict means is decided in tell.js. */
import { codeWords } from "../translate.js";
import { el, icon } from "./dom.js";
import { clockWords, fileStates, groups, headline, isProven, keyState, momentOf, nameOf, sizeWords } from "./tell.js";

const ICONS = { untouched: "check", touched: "cross", other: "cross", unreadable: "question", failed: "question" };
/** @type {Record<string, "check"|"cross"|"absent">} */
const STATE_ICONS = { ok: "check", changed: "cross", missing: "cross", added: "cross", absent: "absent" };
const FILMS = new Set(["clip", "recording"]);
const MANY = 6;
const PICTURES = new Set(["snapshot", "thumbnail"]);

/** Where a file is chosen. @param {any} t @param {() => void} choose */
export function askView(t, choose) {
  return el("div", {}, el("section", { class: "ask", "data-testid": "ask" },
    el("h1", {}, t("ask.title")),
    el("p", { class: "ask__body" }, t("ask.body")),
    el("button", { class: "button button--large", type: "button", onclick: choose }, icon("file"), t("ask.choose")),
    el("p", { class: "ask__drop" }, t("ask.drop")),
    el("p", { class: "ask__private" }, t("ask.private"))),
  el("footer", { class: "note note--ask" }, el("p", {}, t("note"))));
}

/** @param {any} t @param {string} name @param {number} share */
export function checkingView(t, name, share) {
  return el("section", { class: "ask" },
    el("h1", {}, t("checking", { file: name })),
    el("progress", { max: 1, value: share, id: "progress" }));
}

/** The headline, large, in words and with a sign. */
export function bannerView(t, kind, lines) {
  return el("section", { class: `banner banner--${kind}`, "data-testid": "verdict", "data-verdict": kind, role: "status" },
    el("span", { class: "banner__sign" }, icon(ICONS[kind])),
    el("div", {},
      el("h1", {}, t(`${kind}.title`)),
      ...lines.map((line) => el("p", {}, line))));
}

/** All that is known after a check. */
export function resultView(t, { verdict, name, size, entered, urlOf, onKey, again, print }) {
  const key = keyState(verdict.keyId, entered.id);
  const kind = headline(verdict, key);
  const proven = isProven(verdict);
  return [
    bannerView(t, kind, bannerLines(t, kind, verdict, key)),
    el("div", { class: "actions" },
      el("span", { class: "actions__file" }, `${name} · ${sizeWords(t, size)}`),
      el("button", { class: "button", type: "button", onclick: print }, t("print")),
      el("button", { class: "button", type: "button", onclick: again }, t("ask.again"))),
    verdict.faults.length > 0 && verdict.state !== "untouched" && faultsView(t, verdict.faults),
    verdict.state !== "unreadable" && verdict.keyId !== null && keyView(t, verdict.keyId, key, entered, onKey),
    verdict.manifest !== null && (proven
      ? el("div", { class: "columns" }, mediaView(t, verdict, urlOf), factsView(t, verdict.manifest))
      : el("p", { class: "card card--plain" }, t("media.unproven"))),
    proven && filesView(t, verdict),
    el("footer", { class: "note" }, el("p", {}, t("note")), el("p", {}, t("note.people"))),
  ];
}

function bannerLines(t, kind, { manifest }, key) {
  if (kind !== "untouched") return [t(`${kind}.body`)];
  const body = t("untouched.body", { at: `${momentOf(manifest.export.at)} (${t("facts.zone")})` });
  return [body, t(key === "named" ? "untouched.named" : "untouched.compare")];
}

function faultsView(t, faults) {
  return el("section", { class: "card card--faults", "data-testid": "faults" },
    el("h2", {}, t("fault.title")),
    el("ul", {}, ...faults.filter(({ code }) => code !== "other_key").map(({ code, path }) =>
      el("li", {}, icon("cross"), path !== null && el("code", {}, path), el("span", {}, codeWords(t, "fault", code))))));
}

function keyView(t, keyId, key, entered, onKey) {
  const field = el("input", {
    type: "text", id: "key", value: entered.text, autocomplete: "off", spellcheck: "false", "data-testid": "key",
    placeholder: "0123 4567 89ab cdef …", onchange: (event) => onKey(event.target.value),
    onpaste: (event) => setTimeout(() => onKey(event.target.value)),
  });
  const broken = entered.text.trim() !== "" && entered.id === null;
  return el("section", { class: `card key key--${key}` },
    el("h2", {}, icon("key"), t("key.title"), el("span", { class: "chip", "data-testid": "key-state" }, t(`key.${key}`))),
    el("p", {}, t("key.note")),
    el("p", { class: "key__label" }, t("key.mark")),
    el("p", { class: "key__mark", "data-testid": "key-id" }, ...groups(keyId).map((part) => el("span", {}, part))),
    el("label", { class: "key__label", for: "key" }, t("key.enter")),
    field,
    broken && el("p", { class: "key__broken" }, t("key.broken")));
}

function mediaView(t, verdict, urlOf) {
  const { files, absent, scenes } = verdict.manifest;
  const states = new Map(fileStates(verdict).map(({ path, state }) => [path, state]));
  const shown = files.filter(({ kind }) => FILMS.has(kind) || PICTURES.has(kind));
  const inScene = (path, folder) => (folder === "" ? !path.includes("/") : path.startsWith(folder));
  const sceneView = (scene) => {
    const own = shown.filter(({ path }) => inScene(path, scene.folder));
    const gone = absent.filter(({ path }) => inScene(path, scene.folder));
    if (own.length + gone.length === 0) return null;
    return el("div", { class: "scene" },
      scenes.length > 1 && el("h3", {}, `${codeWords(t, "kind", scene.kind)} · ${nameOf(scene.camera ?? scene.device)} · ${momentOf(scene.began_at)}`),
      ...own.map((file) => mediumView(t, file, states.get(file.path), urlOf, scenes.length > MANY ? "none" : "metadata")),
      ...gone.map(({ path, kind, why }) => el("p", { class: "medium__gone medium__gone--absent" }, `${t(`file.${kind}`)} (${path}): ${t(`media.${why}`)}`)));
  };
  return el("section", { class: "card media" },
    el("h2", {}, t("media.title")),
    ...(shown.length + absent.length > 0 ? scenes.map(sceneView) : [el("p", {}, t("media.none"))]));
}

function mediumView(t, { path, kind }, state, urlOf, preload) {
  const caption = el("figcaption", {}, `${t(`file.${kind}`)} · ${path}`);
  if (state !== "ok") {
    return el("figure", { class: "medium" }, el("p", { class: "medium__gone" }, icon("cross"), t("media.changed")), caption);
  }
  const url = urlOf(path);
  const medium = FILMS.has(kind)
    ? el("video", { src: url, controls: true, preload, playsinline: true, "data-testid": "film" })
    : el("img", { src: url, alt: t(`file.${kind}`), "data-testid": kind });
  return el("figure", { class: `medium medium--${kind}` }, medium, caption);
}

function factsView(t, manifest) {
  const { export: made, scenes, ward, chain, version, detectors } = manifest;
  const one = scenes.length === 1 ? scenes[0] : null;
  const rows = [
    ...(one ? sceneFacts(t, ward, one) : [["subject", t("facts.events", { n: scenes.length })], ["where", nameOf(ward)]]),
    manifest.scenes_left_out > 0 && ["", t("facts.left_out", { n: manifest.scenes_left_out })],
    detectors.length > 0 && ["detector", detectors.map(({ name, licence }) => `${name} (${licence})`).join(", ")],
    ["by", `${made.by_name} (${made.by}) · ${codeWords(t, "role", made.role)}`],
    ["reason", made.reason],
    ["at", `${momentOf(made.at)} (${t("facts.zone")})`],
    ["chain", `${t("facts.entry", { seq: chain.seq })} · ${chain.digest.slice(0, 16)}…`],
    ["version", `Phố An ${version}`],
  ];
  return el("section", { class: "card facts", "data-testid": "facts" },
    el("h2", {}, t("facts.title")),
    el("dl", {}, ...rows.filter((row) => row !== false).flatMap(([key, words]) =>
      [el("dt", {}, key === "" ? "" : t(`facts.${key}`)), el("dd", {}, words)])));
}

function sceneFacts(t, ward, scene) {
  const until = scene.ended_at === null ? "" : ` – ${momentOf(scene.ended_at)}`;
  const severity = scene.severity === null ? "" : ` · ${codeWords(t, "severity", scene.severity)}`;
  return [
    ["kind", codeWords(t, "kind", scene.kind) + severity],
    ["when", `${momentOf(scene.began_at)}${until} (${t("facts.zone")})`],
    ["where", `${nameOf(scene.site)}, ${nameOf(ward)}`],
    scene.camera ? ["camera", nameOf(scene.camera)] : ["device", nameOf(scene.device)],
    ["box", nameOf(scene.box)],
    ["clock", clockWords(t, scene.clock)],
  ];
}

function filesView(t, verdict) {
  return el("section", { class: "card files" },
    el("h2", {}, t("files.title")),
    el("table", {},
      el("thead", {}, el("tr", {}, ...["state", "name", "size", "digest"].map((key) => el("th", { scope: "col" }, t(`files.${key}`))))),
      el("tbody", {}, ...fileStates(verdict).map(({ path, bytes, sha256, state }) =>
        el("tr", { class: `file file--${state}`, "data-path": path, "data-state": state },
          el("td", {}, el("span", { class: "file__state" }, icon(STATE_ICONS[state]), t(`files.${state}`))),
          el("td", {}, path),
          el("td", { class: "file__size" }, bytes === null ? "" : sizeWords(t, bytes)),
          el("td", { class: "file__digest" }, sha256))))));
}
