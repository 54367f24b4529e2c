/** What the page that checks evidence uses of the vendored library. */
interface Hasher { update(part: Uint8Array): Hasher; digest(): Uint8Array }
interface Hash { (message: Uint8Array): Uint8Array; create(): Hasher }
export const sha256: Hash;
export const sha512: Hash;
