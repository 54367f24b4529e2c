/** What a browser is called by people, from what it calls itself. Pure. */

const BROWSERS = [
  [/\bCocCoc|coc_coc_browser/i, "Cốc Cốc"], [/\bEdgA?\//, "Edge"], [/\bOPR\//, "Opera"], [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/Chrome\/|\bCriOS\//, "Chrome"], [/\bSafari\//, "Safari"],
];
const SYSTEMS = [
  [/\bAndroid\b/, "Android"], [/\biPhone\b|\biPad\b/, "iOS"], [/\bWindows\b/, "Windows"], [/\bMac OS X\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"], [/\bLinux\b|\bX11\b/, "Linux"],
];

/** @param {string} agent @returns {string} "Chrome, Windows"; the beginning of what no list knows */
export function agentName(agent) {
  const found = [BROWSERS, SYSTEMS].flatMap((list) => list.find(([sign]) => /** @type {RegExp} */ (sign).test(agent))?.[1] ?? []);
  return found.length > 0 ? found.join(", ") : agent.slice(0, 40);
}
