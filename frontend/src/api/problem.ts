// What can go wrong with a request, and how it is said.

/** A problem document (RFC 9457) as the API sends it. */
export interface Problem {
  status: number;
  title: string;
  detail?: string;
  request_id?: string;
  retryable?: boolean;
  outcome?: string;
  errors?: { field: string; detail: string }[];
}

export type FailureKind =
  /** The browser has no network. */
  | "offline"
  /** The server did not answer. */
  | "unreachable"
  /** It answered with a problem, or with something else that is no success. */
  | "problem";

/** Why a request has no answer to use. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly status: number;
  readonly problem: Problem | undefined;
  /** To quote when asking for help. */
  readonly requestId: string | undefined;
  /** The entity tag of what is stored now, with a 412. */
  readonly etag: string | undefined;
  /** How many seconds the server asks to wait before the next attempt. */
  readonly waitSeconds: number | undefined;

  constructor(
    kind: FailureKind,
    more: { status?: number; problem?: Problem; requestId?: string; etag?: string; waitSeconds?: number } = {},
  ) {
    super(more.problem?.title ?? kind);
    this.kind = kind;
    this.status = more.status ?? 0;
    this.problem = more.problem;
    this.requestId = more.requestId ?? more.problem?.request_id;
    this.etag = more.etag;
    this.waitSeconds = more.waitSeconds;
  }
}

/** The failure as sentences for a person, without the request id. */
export function sentence(failure: unknown): string {
  if (!(failure instanceof Failure)) return "Something in this page failed. Load it again; what you typed is kept.";
  switch (failure.kind) {
    case "offline":
      return "You are offline. What you typed is kept here; try again when the connection is back.";
    case "unreachable":
      return "The server does not answer. What you typed is kept here; try again in a moment.";
    case "problem":
      return ofProblem(failure);
  }
}

function ofProblem({ status, problem, waitSeconds }: Failure): string {
  if (problem?.outcome === "unknown") {
    return "The server did not confirm the change in time, so it may or may not have happened. Trying again is safe: it happens once.";
  }
  if (status === 429) return `The server has too much to do for you just now.${again(waitSeconds)}`;
  if (status === 503) return `The server cannot take this just now.${again(waitSeconds)}`;
  if (status === 504) return "The answer did not come in time. Try again.";
  const first = problem?.errors?.[0];
  const said = problem?.detail ?? (first && ofField(first)) ?? problem?.title;
  if (said === undefined) return `The server refused this with status ${status}.`;
  return finished(said);
}

function again(seconds: number | undefined): string {
  if (seconds === undefined) return " Try again in a moment.";
  return ` Try again in ${seconds === 1 ? "a second" : `${Math.ceil(seconds)} seconds`}.`;
}

function ofField({ field, detail }: { field: string; detail: string }): string {
  return `${field.replace(/^\//, "")} ${detail}`;
}

/** With a capital at the beginning and a period at the end. */
export function finished(text: string): string {
  const trimmed = text.trim();
  const capital = trimmed.charAt(0).toLocaleUpperCase("en") + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** What is wrong with one field, by its name in the body; `undefined` if nothing is. */
export function fieldError(failure: unknown, name: string): string | undefined {
  if (!(failure instanceof Failure)) return undefined;
  const error = failure.problem?.errors?.find(({ field }) => field === `/${name}`);
  return error && finished(error.detail);
}

/** A problem document if the value is one; anything else is none. */
export function asProblem(value: unknown): Problem | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { status, title } = value as Record<string, unknown>;
  return typeof status === "number" && typeof title === "string" ? (value as Problem) : undefined;
}
