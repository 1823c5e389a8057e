// The last events of the feed, for whoever wants to watch them go by.
import type { Change } from "../feed/change";
import type { Feed } from "../feed/feed";
import { createStore, type Store } from "../store";

/** Events kept: as many as anybody scrolls back. */
export const KEPT = 200;

export interface Seen {
  /** Newest first. */
  changes: Change[];
  /** All since the page was loaded. */
  total: number;
}

export const seen: Store<Seen> = createStore<Seen>({ changes: [], total: 0 });

/** Events that have come since the last frame was drawn. */
let fresh: Change[] = [];

/** Begins to keep what the feed says. Many events a second are shown with one redraw a frame. */
export function startSeeing(feed: Feed): void {
  feed.listen({
    onChange(change) {
      fresh.push(change);
      if (fresh.length === 1) requestAnimationFrame(show);
    },
  });
}

function show(): void {
  const { changes, total } = seen.get();
  seen.set({ changes: [...fresh.reverse(), ...changes].slice(0, KEPT), total: total + fresh.length });
  fresh = [];
}
