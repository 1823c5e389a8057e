// Services, users and how services are rated: what several pages show, read once and kept up to date.
import * as api from "../api/resources";
import type { Rating, Service, Summary, User } from "../api/resources";
import { happening, record, type Change } from "../feed/change";
import { Feed } from "../feed/feed";
import { createStore, type Store } from "../store";
import { Collection } from "./collection";

export const feed = new Feed("/api/events");
export const services = new Collection<Service>();
export const users = new Collection<User>();

/** By service; only those somebody has asked for. */
export const summaries: Store<ReadonlyMap<string, Summary>> = createStore(new Map());

/** Summaries read at once: browsers open six connections, and the feed has one of them. */
const SIDE_BY_SIDE = 4;
/** Without a feed, data are read again this often. */
export const POLL_MS = 15_000;

const wanted: string[] = [];
const wantedAgain = new Set<string>();
const reading = new Set<string>();

/** Sees to it that a service's summary is read, if it has not been. */
export function wantSummary(id: string): void {
  if (!summaries.get().has(id)) refreshSummary(id);
}

/** Reads a service's summary now, or once more if it is being read. */
export function refreshSummary(id: string): void {
  if (reading.has(id)) wantedAgain.add(id);
  else if (!wanted.includes(id)) wanted.push(id);
  pump();
}

function pump(): void {
  while (reading.size < SIDE_BY_SIDE) {
    const id = wanted.shift();
    if (id === undefined) return;
    reading.add(id);
    void readSummary(id).finally(() => {
      reading.delete(id);
      if (wantedAgain.delete(id)) wanted.push(id);
      pump();
    });
  }
}

async function readSummary(id: string): Promise<void> {
  try {
    const summary = await api.summary(id);
    summaries.set(new Map(summaries.get()).set(id, summary));
  } catch {
    // It stays as it is shown; the list says what is wrong with the connection.
  }
}

let servicesWanted = false;
let usersWanted = false;

export function loadServices(): Promise<void> {
  servicesWanted = true;
  return services.load((onPage) => api.list("services", {}, onPage));
}

export function loadUsers(): Promise<void> {
  usersWanted = true;
  return users.load((onPage) => api.list("users", {}, onPage));
}

/** Reads everything again that is being shown. */
export function refresh(): void {
  if (servicesWanted) void loadServices();
  if (usersWanted) void loadUsers();
  for (const id of summaries.get().keys()) refreshSummary(id);
}

/** What an event carries, if it is one of our resources. */
export function resourceOf<T>(change: Change): T | undefined {
  return typeof record(change.data)["id"] === "string" ? (change.data as T) : undefined;
}

function apply(change: Change): void {
  const { aggregate, what } = happening(change);
  if (aggregate === "service") keepUp(services, change, what);
  if (aggregate === "user") keepUp(users, change, what);
  if (aggregate === "rating") {
    const rating = resourceOf<Rating>(change);
    if (rating && summaries.get().has(rating.serviceId)) refreshSummary(rating.serviceId);
  }
}

/** Brings one collection up to date with an event. */
export function keepUp<T extends Service | User | Rating>(collection: Collection<T>, change: Change, what: string): void {
  const resource = resourceOf<T>(change);
  if (!resource) return;
  if (what === "deleted") collection.remove(resource.id);
  else collection.upsert(resource);
}

/** Begins to keep everything up to date, as long as somebody looks. */
export function startKeepingUp(): void {
  feed.listen({ onSnapshot: refresh, onChange: apply });
  feed.start();
  document.addEventListener("visibilitychange", () => {
    // Browsers open few connections to one server, over all tabs: a tab nobody sees gives its own back.
    if (document.hidden) feed.stop();
    else feed.start();
  });
  addEventListener("online", () => feed.retryNow());
  addEventListener("offline", () => feed.state.set("offline"));
  setInterval(() => {
    if (!document.hidden && feed.state.get() === "absent") refresh();
  }, POLL_MS);
}
