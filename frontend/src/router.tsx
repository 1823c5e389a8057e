// Which page is shown: the part of the address after /ui, changed without loading anything.
import type { ComponentChildren } from "preact";
import { createStore, useStore } from "./store";

export type Route =
  | { page: "services" }
  | { page: "service"; id: string }
  | { page: "users" }
  | { page: "live" }
  | { page: "system" }
  | { page: "nowhere" };

export const BASE = "/ui";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The page at a path such as `/ui/services/…`. */
export function routeOf(path: string): Route {
  const rest = path.startsWith(BASE) ? path.slice(BASE.length) : path;
  const parts = rest.split("/").filter((part) => part !== "");
  const [first, second] = parts;
  if (parts.length === 0) return { page: "services" };
  if (parts.length === 1 && first === "services") return { page: "services" };
  if (parts.length === 2 && first === "services" && second !== undefined && UUID.test(second)) {
    return { page: "service", id: second.toLowerCase() };
  }
  if (parts.length === 1 && (first === "users" || first === "live" || first === "system")) return { page: first };
  return { page: "nowhere" };
}

/** The address of a page. */
export function hrefOf(route: Exclude<Route, { page: "nowhere" }>): string {
  switch (route.page) {
    case "services":
      return `${BASE}/`;
    case "service":
      return `${BASE}/services/${route.id}`;
    default:
      return `${BASE}/${route.page}`;
  }
}

const path = createStore("");
/** Counts the navigations, so that the page can tell a new one from a redraw. */
let steps = 0;

/** Begins to follow the address bar. */
export function startRouter(): void {
  path.set(location.pathname);
  addEventListener("popstate", () => path.set(location.pathname));
}

export function navigate(href: string): void {
  if (href === location.pathname) return;
  history.pushState(null, "", href);
  steps += 1;
  path.set(location.pathname);
  scrollTo(0, 0);
}

/** Whether the person has moved within the page since it was loaded. */
export function hasMoved(): boolean {
  return steps > 0;
}

export function useRoute(): Route {
  return routeOf(useStore(path));
}

interface LinkProps {
  href: string;
  class?: string;
  current?: boolean;
  children: ComponentChildren;
}

/** A link within the page; a click with a modifier key or another button is the browser's. */
export function Link({ href, current, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  };
  return (
    <a href={href} onClick={follow} {...(current ? { "aria-current": "page" as const } : {})} {...rest}>
      {children}
    </a>
  );
}
