/**
 * The tabs of the page of payments, in their order: who sees them. The words of a tab are the key `payments.tab.<name>`,
 * its address is `#/payments/<name>`; a view takes `query` and `changed`, which it calls when something waits or no
 * longer waits for approval.
 */
import { keeps } from "../payments.js";
import { Payability } from "./payability.js";
import { PayabilityTroubles } from "./payability-troubles.js";
import { PaymentChanges } from "./payment-changes.js";
import { PaymentImport } from "./payment-import.js";
import { PaymentPatrol } from "./payment-patrol.js";
import { PaymentPoints } from "./payment-points.js";

/** @typedef {{name: string, view: any, allowed?: (user: import("../types.js").User) => boolean}} PaymentTab */

/** @type {PaymentTab[]} */
export const TABS = [
  { name: "payability", view: Payability },
  { name: "points", view: PaymentPoints, allowed: keeps },
  { name: "changes", view: PaymentChanges, allowed: keeps },
  { name: "import", view: PaymentImport, allowed: keeps },
  { name: "patrol", view: PaymentPatrol },
  { name: "troubles", view: PayabilityTroubles },
];

/** @param {import("../types.js").User|null} user @returns {PaymentTab[]} */
export const tabsFor = (user) => TABS.filter(({ allowed }) => user !== null && (allowed?.(user) ?? true));
