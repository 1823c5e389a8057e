// In words, whether what is shown is what is.
import { feed } from "../data/catalogue";
import type { FeedState } from "../feed/feed";
import { useStore } from "../store";

const WORDS: Record<FeedState, string> = {
  connecting: "connecting…",
  waiting: "waiting for snapshot…",
  live: "live",
  reconnecting: "reconnecting…",
  absent: "not live",
  offline: "offline",
};

const MEANING: Record<FeedState, string> = {
  connecting: "Looking for the live feed. Changes by others are not shown yet.",
  waiting: "Connected to the live feed, which has not said yet where it begins.",
  live: "Changes by others appear here at once.",
  reconnecting: "The live feed broke off. What changed meanwhile is made up for when it is back.",
  absent: "This server has no live feed. The page looks for changes every 15 seconds.",
  offline: "No network. What you type is kept until it is back.",
};

export function Connection() {
  const state = useStore(feed.state);
  return (
    <p class={`connection ${state}`} role="status" title={MEANING[state]}>
      <span class="unseen">Connection: </span>
      {WORDS[state]}
    </p>
  );
}

/** The same as a sentence, for the pages where it matters. */
export function ConnectionSentence() {
  return <>{MEANING[useStore(feed.state)]}</>;
}
