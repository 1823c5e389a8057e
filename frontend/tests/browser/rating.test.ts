// People rate: the first time, by keyboard alone, at the same time, and against each other.
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Bed } from "../bed/people";

const bed = new Bed();
let users = 0;
/** Nobody else's address, in this run and in others on the same data. */
const address = () => `person-${process.pid}-${(users += 1)}-${Date.now()}@example.org`;

beforeAll(async () => {
  await bed.open();
  await bed.service("There before");
});
afterEach(() => {
  bed.front.mode = "live";
  return bed.leave();
});
afterAll(() => bed.close());

const rate = (page: Page) => page.getByRole("button", { name: "Rate", exact: true });
const said = (page: Page, words: string) => page.locator(".ratings").getByText(words).waitFor();

test("somebody new adds a service, rates it, changes the rating and withdraws it", async () => {
  const page = await bed.person();
  await page.goto("/ui/");
  await page.getByRole("link", { name: "There before" }).waitFor();
  await page.getByText("Add a service").click();
  await page.getByLabel("Name").fill("Corner bakery");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("heading", { level: 1, name: "Corner bakery" }).waitFor();

  await page.getByLabel("4 of 5, good").check({ force: true });
  await page.getByLabel("Comment").fill("Warm at seven.");
  await rate(page).waitFor();
  const who = page.getByLabel("Who are you?");
  if (await who.isVisible()) await who.selectOption("Somebody new…");
  await page.getByLabel("Your name").fill("Edsger");
  await page.getByLabel("Your email address").fill(address());
  await rate(page).click();
  await said(page, "Warm at seven.");
  await page.getByRole("img", { name: /^1 rating, 4.0 of 5/ }).waitFor();
  await page.getByText("This person has rated this service already.").waitFor();

  await page.getByRole("button", { name: "Change that rating" }).click();
  const form = page.getByRole("form", { name: "Change the rating" });
  await form.getByLabel("5 of 5, excellent").check({ force: true });
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByRole("img", { name: /^1 rating, 5.0 of 5/ }).waitFor();

  await page.getByRole("button", { name: "Withdraw the rating of Edsger" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
  await page.getByText("Nothing yet. Yours would be the first.").waitFor();
  expect(bed.complaints).toEqual([]);
});

test("the keyboard is enough", async () => {
  const ada = await bed.user("Ada of the keys");
  const service = await bed.service("Keyboard shop");
  const page = await bed.person();
  await page.goto("/ui/");
  await page.getByRole("link", { name: "Keyboard shop" }).waitFor();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe("Skip to the content");
  await page.keyboard.press("Enter");
  await tabTo(page, "Keyboard shop");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Keyboard shop" }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  await page.getByLabel("Who are you?").waitFor();

  await page.getByLabel("0 of 5, unusable").focus();
  for (const _step of [1, 2, 3]) await page.keyboard.press("ArrowRight");
  await page.getByText("3 of 5: fair").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type("Clicks well.");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Ada of the keys");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await said(page, "Clicks well.");

  await tabTo(page, "Withdraw the rating of Ada of the keys");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("3 of 5, fair").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  await expect.poll(focused, { timeout: 45_000 }).toBe("Withdraw the rating of Ada of the keys");

  await tabTo(page, "Edit the rating of Ada of the keys");
  await page.keyboard.press("Enter");
  const form = page.getByRole("form", { name: "Change the rating" });
  const score = form.getByRole("radio", { name: "3 of 5, fair" });
  await score.waitFor({ state: "attached" });
  await untilFocused(page, score);
  await page.keyboard.press("ArrowRight");
  await tabTo(page, "Save");
  await page.keyboard.press("Enter");
  await page.getByRole("img", { name: /^1 rating, 4.0 of 5/ }).waitFor();

  await tabTo(page, "Withdraw the rating of Ada of the keys");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("4 of 5, good").waitFor();
  await tabTo(page, "Withdraw");
  await page.keyboard.press("Enter");
  await page.getByText("Nothing yet. Yours would be the first.").waitFor();
  expect([ada.id, service.id]).not.toContain("");
});

/** Presses Tab until this has the focus. */
async function untilFocused(page: Page, wanted: Locator): Promise<void> {
  for (let presses = 0; presses < 400; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("Tab does not lead there");
}

/** Presses Tab until what has the focus has this name; fails if nothing in the page has. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 400; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement?.textContent?.trim())) === name) return;
  }
  throw new Error(`the focus never came to '${name}'`);
}

test("two people see each other's changes, by the system's own feed", async () => {
  bed.front.mode = "real";
  const [ada, grace] = [await bed.user("Ada of two"), await bed.user("Grace of two")];
  const service = await bed.service("Shared well");
  const [one, other] = [await bed.person(), await bed.person()];
  await one.goto("/ui/");
  await other.goto(`/ui/services/${service.id}`);
  await one.getByLabel("Search").fill("Shared well");
  await one.getByText("Not rated yet").waitFor();
  await other.getByText("Nothing yet.").waitFor();
  for (const page of [one, other]) await page.locator(".connection.live").waitFor();

  const rating = await bed.rating(ada, service, 2, "Cold water.");
  await said(other, "Cold water.");
  await other.getByText("Ada of two").first().waitFor();
  await one.getByRole("img", { name: /^1 rating, 2.0 of 5/ }).waitFor();
  await bed.rating(grace, service, 4);
  await one.getByRole("img", { name: /^2 ratings, 3.0 of 5/ }).waitFor();
  await bed.ask("DELETE", `/ratings/${rating.id}`);
  await other.getByText("Cold water.").waitFor({ state: "detached" });
  await one.getByRole("img", { name: /^1 rating, 4.0 of 5/ }).waitFor();
  await bed.service("Shared well, the second");
  await one.getByRole("link", { name: "Shared well, the second" }).waitFor();
});

test("who changes what somebody else has changed is shown both, and chooses", async () => {
  const [ada, service] = [await bed.user("Ada of conflicts"), await bed.service("Contested")];
  const rating = await bed.rating(ada, service, 3, "As it was.");
  const page = await bed.person();
  const open = page.getByRole("button", { name: "Edit the rating of Ada of conflicts" });
  const form = page.getByRole("form", { name: "Change the rating" });
  const change = (score: number, comment: string) => bed.ask("PUT", `/ratings/${rating.id}`, { score, comment }, { "if-match": "*" });
  const stored = async () => (await bed.ask("GET", `/ratings/${rating.id}`)) as { score: number; comment: string };

  await page.goto(`/ui/services/${service.id}`);
  await open.click();
  await form.getByLabel("Comment").fill("My words.");
  await change(1, "Their words.");
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByText("Somebody else has changed this rating meanwhile").waitFor();
  const table = await form.getByRole("table").innerText();
  for (const words of ["My words.", "Their words.", "3 of 5, fair", "1 of 5, poor"]) expect(table).toContain(words);
  expect(await stored()).toMatchObject({ score: 1, comment: "Their words." });

  await form.getByRole("button", { name: "Go on editing mine" }).click();
  expect(await form.getByLabel("Comment").inputValue()).toBe("My words.");
  await change(0, "Theirs again.");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByRole("button", { name: "Save mine" }).click();
  await form.waitFor({ state: "detached" });
  expect(await stored()).toMatchObject({ score: 3, comment: "My words." });

  await open.click();
  await form.getByLabel("Comment").fill("Mine, the last.");
  await change(5, "The last word.");
  // The version a change was made for outlives a reload, as its words do.
  await page.reload();
  expect(await form.getByLabel("Comment").inputValue()).toBe("Mine, the last.");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByRole("button", { name: "Keep theirs" }).click();
  await said(page, "The last word.");
  expect(await stored()).toMatchObject({ score: 5, comment: "The last word." });
});

test("what has changed since it was shown is not withdrawn unseen", async () => {
  const [ada, service] = [await bed.user("Ada of withdrawals"), await bed.service("Withdrawn")];
  const rating = await bed.rating(ada, service, 1, "Bad.");
  const page = await bed.person();
  await page.goto(`/ui/services/${service.id}`);
  await page.getByRole("button", { name: "Withdraw the rating of Ada of withdrawals" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("1 of 5, poor").waitFor();
  await bed.ask("PUT", `/ratings/${rating.id}`, { score: 5, comment: "Good after all." }, { "if-match": "*" });
  await dialog.getByRole("button", { name: "Withdraw" }).click();
  await dialog.getByText("It has changed meanwhile.").waitFor();
  await dialog.getByText("5 of 5, excellent").waitFor();
  await dialog.getByRole("button", { name: "Withdraw" }).click();
  await page.getByText("Nothing yet. Yours would be the first.").waitFor();
});

const NAMES = [
  { what: "markup", name: `<script>document.title='owned'</script><img src=x onerror="document.title='owned'">` },
  { what: "right-to-left", name: "\u202egnirb‮ עדה" },
  { what: "four-byte characters", name: "𝒜da 👩‍🚀 𠜎" },
  { what: "one long word", name: "w".repeat(200) },
];

test.each(NAMES)("a name is only ever text: $what", async ({ name }) => {
  const ada = await bed.user(name);
  const service = await bed.service(name, name);
  await bed.rating(ada, service, 4, name);
  const page = await bed.person({ viewport: { width: 320, height: 700 } });
  for (const path of ["/ui/", `/ui/services/${service.id}`, "/ui/users", "/ui/live"]) {
    await page.goto(path);
    await page.locator(".connection.live").waitFor();
    if (path === "/ui/live") bed.front.emit("events.user.created", { id: ada.id, name: `${name}\u0000\u001b[31m` });
    await page.locator("bdi").filter({ hasText: path === "/ui/live" ? "⟨0000⟩⟨001B⟩" : name }).first().waitFor();
    expect(await page.locator("main script, main img").count()).toBe(0);
    expect(await page.title()).not.toBe("owned");
    expect(await page.title()).not.toContain("\u202e");
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, path).toBeLessThanOrEqual(0);
  }
  expect(bed.complaints).toEqual([]);
});

test("a name with a control byte is refused in words, at its field, with the request to quote", async () => {
  const page = await bed.person();
  await page.goto("/ui/users");
  await page.getByText("Add a user").click();
  await page.getByLabel("Name").fill("a\u0007b");
  await page.getByLabel("Email address").fill(address());
  await page.getByRole("button", { name: "Add" }).click();
  await page.locator(".error").getByText("Must not contain control characters.").waitFor();
  await page.getByText(/quote request [0-9a-f-]{36}/).waitFor();
  expect(await page.getByLabel("Name").inputValue()).toBe("a\u0007b");
});
