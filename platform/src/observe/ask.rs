//! Requests to the JetStream API, and lists of them that come in pages.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};

use super::cost::Meter;
use super::link::{Link, Trouble};
use super::reply::{self, ApiError, Part};

/// How long an answer may take. The leader of a cluster itself waits up to 4 s for its members.
const WITHIN: Duration = Duration::from_secs(5);
/// Entries of a page, where the server does not say.
const PAGE: u64 = 256;
/// Pages of one list that are read at most.
const MOST_PAGES: u64 = 400;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// None came.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// The server said no.
    #[error(transparent)]
    Api(#[from] ApiError),
}

impl Failure {
    /// Whether asking less may help.
    pub(super) fn is_of_load(&self) -> bool {
        match self {
            Self::Trouble(trouble) => trouble.is_of_load(),
            // No leader at the moment, or too busy.
            Self::Api(error) => error.code == 10_008 || error.code == 503,
        }
    }

    /// Whether what was asked about is not there.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Api(error) if error.is_not_found())
    }
}

/// Asks once.
pub(super) async fn ask(link: &Link, meter: &mut Meter, verb: &str, body: &Value) -> Result<Value, Failure> {
    let payload = if body.is_null() {
        Bytes::new()
    } else {
        Bytes::from(body.to_string())
    };
    let started = Instant::now();
    match link.request(&link.api(verb), payload, WITHIN).await {
        Ok(answer) => {
            meter.answered(answer.length, started.elapsed());
            Ok(reply::read(&answer.payload)?)
        }
        Err(trouble) => {
            meter.failed();
            Err(trouble.into())
        }
    }
}

/// A whole list, put together from its pages.
#[derive(Debug, Default)]
pub(super) struct List {
    /// The entries that came.
    pub(super) entries: Vec<Value>,
    /// Names of those that did not answer the server.
    pub(super) missing: Vec<String>,
    /// Names of those that the server cannot run, and why.
    pub(super) offline: BTreeMap<String, String>,
    /// How many pages it took.
    pub(super) pages: u64,
}

/// Reads all pages of `verb`. The entries of a reply are under `key`.
///
/// The next page begins a whole page further on, however few entries came: those in `missing` belong to the page too.
pub(super) async fn list(link: &Link, meter: &mut Meter, verb: &str, key: &str) -> Result<List, Failure> {
    let mut list = List::default();
    let mut offset = 0;
    loop {
        let page = ask(link, meter, verb, &json!({ "offset": offset })).await?;
        let page = Part(&page);
        list.pages += 1;
        list.missing.extend(page.texts("/missing"));
        list.offline.extend(page.map("/offline"));
        list.entries.extend(page.list(key).map(|entry| entry.0.clone()));
        offset += page.limit("/limit").unwrap_or(PAGE);
        let total = page.number("/total").unwrap_or(0);
        if offset >= total || list.pages == MOST_PAGES {
            return Ok(list);
        }
    }
}
