/**
 * Requests to `/api/v1`. Knows the addresses and turns whatever goes wrong into a `ProblemError` with a code; the
 * words for a code are found elsewhere.
 *
 * @typedef {import("./types.js").User} User
 */

export const BASE = "/api/v1";
const PATIENCE_MS = 10_000;

/** A request that did not work. `code` is the problem's code, or `network` when no answer came. */
export class ProblemError extends Error {
  /** @param {string} code @param {number} status @param {number|null} retryAfter seconds
   * @param {Record<string, any>|null} document what the centre said of it */
  constructor(code, status, retryAfter = null, document = null) {
    super(code);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
    this.document = document;
  }
}

/** @returns {Promise<User>} */
export const readSession = () => request("GET", "/session");

/** `code` is that of the second factor, for who has one. @returns {Promise<User>}
 * @param {string} username @param {string} password @param {string} [code] */
export const signIn = (username, password, code) => request("POST", "/session", { username, password, code });

/** How one can sign in here. @returns {Promise<{password: boolean, oidc?: {name: string}}>} */
export const readWays = () => request("GET", "/session/ways");

/** Where the provider's button leads; the browser comes back by itself. */
export const PROVIDER_URL = `${BASE}/session/oidc`;

/** What went wrong on the way to the provider and back, by the page's own address; null for any other word in it.
 * @param {string} search @returns {ProblemError|null} */
export function problemIn(search) {
  const code = new URLSearchParams(search).get("problem") ?? "";
  return /^oidc_[a-z_]{1,40}$/.test(code) ? new ProblemError(code, 0) : null;
}

/** @param {string} password @returns {Promise<{uri: string, secret: string}>} */
export const offerTotp = (password) => request("POST", "/account/totp", { password });

/** @param {string} code @returns {Promise<{codes: string[]}>} */
export const confirmTotp = (code) => request("POST", "/account/totp/confirm", { code });

/** @returns {Promise<void>} */
export const signOut = () => request("DELETE", "/session");

/** @returns {Promise<{items: import("./types.js").Camera[]}>} */
export const readCameras = () => request("GET", "/cameras");

/** @returns {Promise<{items: import("./types.js").Device[]}>} */
export const readDevices = () => request("GET", "/devices");

/** @param {string|null} cursor @returns {Promise<{items: import("./types.js").Alert[], next_cursor: string|null}>} */
export function readEvents(cursor = null) {
  const query = new URLSearchParams({ limit: "50", ...(cursor === null ? {} : { cursor }) });
  return request("GET", `/events?${query}`);
}

/** The address of an event's snapshot; `attempt` makes a retry a new request to the browser.
 * @param {string} eventId @param {string} digest @param {number} attempt */
export function snapshotUrl(eventId, digest, attempt) {
  const retry = attempt > 0 ? `&attempt=${attempt}` : "";
  return `${BASE}/events/${encodeURIComponent(eventId)}/snapshot?v=${digest.slice(0, 12)}${retry}`;
}

/** The address of the live socket. @param {Location} location */
export function liveUrl(location) {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${BASE}/live`;
}

/** A request of the pages' own modules in `requests/`. @param {string} method @param {string} path below `/api/v1` @param {any} [body]
 * @param {number} [patience] milliseconds @param {Record<string, string>} [headers]
 * @returns {Promise<any>} */
export async function request(method, path, body, patience = PATIENCE_MS, headers = {}) {
  const answer = await send(method, path, body, patience, headers);
  if (answer.status === 204) return undefined;
  const content = await answer.json().catch(() => null);
  if (answer.ok && content !== null) return content;
  const retryAfter = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
  throw new ProblemError(codeOf(answer, content), answer.status, Number.isNaN(retryAfter) ? null : retryAfter, content);
}

async function send(method, path, body, patience, headers = {}) {
  try {
    return await fetch(BASE + path, {
      method,
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw new ProblemError("network", 0);
  }
}

/** The centre names what it refuses; whatever else answers, or breaks off, has words of ours. */
function codeOf(answer, content) {
  if (typeof content?.code === "string") return content.code;
  return answer.ok ? "network" : "unavailable";
}
