/** The accounts of the centre: who may sign in, as what, and what they see. An administrator's page. */
import { placeNames, placesOf } from "../access.js";
import { fold, wordsOf } from "../fold.js";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { Icon } from "../icons.js";
import { useLoad } from "../load.js";
import { go } from "../navigation.js";
import { readUsers } from "../requests/users.js";
import { addressOf } from "../route.js";
import { cameras } from "../store.js";
import { codeWords } from "../translate.js";
import { AdminHead } from "./admin-tabs.js";
import { Notice } from "./notice.js";
import { UserPage } from "./user-page.js";

/** @param {{id: string|null, query: Record<string, string>}} props */
export function Users({ id, query }) {
  const t = words.value;
  const users = useLoad("users", readUsers);
  const places = placesOf(cameras.value);
  return html`<main class="sheet" data-testid="users" aria-labelledby="admin-title">
    <${AdminHead} current="users">
      ${id === null && !query.new && html`<a class="button button--primary" data-testid="user-new"
        href=${addressOf("users", null, { new: "1" })}><${Icon} name="plus" />${t("users.new")}</a>`}
    <//>
    <${Body} users=${users} places=${places} id=${id} query=${query} />
  </main>`;
}

function Body({ users, places, id, query }) {
  const t = words.value;
  if (users.status === "loading") return html`<${Notice} icon="waiting" title=${t("loading")} />`;
  if (users.data === null) {
    return html`<${Notice} icon="offline" title=${t("users.failed")} body=${codeWords(t, "problem", users.problem)}
      action=${{ label: t("retry"), run: users.reload }} />`;
  }
  const account = users.data.items.find(({ username }) => username === id) ?? null;
  if (account || query.new) return html`<${UserPage} key=${id} account=${account} places=${places} changed=${users.reload} />`;
  if (id !== null) {
    return html`<${Notice} icon="people" title=${t("users.gone")} action=${{ label: t("users.all"), run: () => go("users") }} />`;
  }
  return html`<${List} items=${users.data.items} places=${places} text=${query.q ?? ""} />`;
}

function List({ items, places, text }) {
  const t = words.value;
  const asked = wordsOf(text);
  const shown = items.filter(({ username, display_name, role }) => {
    const all = fold(`${username} ${display_name} ${codeWords(t, "role", role)}`);
    return asked.every((word) => all.includes(word));
  });
  return html`<div class="filters"><label class="field field--search"><span>${t("users.search")}</span>
      <input type="search" data-testid="user-search" value=${text}
        onInput=${(event) => go("users", null, { q: event.currentTarget.value }, { replace: true })} /></label>
      <p class="sheet__note" role="status">${t("users.count", { n: shown.length })}</p></div>
    ${shown.length === 0 ? html`<${Notice} icon="search" title=${t("users.none")} />` : html`<div class="card table__scroll"><table
      class="table table--cards">
      <thead><tr>${["name", "role", "places", "totp", "state"].map((name) => html`<th key=${name}
        scope="col">${t(`users.column.${name}`)}</th>`)}</tr></thead>
      <tbody>${shown.map((user) => html`<${Row} key=${user.username} user=${user} places=${places} />`)}</tbody></table></div>`}`;
}

function Row({ user, places }) {
  const t = words.value;
  const { username, display_name, role, totp_since, disabled } = user;
  const names = placeNames(user, places);
  return html`<tr data-testid="user" data-username=${username} class=${disabled ? "row--off" : ""}>
    <td><a class="row__link" href=${addressOf("users", username)}>${display_name}</a><span
      class="sheet__note row__sub">${username}</span></td>
    <td data-label=${t("users.column.role")}>${codeWords(t, "role", role)}</td>
    <td data-label=${t("users.column.places")}>${role === "admin" ? t("users.everywhere") : names.join(", ") || t("users.nowhere")}</td>
    <td data-label=${t("users.column.totp")}><span class=${`chip ${totp_since ? "chip--good" : "chip--quiet"}`}>
      <${Icon} name=${totp_since ? "check" : "close"} />${t(totp_since ? "users.totp.on" : "users.totp.off")}</span></td>
    <td data-label=${t("users.column.state")}><span class=${`chip ${disabled ? "chip--bad" : "chip--good"}`}>
      <${Icon} name=${disabled ? "close" : "check"} />${t(disabled ? "users.disabled" : "users.enabled")}</span></td>
  </tr>`;
}
