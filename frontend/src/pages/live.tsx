// The event stream as it happens.
import { useState } from "preact/hooks";
import { feed } from "../data/catalogue";
import { seen } from "../data/events";
import { happening, record, type Change } from "../feed/change";
import { ConnectionSentence } from "../parts/connection";
import { Heading } from "../parts/heading";
import { Name } from "../parts/name";
import { Stars } from "../parts/stars";
import { useStore } from "../store";
import { count, moment, visible } from "../text";

const KINDS = [
  { aggregate: "", words: "All" },
  { aggregate: "rating", words: "Ratings" },
  { aggregate: "service", words: "Services" },
  { aggregate: "user", words: "Users" },
];

export function LivePage() {
  const now = useStore(seen);
  const state = useStore(feed.state);
  const [kind, setKind] = useState("");
  const [held, setHeld] = useState<Change[]>();
  const all = held ?? now.changes;
  const shown = kind === "" ? all : all.filter((change) => happening(change).aggregate === kind);
  return (
    <>
      <Heading title="Live" />
      <p class="lead steady">
        <ConnectionSentence />
      </p>
      <div class="tools">
        <fieldset class="choice">
          <legend class="unseen">Show</legend>
          {KINDS.map(({ aggregate, words }) => (
            <label key={aggregate}>
              <input type="radio" name="kind" checked={kind === aggregate} onChange={() => setKind(aggregate)} />
              <span>{words}</span>
            </label>
          ))}
        </fieldset>
        <button type="button" aria-pressed={held !== undefined} onClick={() => setHeld(held ? undefined : now.changes)}>
          Pause
        </button>
      </div>
      <p class="result quiet">{count(now.total, "event")} since this page was opened</p>
      {shown.length === 0 && (
        <p class="empty">
          {state === "live" ? "Nothing has happened yet. Rate a service in another window and watch." : "There are no events to show."}
        </p>
      )}
      <ol class="events" reversed>
        {shown.map((change) => (
          <Row key={change.sequence} change={change} />
        ))}
      </ol>
    </>
  );
}

function Row({ change }: { change: Change }) {
  const { aggregate, what } = happening(change);
  return (
    <li>
      <span class="event-number quiet">{change.sequence}</span>
      <span class="event-what">
        {aggregate === "" ? visible(change.subject) : `${visible(aggregate)} ${visible(what)}`}
      </span>
      <span class="event-content">
        <Content change={change} />
      </span>
      {change.time !== "" && (
        <time class="quiet" dateTime={change.time}>
          {moment(change.time)}
        </time>
      )}
    </li>
  );
}

/** What there is to see of any event, known or not. */
function Content({ change }: { change: Change }) {
  const { score, comment, name } = record(change.data);
  if (typeof score === "number") {
    return (
      <>
        <Stars value={score} label={`${score} of 5`} /> {typeof comment === "string" && <Name text={visible(comment)} />}
      </>
    );
  }
  if (typeof name === "string") return <Name text={visible(name)} />;
  if (change.data === undefined) return null;
  return <code>{visible(JSON.stringify(change.data)).slice(0, 300)}</code>;
}
