/** Requests about boxes. @typedef {import("../advice.js").Box} Box */
import { request } from "../api.js";

/** @returns {Promise<{items: Box[]}>} */
export const readBoxes = () => request("GET", "/boxes");
