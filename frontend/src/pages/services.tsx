// All services: found by name, put in an order, with how each is rated.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Service, Summary } from "../api/resources";
import { loadServices, services, summaries, wantSummary } from "../data/catalogue";
import { ORDERS, ordered, type Order } from "../data/order";
import { Field } from "../parts/field";
import { Heading } from "../parts/heading";
import { SmallHistogram } from "../parts/histogram";
import { Name } from "../parts/name";
import { FailureNotice } from "../parts/notice";
import { Stars } from "../parts/stars";
import { Link, hrefOf } from "../router";
import { useStore } from "../store";
import { count, folded, mean } from "../text";
import { NewService } from "./service-form";

/** Rows shown before somebody asks for more. */
const PORTION = 50;

export function ServicesPage() {
  const { phase, failure, items } = useStore(services.store);
  const rated = useStore(summaries);
  const [search, setSearch] = useState("");
  const [order, setOrder] = useState<Order>("name");
  const [portions, setPortions] = useState(1);
  useEffect(() => void loadServices(), []);

  const found = useFound(items, search);
  const rows = useOrder(found, order, rated, search);
  const known = rows.filter(({ id }) => rated.has(id)).length;
  const shown = rows.slice(0, portions * PORTION);
  useEffect(() => {
    // What decides the order is needed of all, and of the rest only what is seen.
    const needed = byRating(order) ? rows : shown;
    for (const service of needed) wantSummary(service.id);
  });

  return (
    <>
      <Heading title="Services" />
      <p class="lead">Choose one to see what others think of it, and to rate it yourself.</p>
      {phase === "failed" && (
        <FailureNotice failure={failure}>
          <button type="button" onClick={() => void loadServices()}>
            Try again
          </button>
        </FailureNotice>
      )}
      <form class="tools" role="search" onSubmit={(event) => event.preventDefault()}>
        <Field id="search" label="Search" type="search" value={search} onInput={setSearch} />
        <div class="field">
          <label for="order">Sort by</label>
          <select id="order" value={order} onChange={(event) => setOrder(event.currentTarget.value as Order)}>
            {ORDERS.map(({ order, words }) => (
              <option key={order} value={order}>
                {words}
              </option>
            ))}
          </select>
        </div>
      </form>
      <p class="result quiet" role="status">
        {phase === "loading" && items.size === 0 ? "Loading…" : result(rows.length, items.size, search)}
        {byRating(order) && known < rows.length && `. Reading how they are rated: ${Math.floor((known / rows.length) * 10) * 10} %…`}
      </p>
      <ul class="services">
        {shown.map((service) => (
          <Row key={service.id} service={service} summary={rated.get(service.id)} />
        ))}
      </ul>
      {rows.length > shown.length && (
        <button type="button" onClick={() => setPortions(portions + 1)}>
          Show {Math.min(PORTION, rows.length - shown.length)} more
        </button>
      )}
      {(phase !== "loading" || items.size > 0) && <NewService open={phase === "ready" && items.size === 0} />}
    </>
  );
}

function result(found: number, all: number, search: string): string {
  if (all === 0) return "There are no services yet. Add the first one below.";
  if (search.trim() === "") return count(all, "service");
  return found === 0 ? "No service has these words." : `${found.toLocaleString("en")} of ${count(all, "service")}`;
}

function useFound(items: ReadonlyMap<string, Service>, search: string): Service[] {
  return useMemo(() => {
    const words = folded(search).split(/\s+/).filter(Boolean);
    return [...items.values()].filter((service) => {
      const text = folded(`${service.name} ${service.description}`);
      return words.every((word) => text.includes(word));
    });
  }, [items, search]);
}

/** Whether an order needs to know how every service is rated. */
function byRating(order: Order): boolean {
  return order !== "name" && order !== "newest";
}

/** The order stays while people read: only what comes and goes, and another wish, changes it; a new rating moves nothing. */
function useOrder(found: Service[], order: Order, rated: ReadonlyMap<string, Summary>, search: string): Service[] {
  const settled = !byRating(order) || found.every(({ id }) => rated.has(id));
  const ids = found.map(({ id }) => id).join();
  const last = useRef<{ cause: string; ids: string[] }>({ cause: "", ids: [] });
  const cause = `${order} ${search} ${settled} ${ids}`;
  if (last.current.cause !== cause) {
    last.current = { cause, ids: ordered(found, settled ? order : "name", rated).map(({ id }) => id) };
  }
  const byId = new Map(found.map((service) => [service.id, service]));
  return last.current.ids.flatMap((id) => byId.get(id) ?? []);
}

function Row({ service, summary }: { service: Service; summary: Summary | undefined }) {
  return (
    <li>
      <div class="service-text">
        <h2>
          <Link href={hrefOf({ page: "service", id: service.id })}>
            <Name text={service.name} />
          </Link>
        </h2>
        {service.description !== "" && (
          <p class="quiet clipped">
            <Name text={service.description} />
          </p>
        )}
      </div>
      <div class="service-rating">{summary ? <RatingOf summary={summary} /> : <span class="quiet">…</span>}</div>
    </li>
  );
}

function RatingOf({ summary }: { summary: Summary }) {
  if (summary.mean === null) return <span class="quiet">Not rated yet</span>;
  return (
    <>
      <span class="mean">{mean(summary.mean)}</span>
      <span class="service-stars">
        <Stars value={summary.mean} />
        <span class="quiet">{count(summary.count, "rating")}</span>
      </span>
      <SmallHistogram summary={summary} />
    </>
  );
}
