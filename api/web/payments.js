/**
 * How payment points, their changes and the answers of the patrol are said. Pure; `t` is a translator.
 *
 * @typedef {import("./requests/payments.js").Answer} Answer
 * @typedef {import("./requests/payments.js").ChangeStep} ChangeStep
 * @typedef {import("./requests/payments.js").Point} Point
 */

/** Roles that read the registry and propose changes; the others only scan on patrol. */
const KEEPERS = ["admin", "operator", "police", "technician"];

/** @param {{role: string}|null} user */
export const keeps = (user) => user !== null && KEEPERS.includes(user.role);

/** The colour and the sign of each verdict: never the colour alone. @type {Record<string, {tone: string, icon: string}>} */
const LOOKS = {
  ours: { tone: "good", icon: "check" },
  found: { tone: "good", icon: "check" },
  partly: { tone: "bad", icon: "warning" },
  not_ours: { tone: "bad", icon: "close" },
  foreign: { tone: "bad", icon: "warning" },
  broken: { tone: "warn", icon: "undo" },
  unknown: { tone: "warn", icon: "help" },
};

/** @param {string} verdict */
export const lookOf = (verdict) => LOOKS[verdict] ?? LOOKS.unknown;

/** The colour and the sign of a change's state. @type {Record<string, {tone: string, icon: string}>} */
export const STATES = {
  proposed: { tone: "warn", icon: "clock" },
  approved: { tone: "good", icon: "check" },
  refused: { tone: "bad", icon: "close" },
  withdrawn: { tone: "quiet", icon: "undo" },
};

/** Whom somebody is paid by: the bank and the last digits, as people check them. A bank without a name is told by its
 * number. @param {import("./translate.js").Translator} t
 * @param {{bank?: string|null, bank_name?: string|null, last_four?: string|null, label?: string|null}} payee */
export function payeeWords(t, { bank, bank_name, last_four, label }) {
  const name = bank_name ?? (bank ? t("payment.bank.unknown", { bin: bank }) : t("payment.scheme.other"));
  const digits = last_four ? ` •••• ${last_four}` : "";
  return `${name}${digits}${label ? ` (${label})` : ""}`;
}

/** A point as people call it: its name, and its stall where the name does not say it. @param {{name: string, stall?: string|null}} point */
export function pointWords({ name, stall }) {
  return stall && !name.toLowerCase().includes(stall.toLowerCase()) ? `${name}, ${stall}` : name;
}

/** What a step of a change does. @param {import("./translate.js").Translator} t @param {ChangeStep} step */
export function stepWords(t, step) {
  const point = pointWords({ name: step.point_name, stall: step.action === "add_point" ? step.stall : "" });
  return t(`payment.step.${step.action}`, { point, site: step.site_name, payee: payeeWords(t, step) });
}

/** What is said under the verdict: what it means and what to do. @param {import("./translate.js").Translator} t
 * @param {Answer} answer */
export function answerWords(t, { verdict, point, points, payees }) {
  const named = points.map((one) => `${pointWords(one)} (${one.site_name})`).join(", ");
  const paid = payees.filter(({ ours }) => verdict !== "partly" || !ours).map((payee) => payeeWords(t, payee)).join(", ");
  const belongs = verdict === "not_ours" && named !== "" ? "not_ours.elsewhere" : verdict;
  return {
    title: t(`payment.verdict.${verdict}`),
    means: t(`payment.means.${belongs}`, { point: point ? pointWords(point) : "", points: named, payees: paid }),
    next: t(`payment.next.${verdict}`),
  };
}

/** What a report says before the person changes it. @param {import("./translate.js").Translator} t @param {Answer} answer */
export function reportWords(t, answer) {
  const paid = answer.payees.filter(({ ours }) => !ours).map((payee) => payeeWords(t, payee)).join(", ");
  return paid ? t("payment.report.note", { payees: paid }) : t("payment.report.note.foreign");
}

/** The points of each site, in the order in which they came. @param {Point[]} points
 * @returns {{site: string, name: string, points: Point[]}[]} */
export function bySite(points) {
  /** @type {Map<string, {site: string, name: string, points: Point[]}>} */
  const found = new Map();
  for (const point of points) {
    const group = found.get(point.site) ?? { site: point.site, name: point.site_name, points: [] };
    group.points.push(point);
    found.set(point.site, group);
  }
  return [...found.values()];
}

/** The text of a table's file: UTF-8, with or without its mark. Null for another encoding, whose letters would be wrong.
 * @param {ArrayBuffer} bytes @returns {string|null} */
export function tableText(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The longest table that the centre reads. */
export const MOST_CHARACTERS = 1_000_000;

/** An empty table to fill in, with two lines that show how. @param {import("./translate.js").Translator} t @param {string} site */
export function template(t, site) {
  return [
    ["id", "name", "site", "kind", "stall", "bank", "account", "label"],
    ["quay-1", t("payment.template.name", { n: 1 }), site, "stall", "A1", "Vietcombank", "0000000001", "VCB"],
    ["quay-1", "", "", "", "", "MB", "0000000002", "MB"],
  ];
}
