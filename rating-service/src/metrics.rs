//! What the service counts besides its worker.

use std::sync::atomic::AtomicU64;

use contract::envelope::Request;
use http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::Kind;

/// Answers by what was asked for.
#[derive(Clone, Debug, Default)]
pub struct RequestMetrics {
    answers: Family<Answer, Counter>,
}

/// Every label has few values, whatever clients send.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    resource: &'static str,
    method: &'static str,
    status_class: &'static str,
}

impl Answer {
    fn of(request: &Request, status: StatusCode) -> Self {
        let known = [Kind::User, Kind::Service, Kind::Rating].map(Kind::collection);
        let first = request.path.segments().first().map_or("", String::as_str);
        let resource = known.into_iter().find(|known| *known == first).unwrap_or("other");
        let methods = ["GET", "HEAD", "POST", "PUT", "DELETE"];
        let method = methods
            .into_iter()
            .find(|known| *known == request.method.as_str())
            .unwrap_or("other");
        let status_class = match status.as_u16() {
            500.. => "5xx",
            400.. => "4xx",
            300.. => "3xx",
            _ => "2xx",
        };
        Self {
            resource,
            method,
            status_class,
        }
    }
}

impl RequestMetrics {
    /// Counts an answer.
    pub(crate) fn answered(&self, request: &Request, status: StatusCode) {
        self.answers.get_or_create(&Answer::of(request, status)).inc();
    }

    /// Makes the numbers visible under names that start with `rating_`.
    pub fn register(&self, registry: &mut Registry) {
        registry.sub_registry_with_prefix("rating").register(
            "answers",
            "Requests answered",
            self.answers.clone(),
        );
    }
}

/// The relay's numbers; clones share them.
#[derive(Clone, Debug, Default)]
pub struct RelayMetrics {
    /// Events that the stream has taken.
    pub published: Counter,
    /// Events that the stream had already; the relay had died before noting so.
    pub duplicates: Counter,
    /// Events that the stream did not take, to be published again.
    pub failures: Counter,
    /// Age of the oldest event that is not noted as published; 0 without one.
    pub oldest_age: Gauge<f64, AtomicU64>,
}

impl RelayMetrics {
    /// Makes the numbers visible under names that start with `outbox_`.
    pub fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("outbox");
        registry.register(
            "published",
            "Events that the stream has taken",
            self.published.clone(),
        );
        registry.register(
            "duplicates",
            "Events that the stream had already",
            self.duplicates.clone(),
        );
        registry.register(
            "failures",
            "Events that the stream did not take",
            self.failures.clone(),
        );
        registry.register_with_unit(
            "oldest_unpublished_age",
            "Age of the oldest event not noted as published",
            Unit::Seconds,
            self.oldest_age.clone(),
        );
    }
}
