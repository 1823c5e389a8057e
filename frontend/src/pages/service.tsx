// One service: how it is rated, by whom, and the form to rate it.
import { useEffect, useMemo, useState } from "preact/hooks";
import { announce } from "../announce";
import { Failure } from "../api/problem";
import * as api from "../api/resources";
import type { Rating, Service } from "../api/resources";
import { POLL_MS, feed, keepUp, loadUsers, refreshSummary, resourceOf, services, summaries, users, wantSummary } from "../data/catalogue";
import { Collection } from "../data/collection";
import { begin, isBegun } from "../editing";
import { happening } from "../feed/change";
import { Heading } from "../parts/heading";
import { Histogram, inWords } from "../parts/histogram";
import { Name } from "../parts/name";
import { FailureNotice } from "../parts/notice";
import { Removal } from "../parts/removal";
import { Stars } from "../parts/stars";
import { Link, hrefOf, navigate } from "../router";
import { useSaving } from "../saving";
import { useStore } from "../store";
import { count, mean, plain } from "../text";
import { RatingForm } from "./rating-form";
import { RatingRow } from "./rating-row";
import { EditService, serviceFields } from "./service-form";

/** Ratings shown before somebody asks for more. */
const PORTION = 50;

/** The service itself, and why it is not there. */
function useService(id: string): { service: Service | undefined; failure: unknown; again: () => void } {
  const service = useStore(services.store).items.get(id);
  const [failure, setFailure] = useState<unknown>();
  const read = () =>
    void api.get("services", id).then(
      ({ body }) => (setFailure(undefined), services.upsert(body)),
      (failure: unknown) => {
        if (failure instanceof Failure && failure.status === 404) services.remove(id);
        setFailure(failure);
      },
    );
  useEffect(read, [id]);
  return { service, failure, again: read };
}

/** The service's ratings, kept up to date while the page is shown. */
function useRatings(serviceId: string): { ratings: Collection<Rating>; load: () => void } {
  const ratings = useMemo(() => new Collection<Rating>(), [serviceId]);
  const load = () => void ratings.load((onPage) => api.list("ratings", { serviceId }, onPage));
  useEffect(() => {
    load();
    const poll = setInterval(() => {
      if (!document.hidden && feed.state.get() === "absent") load();
    }, POLL_MS);
    const deaf = feed.listen({
      onSnapshot: load,
      onChange(change) {
        const { aggregate, what } = happening(change);
        if (aggregate === "rating" && resourceOf<Rating>(change)?.serviceId === serviceId) keepUp(ratings, change, what);
      },
    });
    return () => {
      clearInterval(poll);
      deaf();
    };
  }, [ratings]);
  return { ratings, load };
}

export function ServicePage({ id }: { id: string }) {
  const { service, failure, again } = useService(id);
  const { ratings, load } = useRatings(id);
  const [editing, setEditing] = useState<string>();
  useEffect(() => {
    wantSummary(id);
    void loadUsers();
  }, [id]);

  if (!service) {
    const gone = failure instanceof Failure && failure.status === 404;
    return (
      <>
        <Heading title={gone ? "This service is not there" : "Service"} />
        {failure === undefined && <p class="quiet">Loading…</p>}
        {gone && <p class="lead">It may have been removed.</p>}
        {failure !== undefined && !gone && (
          <FailureNotice failure={failure}>
            <button type="button" onClick={again}>
              Try again
            </button>
          </FailureNotice>
        )}
        <Link href={hrefOf({ page: "services" })}>All services</Link>
      </>
    );
  }
  return (
    <>
      <Title service={service} />
      <div class="columns">
        <section aria-label="Ratings">
          <Overall id={id} />
          <Ratings ratings={ratings} onRetry={load} editing={editing} onEditing={setEditing} />
        </section>
        <aside aria-label="Your rating">
          <RatingForm service={service} ratings={ratings} onEdit={(rating) => (ratings.upsert(rating), setEditing(rating.id))} />
        </aside>
      </div>
    </>
  );
}

