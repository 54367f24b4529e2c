/** Fetches the page anew every minute and puts its main part in place. Without JavaScript the browser reloads it. */
const EVERY_MS = 60_000;

async function renew() {
  const main = document.getElementById("told");
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("told");
    if (fresh && main) main.replaceWith(fresh);
  } catch {
    main?.querySelector("footer p")?.classList.add("lost");
  }
}

setInterval(() => { if (!document.hidden) renew(); }, EVERY_MS);
document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
