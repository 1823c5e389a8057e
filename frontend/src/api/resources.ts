// Users, services and ratings as the API has them.
import { send, type Answer, type Ask } from "./request";

export interface Stored {
  id: string;
  createdAt: string;
  updatedAt: string;
}
export interface User extends Stored {
  name: string;
  email: string;
}
export interface Service extends Stored {
  name: string;
  description: string;
}
export interface Rating extends Stored {
  userId: string;
  serviceId: string;
  /** 0 to 5. */
  score: number;
  comment?: string;
}
/** All ratings of one service in numbers. */
export interface Summary {
  serviceId: string;
  count: number;
  /** `null` without ratings. */
  mean: number | null;
  /** How many have the score 0, 1, … 5. */
  histogram: number[];
}

export interface Kinds {
  users: User;
  services: Service;
  ratings: Rating;
}
export type Collection = keyof Kinds;

type Page<T> = { items: T[]; next: string | null };
type Options = Pick<Ask, "signal" | "onWait">;
/** For a write: its key, and for a change the version it is made for. */
export type WriteOptions = Options & { key: string; ifMatch?: string };

/** Items a page has at most. */
const LIMIT = 200;

/** Hands over every item of a list, a page at a time. @throws Failure */
export async function list<C extends Collection>(
  collection: C,
  filter: Record<string, string>,
  onPage: (items: Kinds[C][]) => void,
  options: Options = {},
): Promise<void> {
  let after: string | null = null;
  do {
    const query = new URLSearchParams({ ...filter, limit: String(LIMIT), ...(after !== null && { cursor: after }) });
    const answer: Answer<Page<Kinds[C]>> = await send({ method: "GET", path: `/${collection}?${query}`, ...options });
    onPage(answer.body.items);
    after = answer.body.next;
  } while (after !== null);
}

export function get<C extends Collection>(collection: C, id: string, options: Options = {}): Promise<Answer<Kinds[C]>> {
  return send({ method: "GET", path: `/${collection}/${id}`, ...options });
}

export async function summary(serviceId: string, options: Options = {}): Promise<Summary> {
  return (await send<Summary>({ method: "GET", path: `/services/${serviceId}/summary`, ...options })).body;
}

export function create<C extends Collection>(collection: C, body: object, options: WriteOptions): Promise<Answer<Kinds[C]>> {
  return send({ method: "POST", path: `/${collection}`, body, ...options });
}

export function replace<C extends Collection>(
  collection: C,
  id: string,
  body: object,
  options: WriteOptions,
): Promise<Answer<Kinds[C]>> {
  return send({ method: "PUT", path: `/${collection}/${id}`, body, ...options });
}

export async function remove(collection: Collection, id: string, options: WriteOptions): Promise<void> {
  await send({ method: "DELETE", path: `/${collection}/${id}`, ...options });
}
