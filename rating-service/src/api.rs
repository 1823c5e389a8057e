//! One request to its answer: everything but the transport.

use std::sync::Arc;

use bytes::Bytes;
use contract::envelope::{Reply, Request};
use contract::problem::Problem;
use http::header::{ALLOW, ETAG};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::answer::{Presenter, etag};
use crate::domain::{Change, Found, Query, Timestamp};
use crate::request::{self, NoneMatch, Operation, Rejection};
use crate::store::{Guard, Store, StoreError, Write, Written};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Two transactions that met are run again, this often, before the request goes back to the queue.
const ATTEMPTS: u32 = 4;

/// The service without its transport. Clones share the store.
#[derive(Clone, Debug)]
pub struct Api {
    store: Store,
    base_path: Arc<str>,
}

/// Why a request has no answer yet.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The database failed.
    #[error("the database failed")]
    Store(#[source] StoreError),
    /// An earlier delivery of the same request is still being executed.
    #[error("the request is being executed already")]
    InProgress,
    /// The answer did not come before the deadline.
    #[error("the database has not answered in time")]
    TooLate,
}

impl NoAnswer {
    /// Whether the same request may be answered later without anybody changing the program.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::InProgress | Self::TooLate => true,
        }
    }
}

impl Api {
    /// `base_path` stands before the paths in `Location`, e.g. `/api`.
    pub fn new(store: Store, base_path: &str) -> Self {
        Self {
            store,
            base_path: base_path.trim_end_matches('/').into(),
        }
    }

    /// Answers a request; a write is executed at most once for each request id.
    ///
    /// # Errors
    /// See [`NoAnswer`]: nothing is known about the effect of the request, and it should be tried again.
    pub async fn answer(&self, request: &Request) -> Result<Reply, NoAnswer> {
        let presenter = Presenter {
            base_path: Arc::clone(&self.base_path),
            request_id: request.id,
        };
        match request::interpret(request) {
            Ok(Operation::Read(query, none_match)) => self.read(&presenter, &query, &none_match).await,
            Ok(Operation::Write(change)) => match request::key(request) {
                Ok(key) => {
                    self.write(
                        presenter,
                        change,
                        Guard {
                            request_id: request.id,
                            key,
                        },
                    )
                    .await
                }
                Err(rejection) => Ok(rejected(&presenter, rejection)),
            },
            Err(rejection) => Ok(rejected(&presenter, rejection)),
        }
    }

    async fn read(
        &self,
        presenter: &Presenter,
        query: &Query,
        none_match: &NoneMatch,
    ) -> Result<Reply, NoAnswer> {
        let found = self.store.read(query).await.map_err(NoAnswer::Store)?;
        match &found {
            Found::One(item) if none_match.has(item.version) => Ok(not_modified(item.version)),
            _ => Ok(presenter.found(&found)),
        }
    }

    async fn write(&self, presenter: Presenter, change: Change, guard: Guard) -> Result<Reply, NoAnswer> {
        let write = Write {
            guard,
            change,
            now: Timestamp::now(),
            presenter: presenter.clone(),
        };
        match self.until_not_raced(write).await.map_err(NoAnswer::Store)? {
            Written::Answered(reply) => Ok(reply),
            Written::Replayed(mut reply) => {
                reply.headers.insert(REPLAYED, HeaderValue::from_static("true"));
                Ok(reply)
            }
            Written::OtherContent => Ok(presenter.problem(other_content())),
            Written::KeyInUse => Ok(presenter.problem(key_in_use())),
            Written::InProgress => Err(NoAnswer::InProgress),
        }
    }

    async fn until_not_raced(&self, write: Write) -> Result<Written, StoreError> {
        for _ in 1..ATTEMPTS {
            match self.store.write(write.clone()).await {
                Err(StoreError::Raced) => {}
                result => return result,
            }
        }
        self.store.write(write).await
    }
}

fn rejected(presenter: &Presenter, rejection: Rejection) -> Reply {
    let mut reply = presenter.problem(*rejection.problem);
    if let Some(allow) = rejection.allow {
        reply.headers.insert(ALLOW, HeaderValue::from_static(allow));
    }
    reply
}

fn not_modified(version: i64) -> Reply {
    let mut headers = HeaderMap::with_capacity(1);
    headers.insert(ETAG, etag(version));
    Reply {
        status: StatusCode::NOT_MODIFIED,
        headers,
        body: Bytes::new(),
    }
}

fn other_content() -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Idempotency key used before")
        .detail("this key came with another body or query before; use a new key for a new request")
        .field("Idempotency-Key", "was used for another request")
        .retryable(false)
}

fn key_in_use() -> Problem {
    Problem::new(StatusCode::CONFLICT, "Request in progress")
        .detail("a request with this key is being executed; try again to get its answer")
        .field("Idempotency-Key", "belongs to a request that is being executed")
        .retryable(true)
}
