// In which order services are listed.
import type { Service, Summary } from "../api/resources";

export const ORDERS = [
  { order: "name", words: "Name" },
  { order: "best", words: "Best rated" },
  { order: "worst", words: "Worst rated" },
  { order: "most", words: "Most ratings" },
  { order: "newest", words: "Newest" },
] as const;

export type Order = (typeof ORDERS)[number]["order"];

const NAMES = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

type Compare = (one: Service, other: Service) => number;

/** A sorted copy. Equal ones stand in the order of their names, those without ratings behind the others. */
export function ordered(services: Service[], order: Order, summaries: ReadonlyMap<string, Summary>): Service[] {
  const byName: Compare = (one, other) => NAMES.compare(one.name, other.name) || (one.id < other.id ? -1 : 1);
  const mean = ({ id }: Service, none: number) => summaries.get(id)?.mean ?? none;
  const ratings = ({ id }: Service) => summaries.get(id)?.count ?? 0;
  const compare: Record<Order, Compare> = {
    name: byName,
    best: (one, other) => mean(other, -1) - mean(one, -1),
    worst: (one, other) => mean(one, 6) - mean(other, 6),
    most: (one, other) => ratings(other) - ratings(one),
    newest: (one, other) => (one.createdAt < other.createdAt ? 1 : one.createdAt > other.createdAt ? -1 : 0),
  };
  return [...services].sort((one, other) => compare[order](one, other) || byName(one, other));
}
