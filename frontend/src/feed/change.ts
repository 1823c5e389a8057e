// What the feed says, as values.
import type { ServerEvent } from "./sse";

/** One event of the stream. */
export interface Change {
  /** Its place in the stream. */
  sequence: number;
  /** Such as `events.rating.created`. */
  subject: string;
  /** When it was stored; empty if the server does not say. */
  time: string;
  /** What it carries. */
  data: unknown;
}

/** `events.rating.created` is about a `rating` that was `created`. */
export function happening(change: Change): { aggregate: string; what: string } {
  const tokens = change.subject.split(".");
  return { aggregate: tokens[1] ?? "", what: tokens.slice(2).join(".") };
}

/** The sequence a snapshot stands for; `undefined` if the event says none. */
export function snapshotSequence(event: ServerEvent): number | undefined {
  return whole(event.id) ?? whole(record(parsed(event.data))["sequence"]);
}

/** The change an event carries; `undefined` if it is none. */
export function changeOf(event: ServerEvent): Change | undefined {
  const content = record(parsed(event.data));
  const sequence = whole(event.id) ?? whole(content["sequence"]);
  if (sequence === undefined) return undefined;
  return {
    sequence,
    subject: text(content["subject"]),
    time: text(content["time"]),
    data: content["data"],
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function whole(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
