/** A snapshot as `ratectl top --once -o json` prints it (docs/top.schema.json), as far as the page reads it: one consumer keeps up, one does not. */
export const TOP = {
  schema: "ratectl.top/v1",
  consumers: [
    {
      stream: "EVENTS",
      consumer: "mailer",
      state: "LAGGING",
      severity: "warn",
      reason: "falls behind by 40 a second",
      command: "ratectl logs mailer",
      raw: { num_pending: 1840 },
      derived: { time_lag_ms: 46_000 },
      trend_num_pending: [...Array(60).keys()].map((look) => 240 + Math.round(look * 27 + 60 * Math.sin(look / 3))),
    },
    {
      stream: "REQUESTS",
      consumer: "rating-service",
      state: "OK",
      severity: "ok",
      reason: "",
      command: null,
      raw: { num_pending: 3 },
      derived: { time_lag_ms: 12 },
      trend_num_pending: [...Array(60).keys()].map((look) => (look * 7) % 5),
    },
  ],
  routes: [
    { service: "http-to-nats-proxy", route: "/ratings", side: "proxy", requests_per_s: 41.5, p50_ms: 3.1, p99_ms: 18 },
    { service: "http-to-nats-proxy", route: "/services/{id}/summary", side: "proxy", requests_per_s: 120, p50_ms: 2.2, p99_ms: 9.4 },
  ],
  problems: [
    { severity: "warn", kind: "consumer", object: "EVENTS/mailer", state: "LAGGING", reason: "falls behind by 40 a second", command: "ratectl logs mailer" },
  ],
};
