// What `ratectl dev` says about the system it runs: components, and the snapshot of `ratectl top`.
import { record } from "../feed/change";

export interface ComponentStatus {
  name: string;
  kind: string;
  health: string;
  detail: string;
  restarts: number;
}

/** The gateway's `/status/status.json`. */
export interface SystemStatus {
  version: string;
  uptimeSeconds: number;
  components: ComponentStatus[];
}

/** A consumer of a stream, as `ratectl.top/v1` has it; what is not known is `undefined`. */
export interface ConsumerStatus {
  /** `STREAM/consumer`. */
  name: string;
  state: string;
  severity: string;
  reason: string;
  command: string;
  /** Messages that wait for it. */
  pending: number | undefined;
  /** How far behind it is. */
  lagMs: number | undefined;
  /** Messages that waited, at the looks before this one, oldest first. */
  trend: number[];
}

export interface RouteStatus {
  name: string;
  /** What one in a hundred requests takes at least. */
  p99Ms: number | undefined;
  p50Ms: number | undefined;
  perSecond: number | undefined;
}

export interface TopSnapshot {
  consumers: ConsumerStatus[];
  routes: RouteStatus[];
  problems: { severity: string; object: string; state: string; reason: string; command: string }[];
}

export const TOP_SCHEMA = "ratectl.top/v1";

export function systemStatus(value: unknown): SystemStatus | undefined {
  const { version, uptimeSeconds, components } = record(value);
  if (!Array.isArray(components)) return undefined;
  return {
    version: text(version),
    uptimeSeconds: number(uptimeSeconds) ?? 0,
    components: components.map(record).map((component) => ({
      name: text(component["name"]),
      kind: text(component["kind"]),
      health: text(component["health"]),
      detail: text(component["detail"]),
      restarts: number(component["restarts"]) ?? 0,
    })),
  };
}

/** Reads what this page shows of a snapshot; `undefined` if it is none. Its shape is docs/top.schema.json. */
export function topSnapshot(value: unknown): TopSnapshot | undefined {
  const top = record(value);
  if (top["schema"] !== TOP_SCHEMA) return undefined;
  return {
    consumers: entries(top["consumers"]).map((entry) => {
      const stream = text(entry["stream"]);
      const name = text(entry["consumer"]);
      const trend = entry["trend_num_pending"];
      return {
        name: stream === "" ? name : `${stream}/${name}`,
        ...judged(entry),
        pending: number(record(entry["raw"])["num_pending"]),
        lagMs: number(record(entry["derived"])["time_lag_ms"]),
        trend: Array.isArray(trend) ? trend.filter((value): value is number => number(value) !== undefined) : [],
      };
    }),
    routes: entries(top["routes"]).map((entry) => ({
      name: `${text(entry["service"])} ${text(entry["route"])}`.trim(),
      p50Ms: number(entry["p50_ms"]),
      p99Ms: number(entry["p99_ms"]),
      perSecond: number(entry["requests_per_s"]),
    })),
    problems: entries(top["problems"]).map(({ severity, object, state, reason, command }) => ({
      severity: text(severity),
      object: text(object),
      state: text(state),
      reason: text(reason),
      command: text(command),
    })),
  };
}

function judged(entry: Record<string, unknown>) {
  return {
    state: text(entry["state"]),
    severity: text(entry["severity"]),
    reason: text(entry["reason"]),
    command: text(entry["command"]),
  };
}

function entries(value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value)) return [];
  return value.map(record);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
