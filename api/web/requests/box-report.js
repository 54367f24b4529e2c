/** Requests about what the boxes' doctors found. @typedef {import("../findings.js").Report} Report */
import { request } from "../api.js";

/** The last of each box. @returns {Promise<{items: Report[]}>} */
export const readLastReports = () => request("GET", "/boxes/reports");

/** The newest first. @param {string} box @returns {Promise<{items: Report[]}>} */
export const readReports = (box) => request("GET", `/boxes/${encodeURIComponent(box)}/reports?limit=10`);
