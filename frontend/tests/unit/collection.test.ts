import { describe, expect, test } from "vitest";
import { Collection } from "../../src/data/collection";

interface Thing {
  id: string;
  name: string;
  createdAt: string;
  updatedAt: string;
}

const thing = (id: string, name: string, second = 1): Thing => ({ id, name, createdAt: "", updatedAt: `2026-11-22T00:00:0${second}Z` });
const names = (things: Collection<Thing>) => [...things.store.get().items.values()].map(({ name }) => name);

describe("a collection", () => {
  test("keeps the newest of what comes in any order", () => {
    const things = new Collection<Thing>();
    things.upsert(thing("1", "new", 2));
    things.upsert(thing("1", "old", 1));
    expect(names(things)).toEqual(["new"]);
  });

  test("forgets what a whole list no longer has, but not what was written meanwhile", async () => {
    const things = new Collection<Thing>();
    things.upsert(thing("1", "gone"));
    await things.load(async (onPage) => {
      onPage([thing("2", "listed")]);
      things.upsert(thing("3", "written meanwhile"));
    });
    expect(names(things)).toEqual(["listed", "written meanwhile"]);
    expect(things.store.get().phase).toBe("ready");
  });

  test("does not take back what has been removed", async () => {
    const things = new Collection<Thing>();
    await things.load(async (onPage) => {
      things.remove("1");
      onPage([thing("1", "removed while it was read")]);
    });
    expect(names(things)).toEqual([]);
  });

  test("keeps what it has when it cannot be read, and says why", async () => {
    const things = new Collection<Thing>();
    things.upsert(thing("1", "kept"));
    const failure = new Error("away");
    await things.load(() => Promise.reject(failure));
    expect(things.store.get()).toMatchObject({ phase: "failed", failure });
    expect(names(things)).toEqual(["kept"]);
  });
});
