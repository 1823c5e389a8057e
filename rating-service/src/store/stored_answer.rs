//! Answers of writes, kept so that the same request is not executed twice.

use bytes::Bytes;
use contract::envelope::Reply;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::StoreError;
use super::sql::{Row, Session, Sql, Value};
use super::write::Guard;
use crate::domain::Timestamp;

const FIND: Sql = Sql::both(
    "look for a stored answer",
    "SELECT request_id, fingerprint, status, headers, body FROM stored_answers WHERE request_id = $1",
);
const FIND_BY_KEY: Sql = Sql::both(
    "look for a stored answer",
    "SELECT request_id, fingerprint, status, headers, body FROM stored_answers WHERE request_id = $1 OR scope = $2",
);
const INSERT: Sql = Sql::both(
    "store an answer",
    "INSERT INTO stored_answers (request_id, scope, fingerprint, status, headers, body, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

/// An answer given before.
pub(super) struct StoredAnswer {
    /// Whether this very request got it, and not another one with the same key.
    pub(super) is_of_this_request: bool,
    /// Of the request that got it; `None` if that had no key.
    pub(super) fingerprint: Option<Vec<u8>>,
    pub(super) reply: Reply,
}

/// The answer given to this request, or to another with its key.
pub(super) async fn find(
    session: &mut Session<'_>,
    guard: &Guard,
) -> Result<Option<StoredAnswer>, StoreError> {
    let id = Value::Id(guard.request_id);
    let rows = match &guard.key {
        None => session.fetch_all(FIND, &[id]).await?,
        Some(key) => {
            session
                .fetch_all(FIND_BY_KEY, &[id, Value::Bytes(&key.scope)])
                .await?
        }
    };
    let mut answers = rows
        .iter()
        .map(|row| read(row, guard))
        .collect::<Result<Vec<_>, _>>()?;
    // Two rows only if somebody reuses a request id with another key; the request's own answer comes first.
    answers.sort_by_key(|answer| !answer.is_of_this_request);
    Ok(answers.into_iter().next())
}

/// Keeps an answer.
pub(super) async fn insert(
    session: &mut Session<'_>,
    guard: &Guard,
    reply: &Reply,
    now: Timestamp,
) -> Result<(), StoreError> {
    let key = guard.key.as_ref();
    let values = [
        Value::Id(guard.request_id),
        Value::OptionalBytes(key.map(|key| key.scope.as_slice())),
        Value::OptionalBytes(key.map(|key| key.fingerprint.as_slice())),
        Value::Integer(i64::from(reply.status.as_u16())),
        Value::Text(&headers_to_json(&reply.headers)),
        Value::Bytes(&reply.body),
        Value::Integer(now.unix_millis()),
    ];
    session.execute(INSERT, &values).await.map(drop)
}

fn read(row: &Row, guard: &Guard) -> Result<StoredAnswer, StoreError> {
    let status = u16::try_from(row.get::<i64>(2)?)
        .ok()
        .and_then(|code| StatusCode::from_u16(code).ok());
    let reply = Reply {
        status: status.ok_or(StoreError::Unreadable { what: "status" })?,
        headers: headers_from_json(&row.get::<String>(3)?).ok_or(StoreError::Unreadable {
            what: "list of headers",
        })?,
        body: Bytes::from(row.get::<Vec<u8>>(4)?),
    };
    let is_of_this_request = row.get::<uuid::Uuid>(0)? == guard.request_id;
    Ok(StoredAnswer {
        is_of_this_request,
        fingerprint: row.get(1)?,
        reply,
    })
}

fn headers_to_json(headers: &HeaderMap) -> String {
    // Every value comes from this program and is ASCII.
    let pairs: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("")))
        .collect();
    serde_json::to_string(&pairs).expect("texts are always JSON")
}

fn headers_from_json(text: &str) -> Option<HeaderMap> {
    let pairs: Vec<(String, String)> = serde_json::from_str(text).ok()?;
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        headers.append(
            HeaderName::try_from(name).ok()?,
            HeaderValue::try_from(value).ok()?,
        );
    }
    Some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back_as_they_were_stored() {
        let mut headers = HeaderMap::new();
        headers.append("etag", HeaderValue::from_static("\"v1\""));
        headers.append("vary", HeaderValue::from_static("a"));
        headers.append("vary", HeaderValue::from_static("b"));
        assert_eq!(headers_from_json(&headers_to_json(&headers)), Some(headers));
    }
}
