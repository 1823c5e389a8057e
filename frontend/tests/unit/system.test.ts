import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { path } from "../../src/parts/chart";
import { systemStatus, topSnapshot } from "../../src/system/status";
import { extended } from "../../src/system/watching";
import { TOP } from "../bed/top";

test("a snapshot is read, and what is unknown in it stays unknown", () => {
  const read = topSnapshot(TOP);
  expect(read?.consumers[0]).toMatchObject({ name: "EVENTS/mailer", state: "LAGGING", severity: "warn", pending: 1840, lagMs: 46_000 });
  expect(read?.routes[0]).toEqual({ name: "http-to-nats-proxy /ratings", p50Ms: 3.1, p99Ms: 18, perSecond: 41.5 });
  expect(read?.problems[0]).toMatchObject({ object: "EVENTS/mailer", command: "ratectl logs mailer" });
  const sparse = topSnapshot({ schema: "ratectl.top/v1", consumers: [{ consumer: "c", raw: { num_pending: null } }, null] });
  expect(sparse?.consumers.map(({ pending }) => pending)).toEqual([undefined, undefined]);
  expect(sparse?.routes).toEqual([]);
});

test("the snapshot that tests use has only names that the published schema has", () => {
  const schema = JSON.parse(readFileSync(new URL("../../../docs/top.schema.json", import.meta.url), "utf8")) as Schema;
  expect(unknownNames(TOP, schema, schema)).toEqual([]);
});

interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
}

/** Names in a value for which its schema has no property. */
function unknownNames(value: unknown, schema: Schema, root: Schema, place = ""): string[] {
  const target = schema.$ref ? root.$defs?.[schema.$ref.replace("#/$defs/", "")] : schema.anyOf?.find((one) => one.$ref ?? one.properties);
  if (target && target !== schema) return unknownNames(value, target, root, place);
  if (Array.isArray(value)) return value.flatMap((item) => unknownNames(item, schema.items ?? {}, root, place));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const property = schema.properties?.[name];
    return property ? unknownNames(inner, property, root, `${place}/${name}`) : [`${place}/${name}`];
  });
}

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
  expect(extended({}, [{ name: "c", value: 3, before: [1, 2] }])).toEqual({ c: [1, 2, 3] });
  for (let look = 0; look < 200; look += 1) series = extended(series, [{ name: "a", value: look }]);
  expect([series["a"]?.length, series["a"]?.at(-1), series["b"]]).toEqual([150, 199, undefined]);
});

test("a line breaks off at a gap", () => {
  expect(path([0, 10, undefined, 5], 10)).toBe("M146 31.0h0L147 1.0M149 16.0h0");
  expect(path([0, 0], 0)).toBe("M148 31.0h0L149 31.0");
});
