import { webcrypto } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Failure } from "../../src/api/problem";

type Step = Response | Error;

/** `send` with nothing remembered, over a server that answers with these steps. */
async function against(...steps: Step[]) {
  vi.resetModules();
  const asked: { url: string; init: RequestInit; at: number }[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    asked.push({ url, init, at: Date.now() });
    const step = steps.shift();
    if (step instanceof Response) return step;
    throw step ?? new Error("asked more often than answered");
  });
  const { send } = await import("../../src/api/request");
  return { send, asked };
}

const problem = (status: number, more: object = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ type: "about:blank", title: "no", status, ...more }), { status, headers });
const ok = (body: unknown) => new Response(JSON.stringify(body), { headers: { etag: '"v2"' } });
const lost = () => new TypeError("network");

/** The outcome once all waiting is over. */
async function settled<T>(promise: Promise<T>): Promise<T | Failure> {
  const outcome = promise.catch((failure: unknown) => failure as Failure);
  await vi.runAllTimersAsync();
  return outcome;
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal("navigator", { onLine: true });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const WRITE = { method: "POST", path: "/users", body: { name: "Ada" }, key: "k1" } as const;

describe("a request", () => {
  test("hands over body and entity tag", async () => {
    const { send } = await against(ok({ id: "1" }));
    expect(await settled(send({ method: "GET", path: "/users/1" }))).toEqual({ status: 200, body: { id: "1" }, etag: '"v2"' });
  });

  test("that is a write is repeated with the same key and content", async () => {
    const { send, asked } = await against(lost(), problem(504), ok({}));
    expect(await settled(send(WRITE))).toMatchObject({ status: 200 });
    expect(asked).toHaveLength(3);
    const sent = asked.map(({ init }) => [(init.headers as Record<string, string>)["idempotency-key"], init.body]);
    expect(new Set(sent.map((each) => JSON.stringify(each)))).toHaveLength(1);
  });

  test("that is a write without a key is never repeated", async () => {
    const { send, asked } = await against(lost());
    const { key: _key, ...keyless } = WRITE;
    expect(await settled(send(keyless))).toMatchObject({ kind: "unreachable" });
    expect(asked).toHaveLength(1);
  });

  test.each([429, 503])("waits as long as a %i asks, and says so", async (status) => {
    const { send, asked } = await against(problem(status, {}, { "retry-after": "2" }), ok({}));
    const waits: number[] = [];
    await settled(send({ ...WRITE, onWait: (seconds) => waits.push(seconds) }));
    expect(waits).toEqual([2]);
    expect((asked[1]?.at ?? 0) - (asked[0]?.at ?? 0)).toBe(2_000);
  });

  test("gives up at once if it is asked to wait longer than anybody would, and no other is sent meanwhile", async () => {
    const { send, asked } = await against(problem(503, {}, { "retry-after": "30" }));
    expect(await settled(send(WRITE))).toMatchObject({ status: 503, waitSeconds: 30 });
    expect(await settled(send({ method: "GET", path: "/users" }))).toMatchObject({ status: 503 });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["a refusal", problem(422), 1],
    ["what cannot be repeated", problem(503, { retryable: false }), 1],
  ])("is not repeated after %s", async (_what, answer, times) => {
    const { send, asked } = await against(answer);
    expect(await settled(send(WRITE))).toMatchObject({ kind: "problem" });
    expect(asked).toHaveLength(times);
  });

  test("whose key is in use waits for the first one's answer", async () => {
    const { send } = await against(problem(409, { retryable: true }), ok({ id: "1" }));
    expect(await settled(send(WRITE))).toMatchObject({ body: { id: "1" } });
  });

  test("stops after four attempts and says which request it was", async () => {
    const { send, asked } = await against(...[1, 2, 3, 4].map((n) => problem(502, { request_id: `r${n}` })));
    expect(await settled(send(WRITE))).toMatchObject({ kind: "problem", status: 502, requestId: "r4" });
    expect(asked).toHaveLength(4);
  });

  test("without a network fails at once", async () => {
    const { send, asked } = await against(lost());
    vi.stubGlobal("navigator", { onLine: false });
    expect(await settled(send(WRITE))).toMatchObject({ kind: "offline" });
    expect(asked).toHaveLength(1);
  });

  test("answered by something else than the API is a failure with the status", async () => {
    const { send } = await against(new Response("<html>", { status: 404, headers: { "x-request-id": "r9" } }));
    expect(await settled(send({ method: "GET", path: "/users" }))).toMatchObject({ status: 404, requestId: "r9", problem: undefined });
  });
});

describe("a key", () => {
  test("is new each time", async () => {
    // Browsers have it, the oldest Node.js we build with has not.
    vi.stubGlobal("crypto", webcrypto);
    const { newKey } = await import("../../src/api/request");
    expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
    expect(newKey()).not.toBe(newKey());
  });
});
