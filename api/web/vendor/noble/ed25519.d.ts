/** What the page that checks evidence uses of the vendored library. */
export const hashes: { sha512: ((message: Uint8Array) => Uint8Array) | undefined };
export function verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array, options?: { zip215?: boolean }): boolean;
