/**
 * Requests about whether streets can be paid on: figures, days, outages, targets, and what is said of banks.
 *
 * @typedef {{payable: number, verified: number, of: "site"|"site_kind"|"ward"|"usual"}} Aim shares from 0 to 1
 * @typedef {object} Site
 * @property {string} ward
 * @property {string} ward_name
 * @property {string} site
 * @property {string} site_name
 * @property {string} kind
 * @property {number} points
 * @property {number} verified
 * @property {number} payable
 * @property {number} not_payable
 * @property {number} closed
 * @property {number} unknown
 * @property {number} lost_minutes
 * @property {Aim} target
 * @typedef {object} Outage
 * @property {string} ward
 * @property {string} cause
 * @property {string} place
 * @property {string|null} site
 * @property {string|null} bank_name
 * @property {string|null} point
 * @property {number} points
 * @property {string} began
 * @property {string|null} ended
 * @typedef {object} BankNotice
 * @property {string} id
 * @property {string} ward
 * @property {string} bank
 * @property {string|null} bank_name
 * @property {string} note
 * @property {string} posted_by
 * @property {string|null} posted_by_name
 * @property {string} starts
 * @property {string} until
 * @property {string|null} ended_at
 * @property {string|null} ended_by_name
 * @property {boolean} active
 * @typedef {{ward: string, looked_at: string|null, stale: boolean}} WardLook
 * @typedef {{items: Site[], outages: Outage[], notices: BankNotice[], looks: WardLook[]}} Overview
 * @typedef {object} Day
 * @property {string} day
 * @property {string} site
 * @property {string} site_name
 * @property {string} kind
 * @property {number} points
 * @property {number} verified
 * @property {number|null} payable_share
 * @property {number|null} unknown_share
 * @property {number} lost_minutes
 * @property {number} open_minutes
 * @typedef {{ward: string, site_kind?: string|null, site?: string|null}} TargetPlace
 * @typedef {TargetPlace & {payable: number, verified: number}} Target
 */
import { BASE, request } from "../api.js";

const ward_ = (ward) => `/payments/payability/${encodeURIComponent(ward)}`;

/** @returns {Promise<Overview>} */
export const readPayability = () => request("GET", "/payments/payability");

/** @param {string} ward @param {number} days @returns {Promise<{items: Day[]}>} */
export const readDays = (ward, days) => request("GET", `${ward_(ward)}/days?days=${days}`);

/** Where a ward's days are as CSV. @param {string} ward @param {number} days */
export const exportUrl = (ward, days) => `${BASE}${ward_(ward)}/export?days=${days}&separator=semicolon`;

/** @param {number} days @returns {Promise<{items: Outage[]}>} */
export const readOutages = (days) => request("GET", `/payments/outages?days=${days}`);

/** @returns {Promise<{items: Target[], usual: number}>} */
export const readTargets = () => request("GET", "/payments/targets");

/** @param {Target} target @returns {Promise<{items: Target[], usual: number}>} */
export const setTarget = (target) => request("PUT", "/payments/targets", target);

/** @param {TargetPlace} place @returns {Promise<{items: Target[], usual: number}>} */
export const removeTarget = (place) => request("POST", "/payments/targets/remove", place);

/** @returns {Promise<{items: BankNotice[]}>} */
export const readNotices = () => request("GET", "/payments/notices");

/** @param {{ward: string, bank: string, note: string, until: string}} notice @returns {Promise<BankNotice>} */
export const postNotice = (notice) => request("POST", "/payments/notices", notice);

/** @param {string} id @returns {Promise<BankNotice>} */
export const endNotice = (id) => request("POST", `/payments/notices/${encodeURIComponent(id)}/end`, {});

/** @returns {Promise<{items: {bin: string, name: string}[]}>} */
export const readBanks = () => request("GET", "/payments/banks");
