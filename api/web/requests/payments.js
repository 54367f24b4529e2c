/**
 * Requests about payment points: the registry, its changes by two people, tables, and the patrol.
 *
 * @typedef {{bin: string, name: string}} Bank
 * @typedef {object} Payee
 * @property {string} fingerprint
 * @property {string} bank
 * @property {string|null} bank_name
 * @property {string} last_four
 * @property {string} service
 * @property {string} label
 * @property {string} since
 * @typedef {object} Point
 * @property {string} id
 * @property {string} name
 * @property {"stall"|"shop"|"desk"} kind
 * @property {string} stall
 * @property {string} hours
 * @property {string} ward
 * @property {string} site
 * @property {string} site_name
 * @property {string} since
 * @property {string|null} ended_at
 * @property {number} codes
 * @property {Payee[]} payees
 * @typedef {{items: Point[], total: number, next: number|null, key: boolean}} Points
 * @typedef {object} ChangeStep
 * @property {"add_point"|"end_point"|"add_payee"|"remove_payee"} action
 * @property {string} point
 * @property {string} point_name
 * @property {string} site_name
 * @property {string|null} kind
 * @property {string|null} stall
 * @property {string|null} bank
 * @property {string|null} bank_name
 * @property {string|null} last_four
 * @property {string|null} label
 * @property {string[]} [also] other points that accept the same account
 * @typedef {object} Change
 * @property {string} id
 * @property {string} ward
 * @property {"form"|"scan"|"import"} source
 * @property {string} reason
 * @property {"proposed"|"approved"|"refused"|"withdrawn"} state
 * @property {string} proposed_by_name
 * @property {string} proposed_at
 * @property {string|null} decided_by_name
 * @property {string|null} decided_at
 * @property {string|null} remark
 * @property {boolean} mine
 * @property {boolean} may_decide
 * @property {ChangeStep[]} steps
 * @property {number} step_count
 * @typedef {{id: string, at: string, by_name: string, verdict: string, banks: string[], incident: string|null}} Scan
 * @typedef {{point: Point, changes: Change[], scans: Scan[]}} PointDetail
 * @typedef {{line: number, column: string, code: string, said: string}} LineFault
 * @typedef {object} Line
 * @property {number} line
 * @property {string} point
 * @property {string} name
 * @property {string} site
 * @property {boolean} new_point
 * @property {"add_payee"|"add_point"|"same"} does
 * @property {string|null} bank
 * @property {string|null} bank_name
 * @property {string|null} last_four
 * @property {string} label
 * @typedef {{lines: Line[], faults: LineFault[], new_points: number, new_payees: number}} Tried
 * @typedef {object} Answer
 * @property {string} scan
 * @property {string} verdict
 * @property {Point|null} point
 * @property {Point[]} points
 * @property {{bank: string, bank_name: string|null, last_four: string, ours: boolean}[]} payees
 * @property {boolean} may_report
 */
import { BASE, request } from "../api.js";

/** A whole table is read and compared before the centre answers. */
const PATIENCE_MS = 60_000;

const path = (rest) => `/payments/${rest}`;
const one = (kind, id, rest = "") => path(`${kind}/${encodeURIComponent(id)}${rest}`);

/** @param {Record<string, string|number|null|undefined>} asked @returns {Promise<Points>} */
export function readPoints(asked) {
  const given = Object.entries(asked).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return request("GET", path(`points?${new URLSearchParams(/** @type {[string, string][]} */ (given))}`));
}

/** @param {string} id @returns {Promise<PointDetail>} */
export const readPoint = (id) => request("GET", one("points", id));

/** @returns {Promise<{items: Bank[]}>} */
export const readBanks = () => request("GET", path("banks"));

/** Where the registry can be saved as CSV. @param {string} ward "" for all that the user sees */
export const exportUrl = (ward) => `${BASE}${path("export")}${ward && `?${new URLSearchParams({ ward })}`}`;

/** @param {{state?: string, before?: string|null}} asked @returns {Promise<{items: Change[], next: string|null}>} */
export function readChanges({ state = "", before = null }) {
  const query = new URLSearchParams({ ...(state ? { state } : {}), ...(before ? { before } : {}) });
  return request("GET", path(`changes?${query}`));
}

/** @param {string} id @returns {Promise<Change>} */
export const readChange = (id) => request("GET", one("changes", id));

/** @param {string} ward @param {string} reason @param {object[]} steps @param {"form"|"scan"} [source] @returns {Promise<Change>} */
export const proposeChange = (ward, reason, steps, source = "form") =>
  request("POST", path("changes"), { ward, reason, steps, source });

/** @param {string} id @param {string} remark @returns {Promise<Change>} */
export const approveChange = (id, remark) => request("POST", one("changes", id, "/approve"), { remark }, PATIENCE_MS);

/** @param {string} id @param {string} remark @returns {Promise<Change>} */
export const refuseChange = (id, remark) => request("POST", one("changes", id, "/refuse"), { remark });

/** @param {string} id @returns {Promise<Change>} */
export const withdrawChange = (id) => request("POST", one("changes", id, "/withdraw"));

/** @param {string} ward @param {string} content @returns {Promise<Tried>} */
export const tryTable = (ward, content) => request("POST", path("imports/check"), { ward, content }, PATIENCE_MS);

/** @param {string} ward @param {string} content @param {string} reason @returns {Promise<Change>} */
export const proposeTable = (ward, content, reason) => request("POST", path("imports"), { ward, content, reason }, PATIENCE_MS);

/** @param {string|null} point @param {string} text of the code @returns {Promise<Answer>} */
export const judgeCode = (point, text) => request("POST", path("patrol"), point === null ? { text } : { point, text });

/** @param {string} scan @param {string} note @returns {Promise<{incident: string, joined: boolean}>} */
export const reportScan = (scan, note) => request("POST", one("scans", scan, "/report"), { note });
