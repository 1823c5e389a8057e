// How the system itself is: its parts, and how far its readers are behind.
import { finished } from "../api/problem";
import { Chart, shown } from "../parts/chart";
import { Grid } from "../parts/grid";
import { Heading } from "../parts/heading";
import type { ConsumerStatus, RouteStatus, SystemStatus, TopSnapshot } from "../system/status";
import { useWatching, type Look, type Series, type Watched } from "../system/watching";
import { count, span, visible } from "../text";

export function SystemPage() {
  const watched = useWatching();
  return (
    <>
      <Heading title="System" />
      <p class="lead" role="status">
        {overall(watched)}
      </p>
      {watched.status.is !== "unknown" && <Details watched={watched} />}
    </>
  );
}

/** Everything at once, so that nothing moves when the next part is known. */
function Details({ watched }: { watched: Watched }) {
  return (
    <>
      <Problems top={watched.top} />
      <section aria-labelledby="parts">
        <h2 id="parts">Parts</h2>
        <Parts look={watched.status} />
      </section>
      <section aria-labelledby="queues">
        <h2 id="queues">Queues</h2>
        {watched.top.is === "there" ? (
          <Consumers consumers={watched.top.value.consumers} pending={watched.pending} />
        ) : (
          <Missing look={watched.top} what="The lag of consumers" />
        )}
      </section>
      <section aria-labelledby="answers">
        <h2 id="answers">Answers</h2>
        {watched.top.is === "there" ? (
          <Routes routes={watched.top.value.routes} latency={watched.latency} />
        ) : (
          <Missing look={watched.top} what="The time that answers take" />
        )}
      </section>
    </>
  );
}

function overall({ status, top }: Watched): string {
  if (status.is === "unknown") return "Looking…";
  if (status.is === "away") return "The server does not answer.";
  if (status.is === "absent") return "This server says nothing about itself here.";
  const { components } = status.value;
  const unready = components.filter(({ health }) => health !== "ready");
  const problems = top.is === "there" ? top.value.problems.length : 0;
  if (unready.length > 0) return `${components.length - unready.length} of ${count(components.length, "part")} are ready.`;
  return problems === 0 ? "Everything is ready." : `Everything runs, with ${count(problems, "problem")}.`;
}

function Missing({ look, what }: { look: Look<unknown>; what: string }) {
  if (look.is === "unknown") return <p class="quiet">Looking…</p>;
  if (look.is === "away") return <p class="quiet">{what} cannot be read just now.</p>;
  return <p class="quiet">{what}: not available here. `ratectl top` shows it in a terminal.</p>;
}

function Problems({ top }: { top: Look<TopSnapshot> }) {
  if (top.is !== "there" || top.value.problems.length === 0) return null;
  return (
    <ul class="problems">
      {top.value.problems.map(({ object, state, reason, command }) => (
        <li key={`${object} ${state}`} class="notice bad">
          <p>
            <strong>
              {visible(object)}: {visible(state)}.
            </strong>{" "}
            {finished(visible(reason))}
          </p>
          {command !== "" && <code>{visible(command)}</code>}
        </li>
      ))}
    </ul>
  );
}

function Parts({ look }: { look: Look<SystemStatus> }) {
  if (look.is !== "there") return <Missing look={look} what="The state of each part" />;
  const rows = look.value.components.map(({ name, kind, health, detail, restarts }) => ({
    key: name,
    cells: [
      <>
        {visible(name)} <span class="quiet">{visible(kind)}</span>
      </>,
      <Health good={health === "ready"} word={health} reason={detail} />,
      restarts,
    ],
  }));
  return <Grid label="Parts of the system" columns={["Part", "State", "Started again"]} rows={rows} />;
}

function Health({ good, word, reason }: { good: boolean; word: string; reason: string }) {
  return (
    <>
      <span class={`health ${good ? "good" : "bad"}`}>{visible(word)}</span>
      {reason !== "" && <span class="quiet"> {visible(reason)}</span>}
    </>
  );
}

function Consumers({ consumers, pending }: { consumers: ConsumerStatus[]; pending: Record<string, Series> }) {
  if (consumers.length === 0) return <p class="quiet">No stream has a consumer.</p>;
  const rows = consumers.map(({ name, severity, state, reason, pending: waiting, lagMs }) => ({
    key: name,
    cells: [
      visible(name),
      <Health good={severity === "ok" || severity === "info"} word={state} reason={reason} />,
      waiting === undefined ? "–" : shown(waiting),
      lagMs === undefined ? "–" : span(lagMs),
      <Chart series={pending[name] ?? []} label="Messages that wait" />,
    ],
  }));
  return <Grid label="Consumers" columns={["Consumer", "State", "Waiting", "Behind", "Waiting, last 5 minutes"]} rows={rows} />;
}

function Routes({ routes, latency }: { routes: RouteStatus[]; latency: Record<string, Series> }) {
  if (routes.length === 0) return <p class="quiet">Nothing has been asked yet.</p>;
  const rows = routes.map(({ name, perSecond, p50Ms, p99Ms }) => ({
    key: name,
    cells: [
      visible(name),
      perSecond === undefined ? "–" : shown(perSecond),
      p50Ms === undefined ? "–" : span(p50Ms),
      p99Ms === undefined ? "–" : span(p99Ms),
      <Chart series={latency[name] ?? []} label="99 of 100 answers within, in milliseconds" />,
    ],
  }));
  return <Grid label="Routes" columns={["Route", "Each second", "Half within", "99 % within", "99 %, last 5 minutes"]} rows={rows} />;
}
