//! A write with everything that must be committed with it: effect, events and the answer itself.

use contract::envelope::Reply;
use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::sql::{Session, Sql, Unit, Value};
use super::{StoreError, apply, stored_answer};
use crate::answer::Presenter;
use crate::domain::{Change, Effect, Timestamp};

/// Held to the end of the transaction; the second column is true without a key.
const TRY_LOCK: Sql = Sql::both(
    "lock a request",
    "SELECT pg_try_advisory_xact_lock($1), pg_try_advisory_xact_lock($2)",
);

/// By what a repeated request is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The same over all deliveries of one request.
    pub request_id: Uuid,
    /// What the client itself says.
    pub key: Option<Key>,
}

/// A client's `Idempotency-Key`, with what it is valid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// SHA-256 of method, path and the key's text.
    pub scope: [u8; 32],
    /// SHA-256 of query and body.
    pub fingerprint: [u8; 32],
}

/// A change, by whom it is asked for, and when.
#[derive(Clone, Debug)]
pub struct Write {
    /// Recognises repetitions.
    pub guard: Guard,
    /// What to do.
    pub change: Change,
    /// The time that goes into the rows.
    pub now: Timestamp,
    /// Makes the answer that is stored.
    pub presenter: Presenter,
}

/// What came of a [`Write`].
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// It was executed now, or was by an earlier delivery of the same request.
    Answered(Reply),
    /// Another request with the same key and content was; this is its answer.
    Replayed(Reply),
    /// The key was used before for other content.
    OtherContent,
    /// Another request with the same key is being executed.
    KeyInUse,
    /// An earlier delivery of this very request is being executed.
    InProgress,
}

impl Unit for Write {
    type Output = Written;

    fn run<'u>(&'u self, session: &'u mut Session<'_>) -> BoxFuture<'u, Result<Written, StoreError>> {
        Box::pin(async move {
            if let Some(busy) = self.try_lock(session).await? {
                return Ok(busy);
            }
            if let Some(stored) = stored_answer::find(session, &self.guard).await? {
                return Ok(self.verdict(stored));
            }
            let effect = apply::apply(session, &self.change, self.now).await?;
            let reply = self.presenter.effect(&effect);
            // A refused request without a key leaves nothing behind: executing it again is safe and may go better.
            if self.guard.key.is_some() || !matches!(effect, Effect::Refused(_)) {
                stored_answer::insert(session, &self.guard, &reply, self.now).await?;
            }
            Ok(Written::Answered(reply))
        })
    }
}

impl Write {
    fn verdict(&self, stored: stored_answer::StoredAnswer) -> Written {
        if stored.is_of_this_request {
            return Written::Answered(stored.reply);
        }
        let fingerprint = self.guard.key.as_ref().map(|key| key.fingerprint.as_slice());
        if stored.fingerprint.as_deref() == fingerprint {
            Written::Replayed(stored.reply)
        } else {
            Written::OtherContent
        }
    }

    /// On PostgreSQL transactions run side by side, in any number of processes: an advisory lock that ends with the
    /// transaction says that a request is being executed. (On SQLite see [`super::running`].)
    async fn try_lock(&self, session: &mut Session<'_>) -> Result<Option<Written>, StoreError> {
        if let Session::Sqlite(_) = session {
            return Ok(None);
        }
        let request = lock_number(b"request", self.guard.request_id.as_bytes());
        let key = self
            .guard
            .key
            .as_ref()
            .map_or(request, |key| lock_number(b"key", &key.scope));
        let row = session
            .fetch_optional(TRY_LOCK, &[Value::Integer(request), Value::Integer(key)])
            .await?;
        let row = row.ok_or(StoreError::Unreadable { what: "lock" })?;
        if !row.get::<bool>(0)? {
            return Ok(Some(Written::InProgress));
        }
        Ok((!row.get::<bool>(1)?).then_some(Written::KeyInUse))
    }
}

/// PostgreSQL names advisory locks by 64-bit numbers.
fn lock_number(kind: &[u8], name: &[u8]) -> i64 {
    let digest = Sha256::new().chain_update(kind).chain_update(name).finalize();
    let (head, _) = digest.split_first_chunk::<8>().expect("SHA-256 has 32 bytes");
    i64::from_be_bytes(*head)
}