function Title({ service }: { service: Service }) {
  const [editing, setEditing] = useState(() => isBegun("services", service.id));
  const [removing, setRemoving] = useState(false);
  const opening = useSaving();
  const edit = async () => {
    if (await opening.run(() => begin("services", service.id, serviceFields))) setEditing(true);
  };
  return (
    <>
      <p class="trail">
        <Link href={hrefOf({ page: "services" })}>Services</Link>
      </p>
      <Heading title={service.name}>
        <Name text={service.name} />
      </Heading>
      {service.description !== "" && (
        <p class="lead lines">
          <Name text={service.description} />
        </p>
      )}
      {opening.failure !== undefined && <FailureNotice failure={opening.failure} />}
      {editing ? (
        <EditService service={service} onClose={() => setEditing(false)} />
      ) : (
        <div class="buttons small">
          <button type="button" onClick={() => void edit()} disabled={opening.busy}>
            Edit<span class="unseen"> the service</span>
          </button>
          <button type="button" onClick={() => setRemoving(true)}>
            Remove<span class="unseen"> the service</span>
          </button>
        </div>
      )}
      {removing && (
        <Removal
          collection="services"
          id={service.id}
          title="Remove this service?"
          verb="Remove"
          describe={(item) => (
            <p>
              <Name text={item.name} /> will be gone for everybody. A service that has ratings cannot be removed.
            </p>
          )}
          onRemoved={() => {
            services.remove(service.id);
            announce("The service is removed.");
            navigate(hrefOf({ page: "services" }));
          }}
          onClose={() => setRemoving(false)}
        />
      )}
    </>
  );
}

function Overall({ id }: { id: string }) {
  const summary = useStore(summaries).get(id);
  if (!summary) return <div class="overall" aria-busy="true" />;
  return (
    <div class="overall">
      <p class="overall-mean" aria-label={inWords(summary)} role="img">
        <span class="mean large">{summary.mean === null ? "–" : mean(summary.mean)}</span>
        <Stars value={summary.mean ?? 0} />
        <span class="quiet">{summary.count === 0 ? "Not rated yet" : count(summary.count, "rating")}</span>
      </p>
      <Histogram summary={summary} />
    </div>
  );
}

interface RatingsProps {
  ratings: Collection<Rating>;
  onRetry: () => void;
  editing: string | undefined;
  onEditing: (id: string | undefined) => void;
}

function Ratings({ ratings, onRetry, editing, onEditing }: RatingsProps) {
  const { phase, failure, items } = useStore(ratings.store);
  const people = useStore(users.store).items;
  const [portions, setPortions] = useState(1);
  const newest = [...items.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
  const shown = newest.filter((rating, place) => place < portions * PORTION || rating.id === editing);
  return (
    <>
      <h2>What people say</h2>
      {phase === "failed" && (
        <FailureNotice failure={failure}>
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        </FailureNotice>
      )}
      {phase === "loading" && items.size === 0 && <p class="quiet">Loading…</p>}
      {phase === "ready" && items.size === 0 && <p class="quiet">Nothing yet. Yours would be the first.</p>}
      <ul class="ratings">
        {shown.map((rating) => (
          <RatingRow
            key={rating.id}
            rating={rating}
            author={people.get(rating.userId)?.name}
            asked={editing === rating.id}
            onSettled={() => onEditing(undefined)}
            onSaved={(saved) => {
              ratings.upsert(saved);
              refreshSummary(saved.serviceId);
            }}
            onRemoved={() => {
              ratings.remove(rating.id);
              refreshSummary(rating.serviceId);
            }}
          />
        ))}
      </ul>
      {newest.length > portions * PORTION && (
        <button type="button" onClick={() => setPortions(portions + 1)}>
          Show {Math.min(PORTION, newest.length - portions * PORTION)} more of {plain(count(newest.length, "rating"))}
        </button>
      )}
    </>
  );
}
