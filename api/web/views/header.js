/** The bar at the top: whose wall this is, what time it is, whether the line to the centre holds, who is signed in. */
import { second } from "../clock.js";
import { duration, longDate, timeOfDay } from "../format.js";
import { html } from "../html.js";
import { language, switchLanguage, words } from "../i18n.js";
import { Icon } from "../icons.js";
import { askPermission, permission } from "../calls.js";
import { addressOf } from "../route.js";
import { soundOn, switchSound } from "../sound.js";
import { cameras, dispatch, state, wardNames } from "../store.js";
import { codeWords } from "../translate.js";

/** @param {{doings: import("./page.js").Doings}} props */
export function Header({ doings }) {
  const t = words.value;
  const { user } = state.value;
  return html`<header class="header" aria-label=${t("header.label")}>
    <img class="header__logo" src="/static/img/logo.svg" alt="" width="34" height="34" />
    <div class="header__brand">
      <h1 class="header__product">${t("product")}</h1>
      <p class="header__ward">${wardNames.value || t("product.tagline")}</p>
    </div>
    <div class="header__state"><${Connection} /><${CameraCount} /></div>
    <${Clock} />
    <div class="header__tools">
      <${Tool} icon=${soundOn.value ? "sound" : "sound_off"} pressed=${soundOn.value}
        label=${t(soundOn.value ? "header.sound.on" : "header.sound.off")} run=${switchSound} />
      ${permission.value === "default" && html`<${Tool} icon="bell" label=${t("header.notices")} run=${askPermission} />`}
      <${Tool} icon="help" label=${t("header.help")} run=${() => dispatch({ type: "help.shown", shown: true })} />
      <button type="button" class="button header__language" data-testid="language-switch" onClick=${switchLanguage}
        lang=${language.value === "vi" ? "en" : "vi"} title=${t("language.switch")}>
        <${Icon} name="globe" /><span>${t("language.other")}</span></button>
    </div>
    <a class="header__user" data-testid="account-link" href=${addressOf("account")} title=${t("header.account")}>
      <p class="header__name">${user?.display_name}</p>
      <p class="header__role">${codeWords(t, "role", user?.role)}</p>
      <span class="header__person"><${Icon} name="person" /><span class="hidden">${t("header.account")}</span></span>
    </a>
    <button type="button" class="button header__leave" data-testid="sign-out" onClick=${doings.signOut}
      title=${t("header.sign_out")} aria-label=${t("header.sign_out")}><${Icon} name="leave" /></button>
  </header>`;
}

function Tool({ icon, label, run, pressed }) {
  return html`<button type="button" class="button button--icon" onClick=${run} aria-label=${label} title=${label}
    aria-pressed=${pressed}><${Icon} name=${icon} /></button>`;
}

function Connection() {
  const { state: connection } = state.value.connection;
  const icon = { open: "online", connecting: "waiting", lost: "offline" }[connection];
  return html`<p class=${`connection connection--${connection}`} data-testid="connection" data-state=${connection}>
    <${Icon} name=${icon} /><span>${words.value(`connection.${connection}`)}</span></p>`;
}

function CameraCount() {
  const all = cameras.value;
  if (all.length === 0 || state.value.connection.state === "lost") return null;
  const live = all.filter((camera) => camera.state === "streaming" && camera.box_state !== "offline").length;
  return html`<p class=${`header__cameras ${live < all.length ? "header__cameras--short" : ""}`}>
    <${Icon} name=${live < all.length ? "camera_off" : "camera"} />
    <span>${words.value("header.cameras", { live: String(live), n: String(all.length) })}</span></p>`;
}

function Clock() {
  const t = words.value;
  const now = second.value;
  return html`<div class="clock" title=${t("header.clock")}>
    <time class="clock__time">${timeOfDay(now)}</time><span class="clock__date">${longDate(t, now)}</span></div>`;
}

/** Says plainly, for as long as it lasts, that the line to the centre is broken. */
export function LostBanner({ reconnect }) {
  const { state: connection, since } = state.value.connection;
  if (connection !== "lost") return null;
  const t = words.value;
  return html`<div class="banner">
    <${Icon} name="offline" />
    <p role="alert" class="hidden">${t("connection.lost")}</p>
    <p class="banner__text">${t("banner.lost", { for: duration(t, second.value - since) })}</p>
    <button type="button" class="button" onClick=${reconnect}>${t("banner.retry")}</button>
  </div>`;
}
