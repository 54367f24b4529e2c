/** Small builders of the messages that the tests send; only what a test is about is spelled out in it. */

/** @param {object} changes */
export function event(changes = {}) {
  return {
    id: "0192f0c1-0000-7000-8000-000000000001", revision: 0, phase: "open", kind: "intrusion", severity: "high",
    site: "cho-an-luu", camera: "cong-cho", rule: "ngoai-gio", opened_at: "2026-11-21T15:00:00.000Z",
    at: "2026-11-21T15:00:00.000Z", captured_at: "2026-11-21T15:00:00.000Z", count: 1, peak_count: 1,
    confidence: 0.9, tracks: [], why: {}, ...changes,
  };
}

export function alert(changes = {}) {
  return { ward: "an-luu", box: "box-1", event: event(changes), received_at: "2026-11-21T15:00:00.400Z" };
}

export function camera(changes = {}) {
  return {
    id: "cong-cho", name: "Cổng chợ", site: { id: "cho-an-luu", name: "Chợ An Lưu" }, ward: { id: "an-luu", name: "Phường An Lưu" },
    box: "box-1", box_state: "online", state: "streaming", fault: null, since: "2026-11-21T14:00:00.000Z",
    fps: 10, analysed_fps: 5, width: 768, height: 576, zones: [], ...changes,
  };
}

export function incident(changes = {}) {
  return {
    id: "i1", ward: "an-luu", site: "cho-an-luu", box: "box-1", camera: "cong-cho", kind: "intrusion", severity: "high",
    state: "new", version: 0, escalations: 0, opened_at: "2026-11-21T15:00:00.000Z", reported_at: "2026-11-21T15:00:00.400Z",
    last_at: "2026-11-21T15:00:00.000Z", events: 1, open_events: 1, ...changes,
  };
}

/** `value`, of which no part can be changed any more. */
export function freeze(value) {
  if (value !== null && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
