// Every page: that it shows what is there, can be used by everybody, keeps still, and obeys its Content-Security-Policy.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Bed } from "../bed/people";
import { TOP } from "../bed/top";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const bed = new Bed();
let library: { id: string };

beforeAll(async () => {
  await bed.open();
  bed.front.top = TOP;
  library = await bed.service("Library of pages", "Books and quiet.");
  await bed.rating(await bed.user("Ada of the pages"), library, 5, "Very quiet.");
  await bed.rating(await bed.user("Grace of the pages"), library, 2);
});
afterEach(() => bed.leave());
afterAll(() => bed.close());

const PAGES = [
  { path: () => "/ui/", title: "Services", seen: "Library of pages" },
  { path: () => `/ui/services/${library.id}`, title: "Library of pages", seen: "Very quiet." },
  { path: () => "/ui/users", title: "Users", seen: "Grace of the pages" },
  { path: () => "/ui/live", title: "Live", seen: "since this page was opened" },
  { path: () => "/ui/system", title: "System", seen: "REQUESTS/rating-service" },
  { path: () => "/ui/nothing/here", title: "There is no such page", seen: "All services" },
];

interface Shift {
  value: number;
  /** What moved, as the beginning of its markup. */
  what: string[];
}

/** Runs in the page: notes what moves without anybody having done anything. */
function watchShifts(): void {
  const shifts: Shift[] = ((window as unknown as { shifts: Shift[] }).shifts = []);
  new PerformanceObserver((list) => {
    type Entry = { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] };
    for (const { value, hadRecentInput, sources } of list.getEntries() as unknown as Entry[]) {
      const what = sources.map(({ node }) => (node instanceof Element ? node.outerHTML : (node?.textContent ?? "")).slice(0, 100));
      if (!hadRecentInput) shifts.push({ value, what });
    }
  }).observe({ type: "layout-shift", buffered: true });
}

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** What axe finds wrong by WCAG 2.2 AA and its good practices. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    return (await axe.run({ runOnly: tags })).violations;
  });
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

test.each([
  { width: 320, colorScheme: "dark" as const },
  { width: 1280, colorScheme: "light" as const },
])("every page is accessible, keeps still and fits at $width px, $colorScheme", async ({ width, colorScheme }) => {
  const page = await bed.person({ viewport: { width, height: 900 }, colorScheme });
  await page.addInitScript(watchShifts);
  for (const { path, title, seen } of PAGES) {
    await page.goto(path());
    await page.getByText(seen).first().waitFor();
    await page.locator(".connection.live").waitFor();
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    expect(await page.title()).toBe(`${title} · Ratings`);
    expect(await violations(page), path()).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, `${path()} is wider than the screen`).toBeLessThanOrEqual(0);
    const shifts = await page.evaluate(() => (window as unknown as { shifts: Shift[] }).shifts);
    const moved = shifts.reduce((sum, { value }) => sum + value, 0);
    expect(moved, `${path()} moved: ${JSON.stringify(shifts)}`).toBeLessThan(0.01);
  }
  expect(bed.complaints).toEqual([]);
});

test("forms, a question and a conflict are accessible too", async () => {
  const page = await bed.person({ colorScheme: "dark" });
  await page.goto(`/ui/services/${library.id}`);
  await page.getByRole("button", { name: "Rate", exact: true }).click();
  await page.getByText("Choose a score.").waitFor();
  await page.getByRole("button", { name: "Edit the rating of Ada of the pages" }).click();
  await page.getByRole("form", { name: "Change the rating" }).waitFor();
  await page.getByRole("button", { name: "Edit the service" }).click();
  await page.getByRole("form", { name: "Edit the service" }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Withdraw the rating of Grace of the pages" }).click();
  await page.getByRole("dialog").getByText("2 of 5, weak").waitFor();
  expect(await violations(page)).toEqual([]);
});

test("is served so that browsers keep what never changes, and nobody frames it", async () => {
  const page = await bed.person();
  const index = await page.request.get("/ui/services");
  expect(index.status()).toBe(404);
  const shown = await page.goto("/ui/users");
  const headers = shown?.headers() ?? {};
  expect(headers["cache-control"]).toBe("no-cache");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["content-security-policy"]).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
  expect(headers["content-security-policy"]).not.toContain("unsafe");
  const script = /\/ui\/assets\/[^"]+\.js/.exec((await shown?.text()) ?? "")?.[0] ?? "";
  const asset = await page.request.get(script, { headers: { "accept-encoding": "br" } });
  expect(asset.headers()["cache-control"]).toContain("immutable");
  expect(asset.headers()["content-encoding"]).toBe("br");
});

test("services are found by their words and put in order", async () => {
  const tag = `zq${process.pid}`;
  const [bad, good, none] = await Promise.all([bed.service(`${tag} bad`), bed.service(`${tag} Góod`), bed.service(`${tag} none`)]);
  const ada = await bed.user("Ada of the order");
  await bed.rating(ada, bad, 1);
  await bed.rating(ada, good, 5);
  expect(none.id).not.toBe("");
  const page = await bed.person();
  await page.goto("/ui/");
  await page.getByLabel("Search").fill(tag);
  const names = page.locator(".services h2");
  await page.getByText(/^3 of \d+ services$/).waitFor();
  expect(await names.allTextContents()).toEqual([`${tag} bad`, `${tag} Góod`, `${tag} none`]);
  await page.getByLabel("Sort by").selectOption("Best rated");
  await expect.poll(() => names.allTextContents(), { timeout: 45_000 }).toEqual([`${tag} Góod`, `${tag} bad`, `${tag} none`]);
  await page.getByLabel("Search").fill(`${tag} good`);
  await expect.poll(() => names.allTextContents(), { timeout: 45_000 }).toEqual([`${tag} Góod`]);
  await page.getByRole("img", { name: "1 rating, 5.0 of 5 on average: 1 with 5" }).waitFor();
  await page.getByLabel("Search").fill(`${tag} nothing like it`);
  await page.getByText("No service has these words.").waitFor();
});
