import { expect, test } from "vitest";
import { ordered, type Order } from "../../src/data/order";
import { inWords } from "../../src/parts/histogram";
import { hrefOf, routeOf } from "../../src/router";
import { count, folded, mean, plain, scoreWord, span, visible } from "../../src/text";

test("what cannot be seen is shown by its code, and taken out of labels", () => {
  expect(visible("a\u0000b\u001b[31m\u202ec\n")).toBe("a⟨0000⟩b⟨001B⟩[31m⟨202E⟩c\n");
  expect(plain("\u202eevil\u2066 x\u0007")).toBe("evil x");
  expect(plain("𝒜da 👩‍🚀 עדה")).toBe("𝒜da 👩‍🚀 עדה");
});

test("numbers agree with their words", () => {
  expect([count(1, "rating"), count(0, "rating"), count(1234, "reply", "replies")]).toEqual(["1 rating", "0 ratings", "1,234 replies"]);
  expect([mean(4), mean(4.349)]).toEqual(["4.0", "4.3"]);
  expect([0, 5, 7, -1].map(scoreWord)).toEqual(["unusable", "excellent", "excellent", "unusable"]);
});

test("times have a unit that suits them", () => {
  expect([0, 0.4, 3.14, 46, 1_500, 46_000, 119_000, 720_000, 7_500_000].map(span)).toEqual([
    "0 ms", "0.4 ms", "3.1 ms", "46 ms", "1,500 ms", "46 s", "119 s", "12 min", "2.1 h",
  ]);
});

test("search knows neither case nor accents", () => {
  expect(folded("Łódź CAFÉ")).toBe(folded("Łódź café"));
  expect(folded("Café")).toBe("cafe");
});

test("a histogram has words", () => {
  expect(inWords({ serviceId: "1", count: 3, mean: 4.3333, histogram: [0, 0, 0, 1, 0, 2] })).toBe(
    "3 ratings, 4.3 of 5 on average: 2 with 5, 0 with 4, 1 with 3, 0 with 2, 0 with 1, 0 with 0",
  );
  expect(inWords({ serviceId: "1", count: 0, mean: null, histogram: [0, 0, 0, 0, 0, 0] })).toBe("Not rated yet");
});

const ID = "01932c07-209c-7d3e-8f3a-2b1c4d5e6f70";
test.each([
  ["/ui", "services"],
  ["/ui/", "services"],
  ["/ui/services", "services"],
  [`/ui/services/${ID}`, "service"],
  ["/ui/services/42", "nowhere"],
  ["/ui/users/", "users"],
  ["/ui/users/x", "nowhere"],
  ["/ui/live", "live"],
  ["/ui/system", "system"],
  ["/ui/constructor", "nowhere"],
])("%s is the page %s", (path, page) => {
  expect(routeOf(path).page).toBe(page);
});

test("a page's address leads to it", () => {
  for (const page of ["services", "users", "live", "system"] as const) expect(routeOf(hrefOf({ page }))).toEqual({ page });
  expect(routeOf(hrefOf({ page: "service", id: ID }))).toEqual({ page: "service", id: ID });
});

test.each<[Order, string]>([
  ["name", "a2 a10 B c"],
  ["best", "c a2 a10 B"],
  ["worst", "a10 a2 c B"],
  ["most", "a10 a2 c B"],
  ["newest", "B c a10 a2"],
])("by %s services come as %s", (order, names) => {
  const service = (name: string, createdAt: string) => ({ id: name, name, description: "", createdAt, updatedAt: "" });
  const services = [service("c", "3"), service("a10", "2"), service("B", "4"), service("a2", "1")];
  const summary = (serviceId: string, count: number, mean: number | null) => ({ serviceId, count, mean, histogram: [] });
  const summaries = new Map([
    ["c", summary("c", 1, 5)],
    ["a10", summary("a10", 9, 1.5)],
    ["a2", summary("a2", 2, 2)],
    ["B", summary("B", 0, null)],
  ]);
  expect(ordered(services, order, summaries).map(({ name }) => name).join(" ")).toBe(names);
});
