/** Shapes of what the API and the feed say (see `contracts/`) and of the wall's state. Read by the type checker only. */

export type Timestamp = string;
export type Point = [number, number];
export interface Named { id: string; name: string }
export interface Zone extends Named { polygon: Point[] }
export interface Line extends Named { points: Point[] }

export interface Camera {
  id: string;
  name: string;
  site: Named;
  ward: Named;
  box: string;
  box_state: "online" | "offline" | "unknown";
  state: "connecting" | "streaming" | "failed" | "unknown";
  fault: string | null;
  since: Timestamp | null;
  fps: number | null;
  analysed_fps: number | null;
  width: number | null;
  height: number | null;
  zones: Zone[];
  lines?: Line[];
  watched?: boolean;
}

/** A sensor, meter, gateway or speaker. */
export interface Device extends Named {
  kind: string; site: Named; ward: Named; box: string | null; gateway: string | null; model: string; adopted: boolean;
  life: "alive" | "unknown" | "silent"; life_at: Timestamp | null;
}

export interface PictureBox { x1: number; y1: number; x2: number; y2: number }
export interface Track { id: string; label: string; box: PictureBox; confidence: number }
export interface PictureHeader {
  camera: string; captured_at: Timestamp; width: number; height: number; tracks: Track[];
  no_video?: "masked" | "codec";
}
export interface VideoHeader {
  camera: string; kind: "init" | "key" | "delta" | "tracks" | "end"; captured_at: Timestamp; sequence: number;
  pts?: number; codec?: string; width?: number; height?: number; tracks: Track[];
  stream?: "main" | "sub"; no_sub?: string;
}

export interface Event {
  id: string;
  revision: number;
  phase: "open" | "update" | "close";
  kind: string;
  severity: "low" | "medium" | "high" | "critical";
  site: string;
  /** An event is of a camera or of a device. */
  camera?: string;
  device?: string;
  zone?: string;
  rule: string;
  opened_at: Timestamp;
  at: Timestamp;
  captured_at: Timestamp;
  closed_at?: Timestamp;
  close_reason?: string;
  count: number;
  peak_count: number;
  confidence: number;
  tracks: Track[];
  snapshot?: string;
  thumbnail?: string;
  clip?: string;
  clip_began_at?: Timestamp;
  model?: string;
  why: Record<string, number | string>;
}

/** An event as the API delivers it. `arrived` is set here: it opened while this page was looking. */
export interface Alert {
  ward: string; box: string; event: Event; received_at: Timestamp; arrived?: boolean; incident?: string;
}

export interface Incident {
  id: string;
  ward: string;
  site?: string;
  box?: string;
  camera?: string;
  device?: string;
  kind: string;
  severity: Event["severity"];
  state: "new" | "seen" | "assigned" | "resolved" | "false_alarm";
  version: number;
  cause?: string;
  under?: string;
  assignee?: string;
  assignee_name?: string;
  reason?: string;
  escalations: number;
  opened_at: Timestamp;
  reported_at: Timestamp;
  last_at: Timestamp;
  acknowledged_at?: Timestamp;
  ended_at?: Timestamp;
  events: number;
  open_events: number;
  seconds_to_acknowledge?: number;
  seconds_to_resolve?: number;
}

export interface StepTaken {
  id: number; at: Timestamp; actor?: string; actor_name?: string; action: string; state: Incident["state"];
  assignee?: string; assignee_name?: string; reason?: string; comment?: string; undone: boolean;
}
export interface Told {
  step: number; channel: string; state: string; due_at: Timestamp; attempts: number; error?: string; sent_at?: Timestamp;
}
export interface IncidentDetail {
  incident: Incident; events: Alert[]; steps: StepTaken[]; symptoms: Incident[]; told: Told[];
}

/** What is said after a step: that it was taken, that somebody was first, or that it did not get through. */
export interface Toast {
  kind: "done" | "first" | "failed"; incident: string; action: string; at: number; undo?: boolean;
  conflict?: { by?: string; by_name?: string; action?: string; at?: Timestamp; state?: string };
  code?: string; body?: Record<string, unknown>;
}

/** The incidents that this page knows, and the work of the officer at it. */
export interface Work {
  incidents: Record<string, Incident>;
  /** The incident of each event. */
  incidentOf: Record<string, string>;
  filter: "unhandled" | "all";
  /** The key of the entry in the lane that the keyboard means. */
  selected: string | null;
  /** The reasons or colleagues that are offered. */
  menu: { incident: string; action: "false_alarm" | "resolve" | "assign"; place: "lane" | "detail" } | null;
  toast: Toast | null;
  /** Steps on their way, by incident. */
  busy: Record<string, string>;
  /** This officer's latest steps, the newest last. */
  done: { incident: string; action: string; at: number }[];
  /** How many times the feed spoke of an incident. */
  heard: number;
}

export interface User {
  username: string; display_name: string; role: string; wards: string[]; sees_video: boolean; must_enrol?: boolean;
}

export type Status = "loading" | "ready" | "failed";

export interface State {
  session: "unknown" | "in" | "out" | "unreachable";
  user: User | null;
  sessionNotice: string | null;
  connection: { state: "connecting" | "open" | "lost"; since: number };
  cameras: Record<string, Camera>;
  cameraOrder: string[];
  camerasStatus: Status;
  camerasProblem: string | null;
  devices: Record<string, Device>;
  /** What the feed changed since the cameras were last requested. */
  touched: Record<string, true>;
  /** Cameras that the feed named and the list did not hold. */
  strangers: Record<string, true>;
  alerts: Record<string, Alert>;
  alertsStatus: Status;
  alertsProblem: string | null;
  olderStatus: "idle" | "loading" | "failed";
  nextCursor: string | null;
  latestArrival: string | null;
  /** Counts the times at which cameras and events had to be fetched anew. */
  refetch: number;
  focus: string | null;
  detail: string | null;
  work: Work;
  pane: "wall" | "alerts";
  help: boolean;
}

export type Action = { type: string; [field: string]: any };
