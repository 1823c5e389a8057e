//! The proxy's metrics.
//!
//! Requests are counted through handles that are looked up once for each route, method and class: finding a series by
//! its labels costs more than counting.

mod tables;

use std::sync::{Arc, OnceLock};

use http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use runtime::metrics::{Latency, Metrics};

pub use tables::{Reading, Tables};

use crate::routes::Routes;

/// Label of requests that no route has.
const NO_ROUTE: &str = "none";
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// The methods that are counted apart.
pub(crate) const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: String,
    class: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Meters {
    routes: Vec<RouteMeters>,
    none: RouteMeters,
    /// Requests being served.
    pub in_flight: Gauge,
    /// Answers and acknowledgements that nobody waited for.
    pub late_replies: Counter,
    /// Messages taken out of the queue because their client left.
    pub removed: Counter,
    /// Removals not asked for because too many were waiting.
    pub removals_skipped: Counter,
    /// Messages published again because no acknowledgement came.
    pub republished: Counter,
    /// Publishes that no stream responded to.
    pub no_responders: Counter,
    /// Clients that left before their answer.
    pub clients_gone: Counter,
    /// The shards' tables and connections, read when they are asked for.
    pub tables: Tables,
}

/// Handles of one route.
#[derive(Debug)]
pub struct RouteMeters {
    label: String,
    requests: Family<RequestLabels, Counter>,
    handles: [[OnceLock<Counter>; CLASSES.len()]; METHODS.len() + 1],
    /// From the request's head to its answer's.
    pub total: Latency,
    /// From the publish to its acknowledgement.
    pub publish: Latency,
    /// From the acknowledgement to the worker's answer: waiting in the queue, and work.
    pub wait: Latency,
}

type Latencies = Family<RouteLabel, Latency>;

impl Meters {
    /// Makes the metrics for a table of routes.
    pub fn register(routes: &Routes, metrics: &Metrics) -> Arc<Self> {
        let mut meters = None;
        metrics.register(|registry| meters = Some(Self::add(routes, registry)));
        Arc::new(meters.expect("metrics are registered at once"))
    }

    fn add(routes: &Routes, registry: &mut Registry) -> Self {
        let requests = Family::<RequestLabels, Counter>::default();
        registry.register(
            "http_requests",
            "Requests answered, by route template",
            requests.clone(),
        );
        let mut histograms = |name: &str, help: &str| {
            let family = Latencies::default();
            registry.register_with_unit(name, help, Unit::Seconds, family.clone());
            family
        };
        let families = [
            histograms("http_request_duration", "From a request's head to its answer"),
            histograms("proxy_publish_duration", "From a publish to its acknowledgement"),
            histograms(
                "proxy_queue_and_work_duration",
                "From the acknowledgement to the worker's answer",
            ),
        ];
        let of = |route: &str| RouteMeters::new(route, &requests, &families);
        let meters = Self {
            routes: routes
                .iter()
                .map(|route| route.template.as_str())
                .chain(routes.feed().map(|feed| feed.path.as_str()))
                .map(of)
                .collect(),
            none: of(NO_ROUTE),
            in_flight: Gauge::default(),
            late_replies: Counter::default(),
            removed: Counter::default(),
            removals_skipped: Counter::default(),
            republished: Counter::default(),
            no_responders: Counter::default(),
            clients_gone: Counter::default(),
            tables: Tables::default(),
        };
        meters.register_totals(registry);
        meters
    }

    fn register_totals(&self, registry: &mut Registry) {
        registry.register(
            "http_requests_in_flight",
            "Requests being served",
            self.in_flight.clone(),
        );
        let counters = [
            (
                "proxy_late_replies",
                "Messages to the inbox that nobody waited for",
                &self.late_replies,
            ),
            (
                "proxy_removed_messages",
                "Messages removed because their client left",
                &self.removed,
            ),
            (
                "proxy_removals_skipped",
                "Removals not asked for: too many were waiting",
                &self.removals_skipped,
            ),
            (
                "proxy_republished_messages",
                "Messages published again for want of an acknowledgement",
                &self.republished,
            ),
            (
                "proxy_no_responders",
                "Publishes that no stream responded to",
                &self.no_responders,
            ),
            (
                "http_clients_gone",
                "Clients that left before their answer",
                &self.clients_gone,
            ),
        ];
        for (name, help, counter) in counters {
            registry.register(name, help, counter.clone());
        }
        registry.register_collector(Box::new(self.tables.clone()));
    }

    /// The index of the live feed, which comes after the routes.
    pub fn feed(&self) -> usize {
        self.routes.len().saturating_sub(1)
    }

    /// The handles of a route, or those of requests without one.
    pub fn route(&self, index: Option<usize>) -> &RouteMeters {
        index
            .and_then(|index| self.routes.get(index))
            .unwrap_or(&self.none)
    }
}

impl RouteMeters {
    fn new(route: &str, requests: &Family<RequestLabels, Counter>, families: &[Latencies; 3]) -> Self {
        let [total, publish, wait] = families.each_ref().map(|family| {
            family
                .get_or_create(&RouteLabel {
                    route: route.to_owned(),
                })
                .clone()
        });
        Self {
            label: route.to_owned(),
            requests: requests.clone(),
            handles: Default::default(),
            total,
            publish,
            wait,
        }
    }

    /// Counts an answer.
    pub fn count(&self, method: &Method, status: StatusCode) {
        let row = METHODS.iter().position(|known| known == method);
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        let handle = &self.handles[row.unwrap_or(METHODS.len())][class];
        let counter = handle.get_or_init(|| {
            let method = row.map_or("other", |row| METHODS[row].as_str()).to_owned();
            let labels = RequestLabels {
                route: self.label.clone(),
                method,
                class: CLASSES[class],
            };
            self.requests.get_or_create(&labels).clone()
        });
        counter.inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_template_method_and_class() {
        let routes = crate::routes::parse("r", "routes: [{ path: '/a/{id}', methods: [GET] }]").unwrap();
        let metrics = Metrics::new();
        let meters = Meters::register(&routes, &metrics);
        meters.route(Some(0)).count(&Method::GET, StatusCode::OK);
        meters.route(Some(0)).count(&Method::GET, StatusCode::CREATED);
        meters
            .route(Some(99))
            .count(&Method::from_bytes(b"BREW").unwrap(), StatusCode::NOT_FOUND);
        meters
            .route(None)
            .count(&Method::GET, StatusCode::from_u16(999).unwrap());
        let text = metrics.encode();
        for line in [
            r#"http_requests_total{route="/a/{id}",method="GET",class="2xx"} 2"#,
            r#"http_requests_total{route="none",method="other",class="4xx"} 1"#,
            r#"http_requests_total{route="none",method="GET",class="5xx"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
