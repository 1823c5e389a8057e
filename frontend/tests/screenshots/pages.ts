// Pictures of every page, light and dark, narrow and wide, into SCREENSHOTS (or screenshots/).
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Bed } from "../bed/people";
import { TOP } from "../bed/top";

const FOLDER = process.env["SCREENSHOTS"] ?? "screenshots";
const bed = new Bed();
let printShop: { id: string };

const SERVICES: [string, string, number[]][] = [
  ["Print shop", "Posters by Friday, business cards while you wait. Brings its own coffee.", [5, 4, 4, 5, 3, 5]],
  ["City library", "Books, quiet, and a reading room under the roof.", [5, 5, 4]],
  ["Night bus 7", "From the harbour to the hills, every forty minutes until four.", [1, 2, 3, 0, 2]],
  ["Bicycle repair", "", [4]],
  ["Swimming pool", "Twenty-five metres, cold on purpose.", []],
];
const PEOPLE = ["Ada Lovelace", "Grace Hopper", "Edsger Dijkstra", "Barbara Liskov", "Tony Hoare", "Радия Перлман"];
const EMAILS = ["ada", "grace", "edsger", "barbara", "tony", "radia"];
const WORDS = [
  "Came on a Thursday with a poster for Friday. It hung on Friday.",
  "Good paper. The colours were a touch darker than on the screen.",
  undefined,
  "They found my typo before printing two hundred of it.",
  "Fine work, long queue.",
  "Perfect.",
];

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  await bed.open();
  bed.front.top = TOP;
  const people = await Promise.all(
    PEOPLE.map((name, place) => bed.post("/users", { name, email: `${EMAILS[place]}@example.org` })),
  );
  for (const [name, description, scores] of SERVICES) {
    const service = await bed.service(name, description);
    printShop ??= service;
    for (const [place, score] of scores.entries()) {
      const person = people[place];
      if (person) await bed.rating(person, service, score, name === "Print shop" ? WORDS[place] : undefined);
    }
  }
});
afterAll(() => bed.close());

const PAGES = [
  { name: "services", path: () => "/ui/", seen: "Night bus 7" },
  { name: "service", path: () => `/ui/services/${printShop.id}`, seen: "What people say" },
  { name: "users", path: () => "/ui/users", seen: "Ada Lovelace" },
  { name: "live", path: () => "/ui/live", seen: "events since" },
  { name: "system", path: () => "/ui/system", seen: "rating-service" },
];

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [360, 1280]) {
    test(`${colorScheme} at ${width} px`, async () => {
      const viewport = { width, height: width < 500 ? 760 : 800 };
      const page = await bed.person({ colorScheme, viewport, reducedMotion: "reduce" });
      for (const { name, path, seen } of PAGES) {
        await page.goto(path());
        await page.getByText(seen).first().waitFor();
        await page.locator(".connection.live").waitFor();
        if (name === "live") {
          bed.front.emit("events.user.created", { id: "1", name: "Ada Lovelace" });
          bed.front.emit("events.service.updated", { id: "2", name: "City library" });
          bed.front.emit("events.rating.created", { id: "3", score: 4, comment: "Good paper." });
          await page.getByText("Good paper.").waitFor();
        }
        const file = join(FOLDER, `${name}-${colorScheme}-${width}.png`);
        const picture = await page.screenshot({ path: file, fullPage: true });
        expect(picture.length).toBeGreaterThan(1_000);
      }
      await bed.leave();
    });
  }
}

// What the README shows; small enough to be kept with the sources.
test.each([
  { name: "services", colorScheme: "light" as const },
  { name: "service", colorScheme: "dark" as const },
])("the README's $name", async ({ name, colorScheme }) => {
  const page = await bed.person({ colorScheme, viewport: { width: 1100, height: 640 }, reducedMotion: "reduce" });
  await page.goto(name === "services" ? "/ui/" : `/ui/services/${printShop.id}`);
  await page.locator(".connection.live").waitFor();
  await page.getByText("6 ratings").first().waitFor();
  if (name === "service") await page.getByLabel("4 of 5, good").check({ force: true });
  await page.screenshot({ path: join(FOLDER, `readme-${name}.png`) });
  await bed.leave();
});
