// Things with an id, kept up to date from pages of a list, from answers to writes and from the feed, in whatever order these come.
import type { Stored } from "../api/resources";
import { createStore, type Store } from "../store";

export type Phase = "loading" | "ready" | "failed";

export interface Contents<T> {
  phase: Phase;
  /** Why the last load failed. */
  failure?: unknown;
  items: ReadonlyMap<string, T>;
}

export class Collection<T extends Stored> {
  readonly store: Store<Contents<T>> = createStore<Contents<T>>({ phase: "loading", items: new Map() });
  /** Ids never come back, so what is gone stays gone whatever an older page says. */
  private readonly gone = new Set<string>();
  private changed = new Set<string>();

  get(id: string): T | undefined {
    return this.store.get().items.get(id);
  }

  /** Takes a newer version in; an older one is ignored. */
  upsert(...items: T[]): void {
    const next = new Map(this.store.get().items);
    for (const item of items) {
      this.changed.add(item.id);
      const known = next.get(item.id);
      if (this.gone.has(item.id) || (known && known.updatedAt > item.updatedAt)) continue;
      next.set(item.id, item);
    }
    this.store.set({ ...this.store.get(), items: next });
  }

  remove(id: string): void {
    this.gone.add(id);
    if (!this.store.get().items.has(id)) return;
    const next = new Map(this.store.get().items);
    next.delete(id);
    this.store.set({ ...this.store.get(), items: next });
  }

  /** Reads the whole list; `pages` hands over a page at a time. What the list no longer has, and nobody has written meanwhile, goes. */
  async load(pages: (onPage: (items: T[]) => void) => Promise<void>): Promise<void> {
    this.changed = new Set();
    const seen = new Set<string>();
    try {
      await pages((items) => {
        for (const item of items) seen.add(item.id);
        this.upsert(...items);
      });
    } catch (failure) {
      this.store.set({ ...this.store.get(), phase: "failed", failure });
      return;
    }
    const kept = [...this.store.get().items].filter(([id]) => seen.has(id) || this.changed.has(id));
    this.store.set({ phase: "ready", items: new Map(kept) });
  }
}
