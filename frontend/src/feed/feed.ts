// The live feed: one connection, taken up again where it broke off.
import { backoff, retryAfterSeconds, sleep } from "../api/waiting";
import { createStore, type Store } from "../store";
import { changeOf, snapshotSequence, type Change } from "./change";
import { EventReader, type ServerEvent } from "./sse";

export type FeedState =
  /** Nothing has been heard yet. */
  | "connecting"
  /** The server answers; its snapshot has not come. */
  | "waiting"
  | "live"
  /** It was connected before, and will be again. */
  | "reconnecting"
  /** This server has no feed. */
  | "absent"
  /** The browser has no network. */
  | "offline";

export interface FeedListener {
  /** What was read before may have missed something: read it again. */
  onSnapshot?(): void;
  /** The next change, each once and in order. */
  onChange?(change: Change): void;
}

/** The server says something every 15 s; after two and a half of these times it is taken for dead. */
export const SILENCE_MS = 37_500;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** How long until a server without a feed is asked again. */
const ABSENT_MS = 60_000;
/** Clients told to reconnect spread over this time, unless the server says how long each is to wait. */
const DRAIN_SPREAD_MS = 1_000;

/** How one connection ended, and how long to wait before the next. */
type Ending = { waitMs: number } | { failed: true } | { absent: true };

export class Feed {
  readonly state: Store<FeedState> = createStore<FeedState>("connecting");
  private readonly listeners = new Set<FeedListener>();
  private readonly url: string;
  /** The last event seen: what is resumed after. */
  private last: number | undefined;
  private failures = 0;
  private running: AbortController | undefined;

  constructor(url: string) {
    this.url = url;
  }

  listen(listener: FeedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Connects, and stays connected until `stop`. */
  start(): void {
    if (this.running) return;
    this.running = new AbortController();
    void this.run(this.running.signal);
  }

  /** Ends the connection; `start` resumes where it was. */
  stop(): void {
    this.running?.abort(new Error("stopped"));
    this.running = undefined;
  }

  /** Tries at once instead of after the wait. */
  retryNow(): void {
    if (!this.running || this.state.get() === "live") return;
    this.failures = 0;
    this.stop();
    this.start();
  }

  private async run(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      const ending = await this.connection(stopped).catch((): Ending => ({ failed: true }));
      if (stopped.aborted) return;
      let wait: number;
      if ("absent" in ending) {
        this.state.set("absent");
        wait = ABSENT_MS;
      } else if ("waitMs" in ending) {
        this.lost();
        wait = ending.waitMs;
      } else {
        this.lost();
        this.failures += 1;
        wait = backoff(this.failures, FIRST_WAIT_MS, LONGEST_WAIT_MS);
      }
      await sleep(wait, stopped).catch(() => undefined);
    }
  }

  private lost(): void {
    if (navigator.onLine === false) this.state.set("offline");
    else this.state.set(this.last === undefined ? "connecting" : "reconnecting");
  }

  private async connection(stopped: AbortSignal): Promise<Ending> {
    const closed = new AbortController();
    const close = () => closed.abort(new Error("stopped"));
    stopped.addEventListener("abort", close, { once: true });
    let silence = setTimeout(() => closed.abort(new Error("silent")), SILENCE_MS);
    try {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (this.last !== undefined) headers["last-event-id"] = String(this.last);
      const response = await fetch(this.url, { headers, cache: "no-store", signal: closed.signal });
      const refused = refusal(response);
      if (refused) return refused;
      // Resumed: what comes next is what comes after the last event seen, or a new snapshot.
      this.state.set(this.last === undefined ? "waiting" : "live");
      let ending: Ending = { failed: true };
      const events = new EventReader((event) => {
        if (event.event === "drain") ending = { waitMs: Math.min(event.retryMs ?? Math.random() * DRAIN_SPREAD_MS, LONGEST_WAIT_MS) };
        else this.heed(event);
      });
      const decoder = new TextDecoder();
      const reader = response.body?.getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        clearTimeout(silence);
        silence = setTimeout(() => closed.abort(new Error("silent")), SILENCE_MS);
        events.push(decoder.decode(part.value, { stream: true }));
        if ("waitMs" in ending) break;
      }
      return ending;
    } finally {
      clearTimeout(silence);
      stopped.removeEventListener("abort", close);
      closed.abort();
    }
  }

  private heed(event: ServerEvent): void {
    this.failures = 0;
    if (event.event === "snapshot") {
      this.last = snapshotSequence(event) ?? this.last ?? 0;
      this.state.set("live");
      for (const listener of [...this.listeners]) listener.onSnapshot?.();
      return;
    }
    const change = changeOf(event);
    // Before the snapshot nothing can be placed, and what was seen is not shown twice.
    if (!change || this.last === undefined || change.sequence <= this.last) return;
    this.last = change.sequence;
    for (const listener of [...this.listeners]) listener.onChange?.(change);
  }
}

/** Why an answer is no feed; `undefined` if it is one. */
function refusal(response: Response): Ending | undefined {
  const wait = retryAfterSeconds(response.headers.get("retry-after"));
  if ([404, 405, 406, 410, 501].includes(response.status)) return { absent: true };
  if (!response.ok) return wait === undefined ? { failed: true } : { waitMs: wait * 1000 };
  const type = response.headers.get("content-type") ?? "";
  return type.startsWith("text/event-stream") ? undefined : { absent: true };
}
