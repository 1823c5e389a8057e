// Looks at the system every two seconds while somebody looks at the page, and keeps what it saw for the charts.
import { useEffect, useState } from "preact/hooks";
import { systemStatus, topSnapshot, type SystemStatus, type TopSnapshot } from "./status";

/** `absent`: this server has no such thing. `away`: it had, and does not answer now. */
export type Look<T> = { is: "unknown" } | { is: "absent" } | { is: "away" } | { is: "there"; value: T };

/** Where `ratectl dev` puts them. In a cluster nothing is there. */
export const STATUS_URL = "/status/status.json";
export const TOP_URL = "/status/top.json";

export const PERIOD_MS = 2_000;
/** Five minutes. */
export const KEPT = 150;

/** The points of one chart, oldest first; a gap is `undefined`. */
export type Series = (number | undefined)[];

export interface Watched {
  status: Look<SystemStatus>;
  top: Look<TopSnapshot>;
  /** By consumer: messages that waited. */
  pending: Record<string, Series>;
  /** By route: the 99th percentile in milliseconds. */
  latency: Record<string, Series>;
}

const NOTHING: Watched = { status: { is: "unknown" }, top: { is: "unknown" }, pending: {}, latency: {} };

interface Point {
  name: string;
  value: number | undefined;
  /** What was before the first look, if anybody knows. */
  before?: number[];
}

/** Adds a look's numbers to the series so far. */
export function extended(series: Record<string, Series>, points: Point[]): Record<string, Series> {
  const length = Math.max(0, ...Object.values(series).map((known) => known.length));
  const next: Record<string, Series> = {};
  for (const { name, value, before } of points) {
    const known = series[name] ?? before ?? Array<undefined>(length).fill(undefined);
    next[name] = [...known, value].slice(-KEPT);
  }
  return next;
}

async function look<T>(url: string, read: (value: unknown) => T | undefined, before: Look<T>): Promise<Look<T>> {
  try {
    const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(5_000) });
    if (response.status === 404 || response.status === 405) return { is: "absent" };
    const value = response.ok ? read(await response.json()) : undefined;
    if (value !== undefined) return { is: "there", value };
    return response.ok ? { is: "absent" } : { is: "away" };
  } catch (error) {
    // Something that is no JSON comes from somebody else.
    return error instanceof SyntaxError || before.is === "absent" ? { is: "absent" } : { is: "away" };
  }
}

export function useWatching(): Watched {
  const [watched, setWatched] = useState(NOTHING);
  useEffect(() => {
    let last = NOTHING;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const step = async () => {
      if (!document.hidden) {
        const [status, top] = await Promise.all([
          look(STATUS_URL, systemStatus, last.status),
          look(TOP_URL, topSnapshot, last.top),
        ]);
        if (stopped) return;
        last = { status, top, ...charts(last, top) };
        setWatched(last);
      }
      timer = setTimeout(() => void step(), PERIOD_MS);
    };
    void step();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, []);
  return watched;
}

function charts(last: Watched, top: Look<TopSnapshot>): Pick<Watched, "pending" | "latency"> {
  if (top.is !== "there") return { pending: last.pending, latency: last.latency };
  return {
    pending: extended(last.pending, top.value.consumers.map(({ name, pending, trend }) => ({ name, value: pending, ...(trend.length > 0 && { before: trend.slice(0, -1) }) }))),
    latency: extended(last.latency, top.value.routes.map(({ name, p99Ms }) => ({ name, value: p99Ms }))),
  };
}
