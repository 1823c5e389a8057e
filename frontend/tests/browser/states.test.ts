// The connection's states, and what happens to what a person has typed when things go wrong.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { Bed } from "../bed/people";
import { System } from "../bed/system";

let bed: Bed;

beforeEach(async () => {
  bed = await new Bed().open();
});
afterEach(() => bed.close());

const state = (page: Page, words: string) => page.locator(".connection").filter({ hasText: words }).waitFor();
const rate = (page: Page) => page.getByRole("button", { name: "Rate", exact: true });
const comment = (page: Page) => page.getByLabel("Comment");

/** A page on which somebody has filled in a rating of a new service and not sent it. */
async function typed(service = "Typed"): Promise<{ page: Page; service: { id: string }; sent: () => number }> {
  const ada = await bed.user("Ada who types");
  const made = await bed.service(service);
  const page = await bed.person();
  await page.goto(`/ui/services/${made.id}`);
  await page.getByLabel("Who are you?").selectOption(ada.id);
  await page.getByLabel("4 of 5, good").check({ force: true });
  await comment(page).fill("All of this is kept.");
  return { page, service: made, sent: () => bed.front.seen.filter(({ method, path }) => method === "POST" && path === "/api/ratings").length };
}

const added = (page: Page) => page.locator(".ratings").getByText("All of this is kept.").waitFor();

test("the connection is in words what it is", async () => {
  bed.front.mode = "mute";
  const page = await bed.person();
  await page.goto("/ui/live");
  await state(page, "connecting…");
  bed.front.mode = "held";
  await bed.front.down();
  await bed.front.up();
  await state(page, "waiting for snapshot…");
  bed.front.snapshot();
  await page.locator(".connection.live").waitFor();
  bed.front.emit("events.user.created", { id: "1", name: "First of all" });
  await page.locator(".events").getByText("First of all").waitFor();

  await bed.front.down();
  await state(page, "reconnecting…");
  bed.front.emit("events.user.created", { id: "2", name: "While nobody heard" });
  await bed.front.up();
  await page.locator(".connection.live").waitFor();
  await page.locator(".events").getByText("While nobody heard").waitFor();
  expect(await page.locator(".events li").count()).toBe(2);
  expect(bed.front.resumed.at(-1)).toBe("1");

  bed.front.cut(true);
  await expect.poll(() => bed.front.readerCount, { timeout: 45_000 }).toBe(1);
  bed.front.emit("events.user.created", { id: "3", name: "After the drain" });
  await page.locator(".events").getByText("After the drain").waitFor();
  expect(await page.locator(".events li").count()).toBe(3);
});

test("what the feed can't make up for is read again", async () => {
  const page = await bed.person();
  await page.goto("/ui/");
  await page.locator(".connection.live").waitFor();
  await bed.front.down();
  await state(page, "reconnecting…");
  bed.front.emit("events.user.created", { id: "1", name: "forgotten" });
  bed.front.emit("events.user.created", { id: "2", name: "kept" }, { forget: true });
  await bed.front.up();
  await bed.service("Made while nobody heard");
  await page.getByRole("link", { name: "Made while nobody heard" }).waitFor();
  await page.locator(".connection.live").waitFor();
});

test("a server without a feed is said to be not live, and everything else works", async () => {
  bed.front.mode = "absent";
  const { page } = await typed("Not live");
  await state(page, "not live");
  await rate(page).click();
  await added(page);
});

