import assert from "node:assert/strict";
import { test } from "node:test";
import { toSend } from "../../api/web/box-config.js";
import { addDevice, gateways, listed, removeDevice, wholeSummary, withDevice, withDevices } from "../../api/web/box-devices.js";

const CAMERA = { id: "cong-cho", site: "cho", url: "rtsp://10.0.0.5/1" };
const GATEWAY = { id: "gw-cho", kind: "gateway", dialect: "zigbee2mqtt" };
const SMOKE = { id: "khoi-1", kind: "smoke", gateway: "gw-cho" };
const BARE = { document: { cameras: [CAMERA] }, names: { "cong-cho": { name: "Cổng chợ", zones: {}, lines: {} } } };
const DRAFT = { document: { ...BARE.document, devices: { site: "cho", list: [GATEWAY, SMOKE] } }, names: { ...BARE.names, "khoi-1": { name: "Khói dãy A", zones: {}, lines: {} } } };
const codes = (before, after) => wholeSummary(before, after).map(({ code, name }) => [code, name]);

test("a device comes with its name and an id of its own, and at the common place says no place", () => {
  const { draft, id } = addDevice(DRAFT, "Cổng chợ", "door", "cho", ["cong-cho-2"]);
  assert.equal(id, "cong-cho-3", "neither a camera's id nor that of another box's device");
  assert.deepEqual(listed(draft).at(-1), { id, kind: "door" });
  assert.equal(toSend(draft).names[id].name, "Cổng chợ");
  assert.deepEqual(codes(DRAFT, draft), [["device_added", "Cổng chợ"]]);
  const elsewhere = addDevice(DRAFT, "Nước", "water", "quang-trung", []).draft;
  assert.equal(listed(elsewhere).at(-1)?.site, "quang-trung");
  assert.deepEqual(removeDevice(draft, id), DRAFT);
});

test("what was reached over a gateway that goes is reached by itself", () => {
  const without = removeDevice(DRAFT, "gw-cho");
  assert.deepEqual(listed(without), [{ id: "khoi-1", kind: "smoke" }]);
  assert.deepEqual(codes(DRAFT, without), [["device_removed", "gw-cho"], ["device_changed", "Khói dãy A"]]);
  assert.deepEqual(gateways(DRAFT, "khoi-1").map(({ id }) => id), ["gw-cho"]);
  assert.deepEqual(gateways(DRAFT, "gw-cho"), []);
});

test("changes are told by the names that people gave, and nothing of what is the same", () => {
  assert.deepEqual(codes(DRAFT, structuredClone(DRAFT)), []);
  assert.deepEqual(codes(BARE, BARE), []);
  assert.deepEqual(codes(DRAFT, withDevice(DRAFT, "khoi-1", { address: "khoi/a" })), [["device_changed", "Khói dãy A"]]);
  assert.deepEqual(codes(DRAFT, withDevices(DRAFT, { adopt: {} })), [["devices_changed", ""]]);
  assert.deepEqual(codes(BARE, withDevices(BARE, { site: "cho" })), [["devices_changed", ""]], "from now on the centre says which");
  const called = { ...DRAFT, names: { ...DRAFT.names, "khoi-1": { name: "Khói dãy B", zones: {}, lines: {} } } };
  assert.deepEqual(codes(DRAFT, called), [["device_renamed", "Khói dãy B"]]);
});
