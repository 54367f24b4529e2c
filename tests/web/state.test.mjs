import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alertGroups, alertIds, barred, barredFrom, eyeOf, neighbour, openByCamera, pictureAccess, placeOf, wardNames,
} from "../../api/web/select.js";
import { INITIAL, MOST_ALERTS, reduce } from "../../api/web/state.js";
import { alert, camera } from "./samples.mjs";

const user = { username: "binh", display_name: "Trần Văn Bình", role: "police", wards: ["an-luu"] };

function after(...messages) {
  return messages.reduce(reduce, INITIAL);
}

function freeze(value) {
  if (value !== null && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

const fed = (changes) => ({ type: "event", ...alert(changes) });
const page = (items, next_cursor = null) => ({ type: "alerts.loaded", items, next_cursor });
const ready = () => after({ type: "session.started", user }, { type: "cameras.loaded", items: [camera()] }, page([]));

test("no message changes the state it is given", () => {
  const start = freeze(ready());
  const messages = [
    { type: "hello", at: "2026-11-21T15:00:00Z" }, fed({}), fed({ revision: 1, phase: "close" }), { type: "missed" },
    { type: "camera", box: "box-1", camera: { id: "cong-cho", site: "s", state: "failed", since: "x", fault: "refused" } },
    { type: "box", box: "box-1", state: "offline", at: "x" }, page([alert({})]), { type: "cameras.requested" },
    { type: "connection", state: "lost", at: 5 }, { type: "camera.focused", id: "cong-cho" }, { type: "session.ended" },
  ];
  for (const message of messages) assert.doesNotThrow(() => reduce(start, freeze(message)), message.type);
  messages.reduce((state, message) => freeze(reduce(state, message)), start);
});

test("a message of an unknown type changes nothing", () => {
  const start = ready();
  assert.equal(reduce(start, { type: "from-a-newer-centre" }), start);
  assert.equal(reduce(start, { type: "toString" }), start);
});

test("an event that opens arrives, is announced and stands on its camera", () => {
  const state = reduce(ready(), fed({}));
  const [open] = alertGroups(state).open;
  assert.equal(open.arrived, true);
  assert.equal(state.latestArrival, open.event.id);
  assert.deepEqual(Object.keys(openByCamera(alertGroups(state).open)), ["cong-cho"]);
});

test("an older or equal revision never replaces a newer one", () => {
  const newest = reduce(ready(), fed({ revision: 3, phase: "close", closed_at: "2026-11-21T15:01:00.000Z" }));
  for (const revision of [0, 2, 3]) assert.equal(reduce(newest, fed({ revision, phase: "update" })), newest);
  const [listed] = alertGroups(reduce(newest, page([alert({ revision: 2, phase: "update" })]))).closed;
  assert.equal(listed.event.revision, 3);
});

test("a newer revision replaces the older and is no second arrival", () => {
  const opened = reduce(ready(), fed({}));
  const another = reduce(opened, fed({ id: "0192f0c1-0000-7000-8000-000000000002" }));
  const updated = reduce(another, fed({ revision: 1, phase: "update", count: 4 }));
  assert.equal(updated.alerts[alert().event.id].event.count, 4);
  assert.equal(updated.latestArrival, "0192f0c1-0000-7000-8000-000000000002");
});

test("an event that is first heard of when it closes is not announced", () => {
  const state = reduce(ready(), fed({ phase: "close", closed_at: "2026-11-21T15:01:00.000Z" }));
  assert.equal(state.latestArrival, null);
  assert.equal(alertGroups(state).closed.length, 1);
});

test("open alerts come first, each group newest first", () => {
  const state = after(page([
    alert({ id: "c", opened_at: "2026-11-21T15:03:00.000Z", phase: "close" }),
    alert({ id: "b", opened_at: "2026-11-21T15:02:00.000Z" }),
    alert({ id: "a", opened_at: "2026-11-21T15:01:00.000Z" }),
  ]));
  assert.deepEqual(alertIds(alertGroups(state)), ["b", "a", "c"]);
});

test("hello, missed and what a box watches otherwise ask for a new fetch", () => {
  const start = ready();
  assert.equal(reduce(start, { type: "hello", at: "x" }).refetch, start.refetch + 1);
  assert.equal(reduce(start, { type: "missed" }).refetch, start.refetch + 1);
  assert.equal(reduce(start, { type: "cameras", box: "box-1" }).refetch, start.refetch + 1);
});

test("after a gap the newest page replaces what may have changed unseen", () => {
  const before = [
    fed({ id: "old-open", opened_at: "2026-11-21T10:00:00.000Z" }), fed({ id: "known", opened_at: "2026-11-21T15:00:00.000Z" }),
  ].reduce(reduce, ready());
  const state = reduce(before, page([
    alert({ id: "fresh", opened_at: "2026-11-21T16:00:00.000Z" }),
    alert({ id: "known", opened_at: "2026-11-21T15:00:00.000Z", revision: 2, phase: "close" }),
  ], "50"));
  assert.deepEqual(alertIds(alertGroups(state)), ["fresh", "known"]);
  assert.equal(state.latestArrival, "fresh", "what opened during the gap is announced");
  assert.equal(state.nextCursor, "50");
});

test("an alert fed during the fetch and the alert on the screen outlive the fetch", () => {
  const before = [
    fed({ id: "shown", opened_at: "2026-11-21T10:00:00.000Z" }), { type: "alert.shown", id: "shown" },
    fed({ id: "during", opened_at: "2026-11-21T17:00:00.000Z" }),
  ].reduce(reduce, ready());
  const state = reduce(before, page([alert({ id: "listed", opened_at: "2026-11-21T16:00:00.000Z" })]));
  assert.deepEqual(Object.keys(state.alerts).sort(), ["during", "listed", "shown"]);
});

test("the first page announces nothing", () => {
  const state = after({ type: "session.started", user }, page([alert({})]));
  assert.equal(state.latestArrival, null);
});

test("older pages are added once, and only to the list they belong to", () => {
  const first = reduce(ready(), page([alert({ id: "b", opened_at: "2026-11-21T15:02:00.000Z" })], "c1"));
  const asked = reduce(first, { type: "older.requested" });
  const more = { type: "older.loaded", cursor: "c1", items: [alert({ id: "a" })], next_cursor: null };
  const state = reduce(asked, more);
  assert.deepEqual([Object.keys(state.alerts).length, state.nextCursor, state.olderStatus], [2, null, "idle"]);
  assert.equal(Object.keys(reduce(asked, { ...more, cursor: "other" }).alerts).length, 1);
  assert.equal(reduce(asked, { type: "older.failed" }).olderStatus, "failed");
});

test("a list that has grown for nights is fetched anew", () => {
  let state = ready();
  const { refetch } = state;
  for (let i = 0; i <= MOST_ALERTS; i += 1) state = reduce(state, fed({ id: `e${i}` }));
  assert.equal(state.refetch, refetch + 1);
});

test("a camera's message changes its connection and keeps its names", () => {
  const state = reduce(ready(), {
    type: "camera", box: "box-1", camera: { id: "cong-cho", site: "cho-an-luu", state: "failed", since: "2026-11-21T15:00:00.000Z", fault: "refused" },
  });
  assert.deepEqual(state.cameras["cong-cho"], camera({
    state: "failed", since: "2026-11-21T15:00:00.000Z", fault: "refused", fps: null, analysed_fps: null,
  }));
});

test("a camera that nobody has listed asks for the list, once", () => {
  const message = { type: "camera", box: "box-1", camera: { id: "moi", site: "s", state: "streaming", since: "x" } };
  const start = ready();
  const state = reduce(start, message);
  assert.equal(state.refetch, start.refetch + 1);
  assert.equal(reduce(state, message), state);
});

test("a box's message reaches all its cameras and no other", () => {
  const start = reduce(ready(), { type: "cameras.loaded", items: [camera(), camera({ id: "b" }), camera({ id: "c", box: "box-2" })] });
  const { cameras } = reduce(start, { type: "box", box: "box-1", state: "offline", at: "x" });
  assert.deepEqual(["cong-cho", "b", "c"].map((id) => cameras[id].box_state), ["offline", "offline", "online"]);
});

test("what the feed says during a fetch of cameras is newer than the answer", () => {
  const state = [
    { type: "cameras.requested" },
    { type: "camera", box: "box-1", camera: { id: "cong-cho", site: "s", state: "failed", since: "y", fault: "stalled" } },
    { type: "box", box: "box-1", state: "offline", at: "y" },
    { type: "cameras.loaded", items: [camera({ name: "Tên mới" })] },
  ].reduce(reduce, ready());
  const { name, state: connection, fault, box_state } = state.cameras["cong-cho"];
  assert.deepEqual([name, connection, fault, box_state], ["Tên mới", "failed", "stalled", "offline"]);
  const later = [{ type: "cameras.requested" }, { type: "cameras.loaded", items: [camera()] }].reduce(reduce, state);
  assert.equal(later.cameras["cong-cho"].state, "streaming");
});

test("a failed fetch keeps what is on the screen", () => {
  const state = [{ type: "cameras.failed", code: "network" }, { type: "alerts.failed", code: "network" }].reduce(reduce, ready());
  assert.deepEqual([state.camerasStatus, state.alertsStatus], ["ready", "ready"]);
  const empty = after({ type: "cameras.failed", code: "network" }, { type: "alerts.failed", code: "network" });
  assert.deepEqual([empty.camerasStatus, empty.alertsStatus], ["failed", "failed"]);
});

test("the time of a loss is the time of its first report", () => {
  const state = [{ type: "connection", state: "lost", at: 10 }, { type: "connection", state: "lost", at: 20 }].reduce(reduce, ready());
  assert.deepEqual(state.connection, { state: "lost", since: 10 });
});

test("the end of a session forgets everything that was on the wall", () => {
  const state = [fed({}), { type: "session.ended", notice: "session_ended" }].reduce(reduce, ready());
  assert.deepEqual([state.session, state.user, state.sessionNotice], ["out", null, "session_ended"]);
  assert.deepEqual([state.alerts, state.cameras], [{}, {}]);
});

test("only known cameras and alerts can be enlarged or shown", () => {
  const start = ready();
  assert.equal(reduce(start, { type: "camera.focused", id: "cong-cho" }).focus, "cong-cho");
  assert.equal(reduce(start, { type: "camera.focused", id: "nowhere" }).focus, null);
  assert.equal(reduce(start, { type: "alert.shown", id: "nowhere" }), start);
  const focused = reduce(start, { type: "camera.focused", id: "cong-cho" });
  assert.equal(reduce(focused, { type: "cameras.loaded", items: [] }).focus, null);
});

test("places fall back to ids, wards are named once, neighbours stop at the ends", () => {
  const state = reduce(ready(), { type: "cameras.loaded", items: [camera({ zones: [{ id: "z", name: "Lối vào", polygon: [] }] }), camera({ id: "b" })] });
  assert.deepEqual(placeOf(state, alert({ zone: "z" })), { site: "Chợ An Lưu", source: "Cổng chợ", zone: "Lối vào" });
  assert.deepEqual(placeOf(state, alert({ camera: "x", zone: "q" })), { site: "Chợ An Lưu", source: "x", zone: "q" });
  assert.deepEqual(placeOf(state, alert({ camera: "x", site: "y" })), { site: "y", source: "x", zone: null });
  assert.deepEqual(wardNames(state), ["Phường An Lưu"]);
  assert.deepEqual([neighbour(["a", "b"], "b", 1), neighbour(["a", "b"], "b", -1), neighbour(["a"], null, 1), neighbour([], null, 1)], ["b", "a", "a", null]);
});

test("an alert of a device bears the device's name, and the camera that looked shows it", () => {
  const device = { id: "khoi-1", name: "Đầu báo khói dãy A", site: { id: "cho-an-luu", name: "Chợ An Lưu" } };
  const state = [{ type: "cameras.loaded", items: [camera()] }, { type: "devices.loaded", items: [device] }].reduce(reduce, ready());
  const rung = alert({ kind: "smoke", camera: undefined, device: "khoi-1" });
  assert.deepEqual(placeOf(state, rung), { site: "Chợ An Lưu", source: "Đầu báo khói dãy A", zone: null });
  assert.equal(placeOf(state, alert({ camera: undefined, device: "khoi-9" })).source, "khoi-9");
  assert.equal(eyeOf(state, rung.event), undefined);
  assert.equal(eyeOf(state, { ...rung.event, why: { camera: "cong-cho" } })?.id, "cong-cho");
  assert.equal(barredFrom(state, rung.event), false);
  const shut = reduce(state, { type: "cameras.loaded", items: [camera({ watched: false })] });
  assert.equal(barredFrom(shut, rung.event), true, "whoever may not watch the site may not see its picture");
  assert.deepEqual(openByCamera([rung]), {});
});

test("who may not see a camera's pictures is asked for none", () => {
  assert.equal(barred(user, camera()), false);
  assert.equal(barred({ ...user, sees_video: false }, camera()), true);
  assert.equal(barred({ ...user, sees_video: true }, camera({ watched: false })), true);
  assert.equal(barred({ ...user, sees_video: true }, undefined), false);
  assert.equal(barred({ ...user, sees_video: false }, camera({ watched: true })), false, "granted since the page was opened");
});

test("a camera that is being set up has pictures once the centre knows it and lets this user see them", () => {
  const known = ready();
  assert.equal(pictureAccess(known, "cong-cho"), "may");
  assert.equal(pictureAccess(known, "cong-sau"), "unsent");
  assert.equal(pictureAccess({ ...known, camerasStatus: "loading" }, "cong-sau"), "may");
  assert.equal(pictureAccess(reduce(known, { type: "cameras.loaded", items: [camera({ watched: false })] }), "cong-cho"), "barred");
});
