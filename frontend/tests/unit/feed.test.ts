import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Change } from "../../src/feed/change";
import { Feed, SILENCE_MS, type FeedState } from "../../src/feed/feed";

/** One connection of the feed: what it was asked with, and the means to answer. */
interface Connection {
  last: string | undefined;
  open(): void;
  answer(status: number, headers?: Record<string, string>): void;
  refuse(): void;
  say(text: string): void;
  end(): void;
}

let connections: Connection[];
let states: FeedState[];
let changes: number[];
let snapshots: number;
let feed: Feed;

function connect(init: RequestInit): Promise<Response> {
  const encoder = new TextEncoder();
  let body: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (body = controller) });
  return new Promise((resolve, reject) => {
    init.signal?.addEventListener("abort", () => {
      reject(init.signal?.reason as Error);
      try {
        body?.error(init.signal?.reason);
      } catch {
        // It had ended before.
      }
    });
    connections.push({
      last: (init.headers as Record<string, string>)["last-event-id"],
      open: () => resolve(new Response(stream, { headers: { "content-type": "text/event-stream" } })),
      answer: (status, headers = {}) => resolve(new Response("", { status, headers })),
      refuse: () => reject(new TypeError("refused")),
      say: (text) => body?.enqueue(encoder.encode(text)),
      end: () => body?.close(),
    });
  });
}

const SNAPSHOT = "id: 10\nevent: snapshot\ndata: {\"sequence\":10}\n\n";
const change = (sequence: number) => `id: ${sequence}\nevent: change\ndata: {"subject":"events.user.created","data":{"id":"1"}}\n\n`;

const settle = () => vi.advanceTimersByTimeAsync(0);
const latest = (): Connection => {
  const connection = connections.at(-1);
  if (!connection) throw new Error("nobody has connected");
  return connection;
};

/** Waits out the pause before the next connection. */
async function reconnected(): Promise<void> {
  const before = connections.length;
  for (let tick = 0; tick < 200 && connections.length === before; tick += 1) await vi.advanceTimersByTimeAsync(500);
  expect(connections.length).toBe(before + 1);
}

beforeEach(() => {
  vi.useFakeTimers();
  connections = [];
  changes = [];
  snapshots = 0;
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("fetch", (_url: string, init: RequestInit) => connect(init));
  feed = new Feed("/api/events");
  states = [feed.state.get()];
  feed.state.subscribe(() => states.push(feed.state.get()));
  feed.listen({
    onSnapshot: () => void (snapshots += 1),
    onChange: (seen: Change) => void changes.push(seen.sequence),
  });
  feed.start();
});
afterEach(() => {
  feed.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function live(): Promise<void> {
  latest().open();
  await settle();
  latest().say(SNAPSHOT);
  await settle();
}

describe("the live feed", () => {
  test("goes from connecting over waiting for its snapshot to live", async () => {
    await live();
    expect(states).toEqual(["connecting", "waiting", "live"]);
    expect(snapshots).toBe(1);
    expect(latest().last).toBeUndefined();
  });

  test("hands over each change once and in order", async () => {
    await live();
    latest().say(change(11) + change(12) + change(12) + change(9) + change(13));
    await settle();
    expect(changes).toEqual([11, 12, 13]);
  });

  test("ignores what comes before the snapshot, and what is no change", async () => {
    latest().open();
    await settle();
    latest().say(change(3) + "event: change\ndata: nonsense\n\n: heartbeat\n\n");
    await settle();
    expect([changes, feed.state.get()]).toEqual([[], "waiting"]);
  });

  test("resumes after the last change when the connection breaks", async () => {
    await live();
    latest().say(change(11));
    await settle();
    latest().end();
    await settle();
    expect(feed.state.get()).toBe("reconnecting");
    await reconnected();
    expect(latest().last).toBe("11");
    latest().open();
    await settle();
    latest().say(change(12));
    await settle();
    expect([feed.state.get(), changes, snapshots]).toEqual(["live", [11, 12], 1]);
  });

  test("takes a new snapshot in place of what it missed, even an earlier one", async () => {
    await live();
    latest().end();
    await reconnected();
    latest().open();
    await settle();
    latest().say("id: 4\nevent: snapshot\ndata: {}\n\n" + change(5));
    await settle();
    expect([snapshots, changes]).toEqual([2, [5]]);
  });

  test("takes a server that says nothing for dead", async () => {
    await live();
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1_000);
    latest().say(": heartbeat\n\n");
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1_000);
    expect(feed.state.get()).toBe("live");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(feed.state.get()).toBe("reconnecting");
  });

  test("reconnects within a second when the server drains", async () => {
    await live();
    latest().say("event: drain\ndata: {}\n\n");
    await vi.advanceTimersByTimeAsync(1_001);
    expect(connections).toHaveLength(2);
    expect(latest().last).toBe("10");
  });

  test("waits as long as a server that drains asks", async () => {
    await live();
    latest().say("retry: 3000\nevent: drain\ndata: {}\n\n");
    await vi.advanceTimersByTimeAsync(2_900);
    expect(connections).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(101);
    expect(connections).toHaveLength(2);
  });

  test("waits as long as a busy server asks", async () => {
    latest().answer(503, { "retry-after": "7" });
    await vi.advanceTimersByTimeAsync(6_900);
    expect([connections.length, feed.state.get()]).toEqual([1, "connecting"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(connections).toHaveLength(2);
  });

  test("knows a server without a feed, and asks again after a minute", async () => {
    latest().answer(404);
    await settle();
    expect(feed.state.get()).toBe("absent");
    await vi.advanceTimersByTimeAsync(59_000);
    expect(connections).toHaveLength(1);
    await reconnected();
    await live();
    expect(feed.state.get()).toBe("live");
  });

  test("takes a page in place of a stream for no feed", async () => {
    latest().answer(200, { "content-type": "text/html" });
    await settle();
    expect(feed.state.get()).toBe("absent");
  });

  test("waits longer after each failure, and says when there is no network", async () => {
    const random = vi.spyOn(Math, "random").mockReturnValue(1);
    latest().refuse();
    await vi.advanceTimersByTimeAsync(501);
    latest().refuse();
    await vi.advanceTimersByTimeAsync(900);
    expect(connections).toHaveLength(2);
    vi.stubGlobal("navigator", { onLine: false });
    await vi.advanceTimersByTimeAsync(200);
    expect(connections).toHaveLength(3);
    latest().refuse();
    await settle();
    expect(feed.state.get()).toBe("offline");
    feed.retryNow();
    expect(connections).toHaveLength(4);
    random.mockRestore();
  });

  test("ends when it is told to, and resumes where it was", async () => {
    await live();
    feed.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(connections).toHaveLength(1);
    feed.start();
    expect(latest().last).toBe("10");
  });
});
