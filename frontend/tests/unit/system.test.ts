import { expect, test } from "vitest";
import { path } from "../../src/parts/chart";
import { systemStatus, topSnapshot } from "../../src/system/status";
import { extended } from "../../src/system/watching";
import { TOP } from "../bed/top";

test("a snapshot is read, and what is unknown in it stays unknown", () => {
  const read = topSnapshot(TOP);
  expect(read?.consumers[1]).toMatchObject({ name: "EVENTS/mailer", state: "LAGGING", severity: "warn", pending: 1840, lagMs: 46000 });
  const sparse = topSnapshot({ schema: "ratectl.top/v1", consumers: [{ name: "c", raw: { num_pending: null } }, null] });
  expect(sparse?.consumers.map(({ pending }) => pending)).toEqual([undefined, undefined]);
  expect(sparse?.routes).toEqual([]);
});

test("anything else is no snapshot and no status", () => {
  for (const other of [null, "x", [], {}, { schema: "ratectl.top/v2" }]) {
    expect(topSnapshot(other)).toBeUndefined();
    expect(systemStatus(other)).toBeUndefined();
  }
});

test("a series begins with a gap if its consumer came later, and is never too long", () => {
  let series = extended({}, [{ name: "a", value: 1 }]);
  series = extended(series, [{ name: "a", value: 2 }, { name: "b", value: 3 }]);
  expect(series).toEqual({ a: [1, 2], b: [undefined, 3] });
  for (let look = 0; look < 200; look += 1) series = extended(series, [{ name: "a", value: look }]);
  expect([series["a"]?.length, series["a"]?.at(-1), series["b"]]).toEqual([150, 199, undefined]);
});

test("a line breaks off at a gap", () => {
  expect(path([0, 10, undefined, 5], 10)).toBe("M146 31.0L147 1.0M149 16.0");
  expect(path([0, 0], 0)).toBe("M148 31.0L149 31.0");
});
