import { describe, expect, test } from "vitest";
import { backoff, retryAfterSeconds } from "../../src/api/waiting";

describe("Retry-After", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  test.each([
    ["3", 3],
    [" 0 ", 0],
    ["Sun, 22 Nov 2026 12:00:05 GMT", 5],
    ["Sun, 22 Nov 2026 11:00:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
  ])("%j is %j seconds", (value, seconds) => {
    expect(retryAfterSeconds(value, now)).toBe(seconds);
  });
});

describe("the wait between attempts", () => {
  test("doubles up to its limit, and is spread over its upper half", () => {
    expect([1, 2, 3, 4, 9].map((failures) => backoff(failures, 100, 1000, () => 1))).toEqual([100, 200, 400, 800, 1000]);
    expect(backoff(3, 100, 1000, () => 0)).toBe(200);
  });
});
