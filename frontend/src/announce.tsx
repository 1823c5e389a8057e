// Says to screen readers, and shows for a while, what has just been done.
import { createStore, useStore } from "./store";

const said = createStore<{ words: string; at: number }>({ words: "", at: 0 });

export function announce(words: string): void {
  said.set({ words, at: Date.now() });
}

export function Announcements() {
  const { words, at } = useStore(said);
  return (
    <p class="said" role="status">
      {words !== "" && <span key={at}>{words}</span>}
    </p>
  );
}
