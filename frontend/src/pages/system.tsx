// How the system itself is: its parts, and how far its readers are behind.
import { finished } from "../api/problem";
import { Chart, shown } from "../parts/chart";
import { Heading } from "../parts/heading";
import type { ConsumerStatus, RouteStatus, SystemStatus, TopSnapshot } from "../system/status";
import { useWatching, type Look, type Series, type Watched } from "../system/watching";
import { count, visible } from "../text";

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
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Parts of the system">
      <table class="grid">
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">State</th>
            <th scope="col">Started again</th>
          </tr>
        </thead>
        <tbody>
          {look.value.components.map(({ name, kind, health, detail, restarts }) => (
            <tr key={name}>
              <th scope="row">
                {visible(name)} <span class="quiet">{visible(kind)}</span>
              </th>
              <td>
                <span class={`health ${health === "ready" ? "good" : "bad"}`}>{visible(health)}</span>
                {detail !== "" && <span class="quiet"> {visible(detail)}</span>}
              </td>
              <td class="number">{restarts}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Consumers({ consumers, pending }: { consumers: ConsumerStatus[]; pending: Record<string, Series> }) {
  if (consumers.length === 0) return <p class="quiet">No stream has a consumer.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Consumers">
      <table class="grid">
        <thead>
          <tr>
            <th scope="col">Consumer</th>
            <th scope="col">State</th>
            <th scope="col">Waiting</th>
            <th scope="col">Behind</th>
            <th scope="col">Last five minutes</th>
          </tr>
        </thead>
        <tbody>
          {consumers.map((consumer) => (
            <tr key={consumer.name}>
              <th scope="row">{visible(consumer.name)}</th>
              <td>
                <span class={`health ${consumer.severity === "ok" || consumer.severity === "info" ? "good" : "bad"}`}>{visible(consumer.state)}</span>
                {consumer.reason !== "" && <span class="quiet"> {visible(consumer.reason)}</span>}
              </td>
              <td class="number">{consumer.pending === undefined ? "–" : shown(consumer.pending)}</td>
              <td class="number">{consumer.lagMs === undefined ? "–" : `${shown(consumer.lagMs)} ms`}</td>
              <td>
                <Chart series={pending[consumer.name] ?? []} label="Messages that wait" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Routes({ routes, latency }: { routes: RouteStatus[]; latency: Record<string, Series> }) {
  if (routes.length === 0) return <p class="quiet">Nothing has been asked yet.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Routes">
      <table class="grid">
        <thead>
          <tr>
            <th scope="col">Route</th>
            <th scope="col">Each second</th>
            <th scope="col">Half within</th>
            <th scope="col">99 % within</th>
            <th scope="col">Last five minutes</th>
          </tr>
        </thead>
        <tbody>
          {routes.map((route) => (
            <tr key={route.name}>
              <th scope="row">{visible(route.name)}</th>
              <td class="number">{route.perSecond === undefined ? "–" : shown(route.perSecond)}</td>
              <td class="number">{route.p50Ms === undefined ? "–" : `${shown(route.p50Ms)} ms`}</td>
              <td class="number">{route.p99Ms === undefined ? "–" : `${shown(route.p99Ms)} ms`}</td>
              <td>
                <Chart series={latency[route.name] ?? []} label="99 of 100 answers within, in milliseconds" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
