// One request, tried again while that is safe and the server lets us.
import { Failure, asProblem } from "./problem";
import { backoff, retryAfterSeconds, sleep } from "./waiting";

export interface Ask {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api`, such as `/users`. */
  path: string;
  body?: unknown;
  /** The entity tag of the version a write is made for. */
  ifMatch?: string;
  /** What makes a repeated write happen once; needed for every write. */
  key?: string;
  signal?: AbortSignal;
  /** Told when the request waits before its next attempt. */
  onWait?: (seconds: number) => void;
}

export interface Answer<T> {
  status: number;
  body: T;
  etag: string | undefined;
}

/** Attempts in all, and how long they may wait for each other in all. */
const ATTEMPTS = 4;
const PATIENCE_MS = 12_000;
/** One attempt; the API's own limit is 5 s. */
const TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 3_000;

/** Before this moment the server wants no request from us. */
let notBefore = 0;

/** The answer to a request that succeeded.
 *
 * A write without a key is never repeated. @throws Failure */
export async function send<T>(ask: Ask): Promise<Answer<T>> {
  const began = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    const asked = notBefore - Date.now();
    if (asked > 0) await pause(ask, asked, began, new Failure("problem", { status: 503, waitSeconds: asked / 1000 }));
    const failure = await attemptOnce<T>(ask);
    if (!(failure instanceof Failure)) return failure;
    if (failure.waitSeconds !== undefined) {
      notBefore = Math.max(notBefore, Date.now() + failure.waitSeconds * 1000);
    }
    if (attempt >= ATTEMPTS || !mayRepeat(ask, failure)) throw failure;
    const wait = failure.waitSeconds === undefined ? backoff(attempt, FIRST_WAIT_MS, LONGEST_WAIT_MS) : failure.waitSeconds * 1000;
    await pause(ask, wait, began, failure);
  }
}

/** Waits, unless that would take longer than anybody wants to watch. */
async function pause(ask: Ask, ms: number, began: number, failure: Failure): Promise<void> {
  if (Date.now() + ms - began > PATIENCE_MS) throw failure;
  ask.onWait?.(ms / 1000);
  await sleep(ms, ask.signal);
}

function mayRepeat(ask: Ask, failure: Failure): boolean {
  if (ask.method !== "GET" && ask.key === undefined) return false;
  switch (failure.kind) {
    case "offline":
      return false;
    case "unreachable":
      return true;
    case "problem":
      if ([408, 429, 502, 503, 504].includes(failure.status)) return failure.problem?.retryable !== false;
      return failure.problem?.retryable === true;
  }
}

async function attemptOnce<T>(ask: Ask): Promise<Answer<T> | Failure> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api${ask.path}`, init(ask));
    text = await response.text();
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    return new Failure(navigator.onLine === false ? "offline" : "unreachable");
  }
  const body = parsed(text);
  const etag = response.headers.get("etag") ?? undefined;
  if (response.ok) return { status: response.status, body: body as T, etag };
  const problem = asProblem(body);
  const requestId = response.headers.get("x-request-id") ?? undefined;
  const waitSeconds = retryAfterSeconds(response.headers.get("retry-after"));
  return new Failure("problem", {
    status: response.status,
    ...(problem && { problem }),
    ...(requestId !== undefined && { requestId }),
    ...(etag !== undefined && { etag }),
    ...(waitSeconds !== undefined && { waitSeconds }),
  });
}

function init(ask: Ask): RequestInit {
  const headers: Record<string, string> = { accept: "application/json" };
  if (ask.body !== undefined) headers["content-type"] = "application/json";
  if (ask.ifMatch !== undefined) headers["if-match"] = ask.ifMatch;
  if (ask.key !== undefined) headers["idempotency-key"] = ask.key;
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  return {
    method: ask.method,
    headers,
    // The page keeps what it needs; what it asks for is what is stored now.
    cache: "no-store",
    signal: ask.signal ? either(ask.signal, limit) : limit,
    ...(ask.body !== undefined && { body: JSON.stringify(ask.body) }),
  };
}

/** Aborts with the first of two; `AbortSignal.any` is younger than some browsers in use. */
function either(one: AbortSignal, other: AbortSignal): AbortSignal {
  const both = new AbortController();
  for (const signal of [one, other]) {
    if (signal.aborted) both.abort(signal.reason);
    signal.addEventListener("abort", () => both.abort(signal.reason), { once: true });
  }
  return both.signal;
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A key that nobody has used before. Pages that do not come from localhost or by TLS have no `randomUUID`. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
