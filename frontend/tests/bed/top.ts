/** A snapshot as `ratectl top --once -o json` prints it, with one consumer that keeps up and one that does not. */
export const TOP = {
  schema: "ratectl.top/v1",
  consumers: [
    { stream: "REQUESTS", name: "rating-service", state: "OK", severity: "ok", reason: "", command: "", raw: { num_pending: 3 }, derived: { lag_ms: 12 } },
    { stream: "EVENTS", name: "mailer", state: "LAGGING", severity: "warn", reason: "falls behind by 40 a second", command: "ratectl logs mailer", raw: { num_pending: 1840 }, derived: { lag_ms: 46000 } },
  ],
  routes: [
    { route: "/ratings", requests_per_s: 41.5, p50_ms: 3.1, p99_ms: 18 },
    { route: "/services/{id}/summary", requests_per_s: 120, p50_ms: 2.2, p99_ms: 9.4 },
  ],
  problems: [{ severity: "warn", reason: "EVENTS/mailer falls behind by 40 a second", command: "ratectl logs mailer" }],
};
