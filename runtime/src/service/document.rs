//! The answers, as JSON (ADR-32).

use std::collections::BTreeMap;

use serde::Serialize;
use time::format_description::well_known::Rfc3339;

use super::histogram::Sum;
use super::instance::Instance;
use super::route::{Ended, Part};
use super::totals::{Totals, TotalsByRoute};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// Who is there.
    Ping,
    /// What it offers.
    Info,
    /// What it has done.
    Stats,
}

/// What an instance does, and how much of it so far.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// Of letters, digits, `-` and `_`.
    pub name: String,
    /// What the subjects of its requests start with: `api.`.
    pub head: String,
    /// Where it takes them from, if it is a worker.
    pub consumes: Option<Consumes>,
    /// How many it can be busy with at once.
    pub concurrency: u64,
    /// What was counted.
    pub routes: TotalsByRoute,
}

/// A consumer of a stream.
#[derive(Clone, Debug, Serialize)]
pub struct Consumes {
    /// Name of the stream.
    pub stream: String,
    /// Name of the consumer.
    pub consumer: String,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    name: &'a str,
    id: &'a str,
    version: &'a str,
    metadata: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoints: Option<[Offered<'a>; 1]>,
}

#[derive(Serialize)]
struct Offered<'a> {
    name: &'a str,
    subject: String,
    queue_group: &'a str,
    #[serde(flatten)]
    done: Option<Done<'a>>,
}

#[derive(Serialize)]
struct Done<'a> {
    num_requests: u64,
    num_errors: u64,
    last_error: String,
    /// Nanoseconds.
    processing_time: u64,
    /// Nanoseconds.
    average_processing_time: u64,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    v: u32,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pod: Option<&'a String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'a String>,
    concurrency: u64,
    consumes: Vec<&'a Consumes>,
    routes: BTreeMap<&'a str, Counted>,
}

#[derive(Serialize)]
struct Counted {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    ok: u64,
    err: BTreeMap<&'static str, u64>,
    inflight: u64,
    hist: Buckets,
    phases: BTreeMap<&'static str, Buckets>,
}

#[derive(Serialize)]
struct Buckets {
    scheme: &'static str,
    zero: u64,
    b: Vec<(usize, u64)>,
}

/// The answer to `verb`.
pub(super) fn write(verb: Verb, instance: &Instance, endpoint: &Endpoint) -> serde_json::Result<Vec<u8>> {
    let offered = |done| {
        Some([Offered {
            name: &endpoint.name,
            subject: format!("{}>", endpoint.head),
            queue_group: endpoint
                .consumes
                .as_ref()
                .map_or("", |consumes| &consumes.consumer),
            done,
        }])
    };
    let mut document = Document {
        r#type: "io.nats.micro.v1.ping_response",
        name: &instance.name,
        id: &instance.id,
        version: &instance.version,
        metadata: &instance.metadata,
        description: None,
        started: None,
        endpoints: None,
    };
    match verb {
        Verb::Ping => {}
        Verb::Info => {
            document.r#type = "io.nats.micro.v1.info_response";
            document.description = Some(&instance.description);
            document.endpoints = offered(None);
        }
        Verb::Stats => {
            document.r#type = "io.nats.micro.v1.stats_response";
            document.started = instance.started.format(&Rfc3339).ok();
            document.endpoints = offered(Some(Done::of(instance, endpoint)));
        }
    }
    serde_json::to_vec(&document)
}

impl<'a> Done<'a> {
    fn of(instance: &'a Instance, endpoint: &'a Endpoint) -> Self {
        let routes = &endpoint.routes;
        let sum = |count: fn(&Totals) -> u64| routes.values().map(count).sum::<u64>();
        let (requests, processing) = (sum(Totals::requests), sum(Totals::processing_ns));
        let errors = routes
            .iter()
            .filter_map(|(name, totals)| Some((totals.last_error()?, name)));
        let last_error = errors
            .max()
            .map(|((_, how), name)| format!("{}: {name}", how.name()));
        let counted = |(name, totals): (&'a String, &Totals)| {
            // What could not be told apart has no subject either.
            let subject = name.contains('.').then(|| format!("{}{name}", endpoint.head));
            (name.as_str(), Counted::of(subject, totals))
        };
        Self {
            num_requests: requests,
            num_errors: sum(Totals::errors),
            last_error: last_error.unwrap_or_default(),
            processing_time: processing,
            average_processing_time: processing.checked_div(requests).unwrap_or(0),
            data: Data {
                v: 1,
                unit: "ns",
                pod: instance.metadata.get("pod"),
                node: instance.metadata.get("node"),
                concurrency: endpoint.concurrency,
                consumes: endpoint.consumes.iter().collect(),
                routes: routes.iter().map(counted).collect(),
            },
        }
    }
}

impl Counted {
    fn of(subject: Option<String>, totals: &Totals) -> Self {
        let ends = Ended::ALL
            .into_iter()
            .filter(|how| *how != Ended::Ok && totals.ended(*how) > 0);
        let parts = Part::ALL.into_iter().filter(|part| *part != Part::Total);
        let phases = parts.filter_map(|part| Some((part.name(), Buckets::of(totals.part(part)?))));
        Self {
            subject,
            ok: totals.ended(Ended::Ok),
            err: ends.map(|how| (how.name(), totals.ended(how))).collect(),
            inflight: totals.in_flight(),
            hist: totals
                .whole()
                .map_or_else(|| Buckets::of(&Sum::default()), Buckets::of),
            phases: phases.collect(),
        }
    }
}

impl Buckets {
    fn of(sum: &Sum) -> Self {
        Self {
            scheme: "log2x4",
            zero: sum.zero(),
            b: sum.sparse(),
        }
    }
}
