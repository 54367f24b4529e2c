/** The page of payments: its tabs, and how many changes wait for this person's decision. */
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { words } from "../i18n.js";
import { useLoad } from "../load.js";
import { keeps } from "../payments.js";
import { readChanges } from "../requests/payments.js";
import { addressOf } from "../route.js";
import { state } from "../store.js";
import { tabsFor } from "./payment-tabs.js";

/** @param {{id: string|null, query: Record<string, string>}} props `id` is the tab */
export function Payments({ id, query }) {
  const t = words.value;
  const { user } = state.value;
  const tabs = tabsFor(user);
  const current = tabs.find(({ name }) => name === id) ?? tabs[0];
  const waiting = useLoad(`waiting ${keeps(user)}`, async () => (keeps(user) ? (await readChanges({ state: "proposed" })).items : []));
  const mine = (waiting.data ?? []).filter(({ may_decide }) => may_decide).length;
  const { view: View } = current;
  const bar = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => { bar.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); }, [current.name]);
  return html`<main class="sheet payments" data-testid="payments" aria-labelledby="payments-title">
    <div class="sheet__head">
      <h2 class="sheet__title" id="payments-title">${t("page.payments")}</h2>
      ${tabs.length > 1 && html`<nav class="tabs payments__tabs" ref=${bar} aria-label=${t("payments.tabs")}>${tabs.map(({ name }) => html`<a key=${name}
        class="tabs__item" data-testid=${`payments-${name}`} href=${addressOf("payments", name)}
        aria-current=${name === current.name ? "page" : undefined}>${t(`payments.tab.${name}`)}${name === "changes" && mine > 0
          && html` <span class="count" title=${t("payments.waiting", { n: mine })}>${mine}</span>`}</a>`)}</nav>`}
    </div>
    <${View} key=${current.name} query=${query} changed=${waiting.reload} />
  </main>`;
}
