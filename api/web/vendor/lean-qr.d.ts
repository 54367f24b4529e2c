/** As much of lean-qr as the page uses. */
export function generate(text: string): { size: number; get: (x: number, y: number) => boolean };