/** As a browser says it when somebody turns to another tab, or back. */
function turn(page: Page, hidden: boolean): Promise<unknown> {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

test("a tab that nobody sees gives its connection back, and misses nothing", async () => {
  const page = await bed.person();
  await page.goto("/ui/live");
  await page.locator(".connection.live").waitFor();
  await turn(page, true);
  await expect.poll(() => bed.front.readerCount, { timeout: 45_000 }).toBe(0);
  bed.front.emit("events.user.created", { id: "1", name: "Unseen" });
  await turn(page, false);
  await page.locator(".events").getByText("Unseen").waitFor();
  expect(bed.front.resumed).toEqual([undefined, "0"]);
});

test("a burst of events is shown whole and in order", async () => {
  const page = await bed.person();
  await page.goto("/ui/live");
  await page.locator(".connection.live").waitFor();
  for (let number = 1; number <= 1_000; number += 1) bed.front.emit("events.rating.created", { id: String(number), score: 3 });
  await page.getByText("1,000 events since this page was opened").waitFor();
  const numbers = (await page.locator(".event-number").allTextContents()).map(Number);
  expect(numbers).toEqual(Array.from({ length: 200 }, (_, place) => 1_000 - place));
  await page.getByRole("button", { name: "Pause" }).click();
  bed.front.emit("events.rating.created", { id: "x", score: 3 });
  await page.getByText("1,001 events since").waitFor();
  expect(await page.locator(".event-number").first().textContent()).toBe("1000");
});

test("an answer that is lost is asked for again, and the rating is there once", async () => {
  const { page, service, sent } = await typed();
  bed.front.spoil("POST", /^\/api\/ratings$/, "unanswered", "unheard");
  await rate(page).click();
  await added(page);
  expect(sent()).toBe(3);
  const keys = bed.front.seen.filter(({ path }) => path === "/api/ratings").map(({ key }) => key);
  expect(new Set(keys).size).toBe(1);
  const { items } = (await bed.ask("GET", `/ratings?serviceId=${service.id}`)) as { items: unknown[] };
  expect(items).toHaveLength(1);
});

test.each([429, 503])("a %i is waited out as long as the server asks, and the person is told", async (status) => {
  const { page, sent } = await typed();
  bed.front.spoil("POST", /^\/api\/ratings$/, { status, headers: { "retry-after": "2" }, body: { title: "busy", status } });
  await rate(page).click();
  await page.getByText("The server asks for patience; trying again in 2 s…").waitFor();
  await added(page);
  expect(sent()).toBe(2);
  const [first = 0, second = 0] = bed.front.seen.filter(({ method }) => method === "POST").slice(-2).map(({ at }) => at);
  // Browsers' timers may be early by less than this.
  expect(second - first).toBeGreaterThan(1_950);
});

test("a refusal is a sentence with the request to quote, and nothing typed is lost, not even by a reload", async () => {
  const { page, sent } = await typed();
  const body = { status: 500, title: "Internal error", detail: "the request could not be executed", request_id: "r-42", retryable: false };
  bed.front.spoil("POST", /^\/api\/ratings$/, { status: 500, body });
  await rate(page).click();
  await page.getByRole("alert").getByText("The request could not be executed.").waitFor();
  await page.getByText("quote request r-42").waitFor();
  const key = bed.front.seen.at(-1)?.key;
  await page.reload();
  expect(await comment(page).inputValue()).toBe("All of this is kept.");
  expect(await page.getByLabel("4 of 5, good").isChecked()).toBe(true);
  await page.getByLabel("Who are you?").waitFor();
  await rate(page).click();
  await added(page);
  expect(sent()).toBe(2);
  // The same content after a reload is still the same wish.
  const last = bed.front.seen.filter(({ method, path }) => method === "POST" && path === "/api/ratings").at(-1);
  expect([last?.key, typeof key]).toEqual([key, "string"]);
  await page.reload();
  await added(page);
  expect(await comment(page).inputValue()).toBe("");
});

test("without a network the page says so, keeps what is typed, and goes on when it is back", async () => {
  const { page } = await typed();
  await page.locator(".connection.live").waitFor();
  await page.context().setOffline(true);
  await state(page, "offline");
  await rate(page).click();
  await page.getByRole("alert").getByText("You are offline.").waitFor();
  expect(await comment(page).inputValue()).toBe("All of this is kept.");
  await page.context().setOffline(false);
  await page.locator(".connection.live").waitFor();
  await rate(page).click();
  await added(page);
});

test("a server that does not answer is said, and the lists can be asked for again", async () => {
  const page = await bed.person();
  bed.front.broken = /^\/api\/users\?/;
  // Nothing but the person has it read again.
  bed.front.mode = "held";
  await page.goto("/ui/users");
  await page.getByRole("alert").getByText("The server does not answer.").waitFor();
  bed.front.broken = undefined;
  await bed.user("Somebody at last");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Somebody at last" }).waitFor();
  await page.getByRole("alert").waitFor({ state: "detached" });
});

test("two people of one name and address are told apart: the second is refused at the field", async () => {
  const page = await bed.person();
  await bed.post("/users", { name: "Ada", email: `twice-${process.pid}@example.org` });
  await page.goto("/ui/users");
  await page.locator(".users li").first().waitFor();
  await page.getByText("Add a user").click();
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("Email address").fill(`TWICE-${process.pid}@example.org`);
  await page.getByRole("button", { name: "Add" }).click();
  await page.locator("#user-email-error").waitFor();
  await page.getByRole("alert").waitFor();
  expect(await page.getByLabel("Email address").inputValue()).toContain("TWICE");
});

test("a page whose service is gone, or never was, says so", async () => {
  const page = await bed.person();
  const service = await bed.service("Soon gone");
  await page.goto(`/ui/services/${service.id}`);
  await page.getByRole("heading", { name: "Soon gone" }).waitFor();
  await page.locator(".connection.live").waitFor();
  await bed.ask("DELETE", `/services/${service.id}`);
  await page.getByRole("link", { name: "All services" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "This service is not there" }).waitFor();
});

test("the system's page shows what `ratectl top` would show of the system that runs", async () => {
  const page = await bed.person();
  await page.goto("/ui/system");
  const row = page.getByRole("row", { name: /^REQUESTS\/rating-service/ });
  await row.getByRole("img", { name: /Messages that wait/ }).waitFor();
  await bed.service("Asked for by a row of routes");
  await page.getByRole("row", { name: /^rating-service .*services/ }).first().waitFor();
});

test("the system's page says what is not to be had here", async () => {
  const page = await bed.person();
  // As a gateway with `dev: {top: false}`, however often it is asked.
  bed.front.spoil("GET", /^\/status\/top.json/, ...Array<{ status: number }>(60).fill({ status: 404 }));
  await page.goto("/ui/system");
  await page.getByRole("row", { name: /^service process ready/ }).waitFor();
  await page.getByText("The lag of consumers: not available here.").waitFor();
  bed.front.spoil("GET", /^\/status\/status.json/, { status: 404 });
  await page.getByText("This server says nothing about itself here.").waitFor();
});

/** A system of its own, which is killed. */
const system = new System();
afterAll(() => system.stop());

test("the system's own feed brings the page through every state, and each event once", async () => {
  await system.start();
  bed.front.target = system.port;
  bed.front.mode = "mute";
  const page = await bed.person();
  await page.goto("/ui/live");
  await state(page, "connecting…");
  bed.front.mode = "real";
  bed.front.hold();
  await bed.front.down();
  await bed.front.up();
  await state(page, "waiting for snapshot…");
  bed.front.release();
  await page.locator(".connection.live").waitFor();
  await bed.service("First of all");
  const events = page.locator(".events");
  await events.getByText("First of all").waitFor();

  await bed.front.down();
  await state(page, "reconnecting…");
  await bed.front.up();
  await bed.service("While nobody heard");
  await events.getByText("While nobody heard").waitFor();
  await system.kill();
  await state(page, "reconnecting…");
  await system.start();
  await page.locator(".connection.live").waitFor();
  await bed.service("After the fall");
  await events.getByText("After the fall").waitFor();
  expect(await events.locator("li").count()).toBe(3);
  await system.kill();
});

test("a server that is killed and comes back finds the page as it was, and the page finds it", async () => {
  await system.start();
  bed.front.target = system.port;
  bed.front.mode = "real";
  const { page } = await typed("Killed");
  await page.locator(".connection.live").waitFor();
  await Promise.all([system.kill(), bed.front.down()]);
  await state(page, "reconnecting…");
  await rate(page).click();
  await page.getByRole("button", { name: "Sending…" }).waitFor();
  await page.getByRole("alert").getByText("The server does not answer.").waitFor();
  expect(await comment(page).inputValue()).toBe("All of this is kept.");
  await Promise.all([system.start(), bed.front.up()]);
  await page.locator(".connection.live").waitFor();
  await rate(page).click();
  await added(page);
});
