import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const DIST = new URL("../../dist/", import.meta.url).pathname;
const html = () => readFileSync(join(DIST, "index.html"), "utf8");

test("script and style weigh less than 60 kB together, compressed as every browser takes it", () => {
  const files = readdirSync(join(DIST, "assets")).filter((name) => /\.(js|css)$/.test(name));
  const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(DIST, "assets", name))).length, 0);
  expect(files.length).toBeGreaterThan(1);
  expect(bytes).toBeLessThan(60_000);
});

test("the page has no script and no style of its own, and everything it names is there and hashed", () => {
  expect(html()).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:/);
  const named = [...html().matchAll(/(?:src|href)="\/ui\/(assets\/[^"]+)"/g)].map(([, file]) => file ?? "");
  expect(named).toHaveLength(2);
  for (const file of named) {
    expect(file).toMatch(/-[\w-]{8}\.(js|css)$/);
    for (const suffix of ["", ".br", ".gz"]) expect(existsSync(join(DIST, file + suffix))).toBe(true);
  }
});

test("every package may be used: only permissive licences, but for what runs in tests alone", () => {
  const lock = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
    packages: Record<string, { license?: string; dev?: boolean }>;
  };
  const permissive = new Set(["MIT", "Apache-2.0", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD"]);
  const others = Object.entries(lock.packages)
    .filter(([name, { license }]) => name !== "" && !permissive.has(license ?? "none"))
    .map(([name, { license, dev }]) => `${name} ${license} ${dev ? "dev" : "shipped"}`);
  // axe-core looks at the pages in tests; nothing of it is in what is built.
  expect(others).toEqual(["node_modules/axe-core MPL-2.0 dev"]);
});
