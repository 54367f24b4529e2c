/**
 * Whether streets can be paid on, reckoned and said. Pure; `t` is a translator, times are milliseconds of the epoch.
 *
 * @typedef {import("./requests/payability.js").Site} Site
 * @typedef {import("./requests/payability.js").Outage} Outage
 * @typedef {import("./requests/payability.js").Day} Day
 * @typedef {import("./translate.js").Translator} Translator
 */
import { moment } from "./format.js";

/** Roles that say of a bank that it is down. */
const OFFICERS = ["admin", "operator", "police"];
const AIMERS = ["admin", "operator"];

/** @param {{role: string}|null} user */
export const tellsOfBanks = (user) => user !== null && OFFICERS.includes(user.role);

/** @param {{role: string}|null} user */
export const setsTargets = (user) => user !== null && AIMERS.includes(user.role);

/** Wards with their sites, and the sums of each, in the order in which they came.
 * @param {Site[]} items @returns {{id: string, name: string, sites: Site[], sums: Record<string, number>}[]} */
export function byWard(items) {
  /** @type {Map<string, {id: string, name: string, sites: Site[], sums: Record<string, number>}>} */
  const wards = new Map();
  for (const site of items) {
    const ward = wards.get(site.ward) ?? { id: site.ward, name: site.ward_name, sites: [], sums: {} };
    ward.sites.push(site);
    for (const name of ["points", "verified", "payable", "not_payable", "closed", "unknown", "lost_minutes"]) {
      ward.sums[name] = (ward.sums[name] ?? 0) + site[name];
    }
    wards.set(site.ward, ward);
  }
  return [...wards.values()];
}

/** The share of the points that are open and heard of which can be paid at; null of none.
 * @param {{payable: number, not_payable: number}} figures @returns {number|null} */
export function payableShare({ payable, not_payable }) {
  const known = payable + not_payable;
  return known === 0 ? null : payable / known;
}

/** @param {{verified: number, points: number}} figures @returns {number|null} */
export const verifiedShare = ({ verified, points }) => (points === 0 ? null : verified / points);

/** How a share stands to what is aimed at: a colour, a sign and a word, never the colour alone.
 * @param {number|null} share @param {number} target @returns {{tone: string, icon: string, word: string}} */
export function standing(share, target) {
  if (share === null) return { tone: "quiet", icon: "help", word: "unknown" };
  if (share >= target) return { tone: "good", icon: "check", word: "reached" };
  return share >= target - 0.1 ? { tone: "warn", icon: "warning", word: "near" } : { tone: "bad", icon: "warning", word: "missed" };
}

/** What is wrong, as an officer says it: "Mất điện Phố Quang Trung từ 14:02: 12 điểm".
 * @param {Translator} t @param {Outage} outage @param {(site: string) => string} nameOf @param {number} now */
export function outageWords(t, outage, nameOf, now) {
  const place = outage.point ?? (outage.site ? nameOf(outage.site) : t("payability.ward"));
  const what = t(`payability.cause.${outage.cause}${outage.points > 1 && ["stall", "device"].includes(outage.cause) ? ".many" : ""}`, {
    place, bank: outage.bank_name ?? outage.place,
  });
  const since = outage.ended ? t("payability.span", { from: clock(outage.began, now), to: clock(outage.ended, now) })
    : t("payability.since", { at: clock(outage.began, now) });
  return `${what} ${since}: ${t("payability.points", { n: outage.points })}`;
}

/** A time without its seconds. @param {string} at @param {number} now */
export const clock = (at, now) => moment(Date.parse(at), now).replace(/^(\d\d:\d\d):\d\d/, "$1");

/** The sign of a cause. @param {string} cause */
export function causeSign(cause) {
  return { power: "power", uplink: "offline", bank: "shield", code: "qr" }[cause] ?? "box_off";
}

/** The days of a ward as one line: of each day the share of its open minutes in which points could be paid at, weighed by
 * those minutes. @param {Day[]} days @returns {{day: string, share: number|null, lost: number, points: number, verified: number}[]} */
export function trend(days) {
  /** @type {Map<string, {open: number, paid: number, lost: number, points: number, verified: number}>} */
  const sums = new Map();
  for (const one of days) {
    const sum = sums.get(one.day) ?? { open: 0, paid: 0, lost: 0, points: 0, verified: 0 };
    if (one.payable_share !== null) {
      sum.open += one.open_minutes;
      sum.paid += one.payable_share * one.open_minutes;
    }
    sum.lost += one.lost_minutes;
    sum.points += one.points;
    sum.verified += one.verified;
    sums.set(one.day, sum);
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, { open, paid, lost, points, verified }]) => ({
    day, share: open === 0 ? null : paid / open, lost, points, verified,
  }));
}

/** Where the bars of a trend stand in a box of `width` by `height`; a day without figures has none.
 * @param {{share: number|null}[]} days @param {number} width @param {number} height */
export function bars(days, width, height) {
  const step = days.length === 0 ? 0 : width / days.length;
  return days.flatMap(({ share }, n) => (share === null ? [] : [{
    n, x: round(n * step + step * 0.15), width: round(step * 0.7), y: round(height * (1 - share)), height: round(Math.max(1, height * share)),
  }]));
}

const round = (value) => Math.round(value * 10) / 10;

/** A share typed by a person, in percent with a point or a comma; null for what is none. @param {string} text */
export function readPercent(text) {
  const value = Number(text.trim().replace("%", "").replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) || value < 0 || value > 100 ? null : Math.round(value * 10) / 1000;
}

/** Minutes of all points together, as hours where there are many. @param {Translator} t @param {number} minutes */
export function minutesWords(t, minutes) {
  return minutes < 120 ? t("payability.minutes", { n: Math.round(minutes) })
    : t("payability.hours", { n: String(Math.round(minutes / 6) / 10).replace(".", t("decimal")) });
}

/** The ends that a notice may have: in so many hours, or tonight at midnight. @param {number} now
 * @returns {{name: string, at: string}[]} */
export function ends(now) {
  const hours = [1, 2, 4, 12].map((n) => ({ name: `payability.until.${n}`, at: new Date(now + n * 3_600_000).toISOString() }));
  const day = 24 * 3_600_000;
  const midnight = Math.ceil((now + 7 * 3_600_000) / day) * day - 7 * 3_600_000;
  return [...hours, { name: "payability.until.day", at: new Date(midnight).toISOString() }];
}
