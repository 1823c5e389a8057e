//! What clients get back: resources, lists and refusals as HTTP answers.

use std::sync::Arc;

use bytes::Bytes;
use contract::envelope::Reply;
use contract::problem::Problem;
use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Effect, Found, Item, Refusal, Resource};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Makes answers to one request.
#[derive(Clone, Debug)]
pub struct Presenter {
    /// What stands before the paths in `Location`, as clients see them; e.g. `/api`.
    pub base_path: Arc<str>,
    /// For problem documents.
    pub request_id: Uuid,
}

#[derive(Serialize)]
struct List<'i> {
    items: Vec<&'i Resource>,
}

#[derive(Serialize)]
struct PageDocument<'i> {
    items: Vec<&'i Resource>,
    next: Option<String>,
}

impl Presenter {
    /// The answer to a write.
    pub fn effect(&self, effect: &Effect) -> Reply {
        match effect {
            Effect::Created(item) => {
                let mut reply = self.item(StatusCode::CREATED, item);
                let location = format!("{}/{}/{}", self.base_path, item.kind().collection(), item.id());
                reply.headers.insert(LOCATION, ascii(location));
                reply
            }
            Effect::CreatedAll(items) => {
                let items = items.iter().map(|item| &item.resource).collect();
                json(StatusCode::CREATED, to_json(&List { items }))
            }
            Effect::Replaced(item) => self.item(StatusCode::OK, item),
            Effect::Deleted => Reply {
                status: StatusCode::NO_CONTENT,
                headers: HeaderMap::new(),
                body: Bytes::new(),
            },
            Effect::Refused(refusal) => self.refusal(refusal),
        }
    }

    /// The answer to a read.
    pub fn found(&self, found: &Found) -> Reply {
        match found {
            Found::One(item) => self.item(StatusCode::OK, item),
            Found::Page(items, next) => {
                let items = items.iter().map(|item| &item.resource).collect();
                let next = next.map(|cursor| cursor.to_string());
                json(StatusCode::OK, to_json(&PageDocument { items, next }))
            }
            Found::Summary(summary) => json(StatusCode::OK, to_json(summary)),
            Found::Missing(kind, id) => self.refusal(&Refusal::Missing(*kind, *id)),
        }
    }

    /// The answer that says what is wrong.
    pub fn problem(&self, problem: Problem) -> Reply {
        problem.request_id(self.request_id.to_string()).into_reply()
    }

    #[expect(
        clippy::unused_self,
        reason = "answers are made by a presenter, whatever they need of it"
    )]
    fn item(&self, status: StatusCode, item: &Item) -> Reply {
        let mut reply = json(status, item.to_json());
        reply.headers.insert(ETAG, etag(item.version));
        reply
    }

    fn refusal(&self, refusal: &Refusal) -> Reply {
        let mut reply = self.problem(refusal_problem(refusal));
        if let Refusal::Stale(_, version) = refusal {
            reply.headers.insert(ETAG, etag(*version));
        }
        reply
    }
}

fn refusal_problem(refusal: &Refusal) -> Problem {
    match refusal {
        Refusal::Missing(kind, id) => {
            Problem::new(StatusCode::NOT_FOUND, "No such resource").detail(format!("there is no {kind} {id}"))
        }
        Refusal::Stale(kind, version) => {
            let detail = format!(
                "the {kind} has changed since: its entity tag is \"v{version}\" now; read it again and repeat the change"
            );
            Problem::new(StatusCode::PRECONDITION_FAILED, "The resource has changed").detail(detail)
        }
        Refusal::Duplicate { fields, detail } => {
            let problem = Problem::new(StatusCode::CONFLICT, "Exists already").detail(*detail);
            fields
                .iter()
                .fold(problem, |problem, field| problem.field(field.as_str(), *detail))
        }
        Refusal::UnknownReferences(unknown) => {
            let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Refers to something unknown");
            unknown.iter().fold(problem, |problem, (field, kind, id)| {
                problem.field(field.as_str(), format!("there is no {kind} {id}"))
            })
        }
        Refusal::Fixed { field } => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Cannot be changed")
            .field(
                *field,
                "a rating stays with its user and its service; create another one instead",
            ),
        Refusal::InUse(kind, id) => Problem::new(StatusCode::CONFLICT, "Still in use")
            .detail(format!("there are ratings of the {kind} {id}; delete them first")),
    }
}

/// The entity tag of a version (RFC 9110 section 8.8.3).
pub(crate) fn etag(version: i64) -> HeaderValue {
    ascii(format!("\"v{version}\""))
}

fn ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("paths and entity tags are visible ASCII")
}

fn json(status: StatusCode, body: Bytes) -> Reply {
    let mut headers = HeaderMap::with_capacity(3);
    headers.insert(CONTENT_TYPE, JSON);
    Reply {
        status,
        headers,
        body,
    }
}

fn to_json(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value)
        .expect("times come from a clock between the years 0 and 9999")
        .into()
}
