/**
 * Requests about evidence that leaves the centre.
 *
 * @typedef {{event: string}|{incident: string}|{recording: string}} Thing
 * @typedef {object} Exported
 * @property {string} id
 * @property {string} reason
 * @property {string} key_id
 * @property {string} sha256 of the package
 * @property {number} bytes
 * @property {number} files
 * @property {number} absent
 * @property {string} file_name
 * @property {string} package where it can be fetched
 * @property {string} until
 */
import { request } from "../api.js";

/** The centre reads and signs every clip before it answers. */
const PATIENCE_MS = 180_000;

/** @param {Thing} thing @param {string} reason @returns {Promise<Exported>} */
export const exportEvidence = (thing, reason) => request("POST", "/evidence/exports", { ...thing, reason }, PATIENCE_MS);
