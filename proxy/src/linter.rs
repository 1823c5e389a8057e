//! Compares the streams on the server with what the routes need.
//!
//! The proxy never creates streams; it looks at them once it is connected, again from time to time, and at once when one
//! behaves unlike what was seen.

mod api;
mod subjects;

use std::collections::BTreeMap;

use async_nats::Client;
use contract::subject::Codec;

pub use api::ApiError;
use api::Stream;

use crate::routes::{Route, Routes};
use crate::stream_facts::{Facts, StreamFacts};

/// Where streams come from; every message about a missing or wrong one says so.
const REMEDY: &str = "run `ratectl streams apply` (in a cluster, apply manifests/streams)";

/// What does not fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Requests would fail; the proxy is not ready.
    pub errors: Vec<String>,
    /// Requests work, but not as well as they could.
    pub warnings: Vec<String>,
}

impl Findings {
    /// Why the proxy is not ready, if it is not.
    pub fn reason(&self) -> Option<String> {
        let first = self.errors.first()?;
        let more = self.errors.len() - 1;
        Some(if more == 0 {
            format!("{first}; {REMEDY}")
        } else {
            format!("{first}, and {more} more; {REMEDY}")
        })
    }
}

/// Looks at the streams, notes what is found for each route, and says what does not fit.
///
/// # Errors
/// [`ApiError`] when the server does not tell.
pub async fn examine(
    client: &Client,
    codec: &Codec,
    routes: &Routes,
    facts: &StreamFacts,
) -> Result<Findings, ApiError> {
    let mut streams: BTreeMap<String, Stream> = BTreeMap::new();
    let mut findings = Findings::default();
    for route in routes.iter() {
        let (mut takes_ttl, mut uncovered) = (true, false);
        for method in &route.methods {
            // A template whose subject cannot be written never has a request either.
            let Ok(filter) = route.template.subject_filter(codec, method) else {
                continue;
            };
            if !streams
                .values()
                .any(|stream| subjects::covers_any(&stream.subjects, &filter))
            {
                for stream in api::streams_for(client, &filter).await? {
                    streams.insert(stream.name.clone(), stream);
                }
            }
            let known = streams
                .values()
                .find(|stream| subjects::covers_any(&stream.subjects, &filter));
            if let Some(stream) = known {
                takes_ttl &= stream.allow_msg_ttl;
            } else {
                uncovered = true;
                findings.errors.push(format!(
                    "no stream takes '{filter}' ({method} {})",
                    route.template
                ));
            }
        }
        facts.set(route, Facts::new(takes_ttl && !uncovered, uncovered));
    }
    for stream in streams.values() {
        judge(stream, codec, routes, &mut findings);
    }
    Ok(findings)
}

fn judge(stream: &Stream, codec: &Codec, routes: &Routes, findings: &mut Findings) {
    let name = &stream.name;
    let is_behind = |route: &&Route| {
        let filters = route
            .methods
            .iter()
            .filter_map(|method| route.template.subject_filter(codec, method).ok());
        filters
            .into_iter()
            .any(|filter| subjects::covers_any(&stream.subjects, &filter))
    };
    let behind: Vec<&Route> = routes.iter().filter(is_behind).collect();
    if behind.is_empty() {
        return;
    }
    if stream.no_ack {
        findings
            .errors
            .push(format!("the stream {name} acknowledges nothing (no_ack)"));
    }
    if let Ok(limit) = usize::try_from(stream.max_msg_size)
        && let Some(route) = behind.iter().find(|route| route.body_limit > limit)
    {
        findings.errors.push(format!(
            "the stream {name} takes messages of {limit} bytes, the route {} bodies of {}",
            route.template, route.body_limit
        ));
    }
    if !stream.allow_msg_ttl {
        findings.warnings.push(format!(
            "the stream {name} keeps requests beyond their time (allow_msg_ttl is off)"
        ));
    }
    if stream.discard != "new" {
        findings.warnings.push(format!(
            "the stream {name} drops waiting requests when it is full (discard is not new)"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        crate::routes::parse("r", "routes: [{ path: /a, methods: [GET], body_limit: 2KiB }]").unwrap()
    }

    fn stream() -> Stream {
        Stream {
            name: "REQUESTS".to_owned(),
            subjects: vec!["api.>".to_owned()],
            no_ack: false,
            allow_msg_ttl: true,
            max_msg_size: -1,
            discard: "new".to_owned(),
        }
    }

    fn judged(stream: &Stream) -> Findings {
        let mut findings = Findings::default();
        judge(stream, &Codec::new("api").unwrap(), &routes(), &mut findings);
        findings
    }

    #[test]
    fn a_fitting_stream_gives_no_findings() {
        assert_eq!(judged(&stream()), Findings::default());
        assert_eq!(
            judged(&Stream {
                max_msg_size: 2048,
                ..stream()
            }),
            Findings::default()
        );
    }

    #[test]
    fn a_stream_of_others_is_not_judged() {
        let other = Stream {
            subjects: vec!["events.>".to_owned()],
            no_ack: true,
            ..stream()
        };
        assert_eq!(judged(&other), Findings::default());
    }

    #[test]
    fn what_makes_requests_fail_is_an_error_and_the_rest_a_warning() {
        assert_eq!(
            judged(&Stream {
                no_ack: true,
                ..stream()
            })
            .errors
            .len(),
            1
        );
        assert_eq!(
            judged(&Stream {
                max_msg_size: 2047,
                ..stream()
            })
            .errors
            .len(),
            1
        );
        let poor = judged(&Stream {
            allow_msg_ttl: false,
            discard: "old".to_owned(),
            ..stream()
        });
        assert_eq!((poor.errors.len(), poor.warnings.len()), (0, 2));
    }

    #[test]
    fn the_reason_names_the_command_that_helps() {
        let findings = Findings {
            errors: vec!["a".to_owned(), "b".to_owned()],
            warnings: Vec::new(),
        };
        let reason = findings.reason().unwrap();
        assert!(
            reason.starts_with("a, and 1 more") && reason.contains("ratectl streams apply"),
            "{reason}"
        );
        assert_eq!(Findings::default().reason(), None);
    }
}
