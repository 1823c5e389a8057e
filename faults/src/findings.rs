//! Collects what is there when everything has healed: rows, readable resources, events, messages left.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use testbed::nats::Server;
use tokio::task::JoinSet;

use crate::checker::{Findings, Readable};
use crate::client::{Client, Message};
use crate::history::{Action, Kind, Outcome, Write};
use crate::{Error, database, events};

/// Readers at once.
const READERS: usize = 32;
/// The deadline of a read.
const DEADLINE: Duration = Duration::from_secs(5);
/// How often a read is tried; the system is healthy, so one time should do.
const TRIES: usize = 3;

/// Collects everything.
///
/// # Errors
///
/// When the database or NATS cannot be read.
pub async fn collect(
    history: &[Write],
    server: &Server,
    proxy: SocketAddr,
    database: &Path,
) -> Result<Findings, Error> {
    let left = |answer: Value| answer["state"]["messages"].as_u64().unwrap_or(u64::MAX);
    Ok(Findings {
        rows: database::rows(database).await?,
        readable: readable(history, proxy).await?,
        events: events::read(&server.client().await?).await?,
        left_in_requests: left(server.jetstream("STREAM.INFO.REQUESTS", &json!({})).await?),
        dead: left(server.jetstream("STREAM.INFO.DEAD", &json!({})).await?),
    })
}

/// Reads every resource that a success named, over HTTP.
async fn readable(history: &[Write], proxy: SocketAddr) -> Result<HashMap<String, Readable>, Error> {
    let paths: BTreeSet<String> = history.iter().filter_map(path).collect();
    let paths = Arc::new(Mutex::new(paths.into_iter()));
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let paths = Arc::clone(&paths);
        readers.spawn(async move {
            let mut client = Client::new(proxy);
            let mut found = Vec::new();
            loop {
                let next = paths.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(path) = next else { return found };
                found.extend(read(&mut client, path).await);
            }
        });
    }
    let mut all = HashMap::new();
    while let Some(found) = readers.join_next().await {
        all.extend(found.map_err(Error::Writer)?);
    }
    Ok(all)
}

/// Where the resource of a successful write is.
fn path(write: &Write) -> Option<String> {
    let collection = match write.action {
        Action::Create(Kind::User) => "/users",
        Action::Create(Kind::Service) => "/services",
        Action::Create(Kind::Rating) | Action::Replace => "/ratings",
    };
    Some(format!("{collection}/{}", write.success()?.id()?))
}

/// The id of a resource and who made it; nothing when it cannot be read, which the checker calls lost.
async fn read(client: &mut Client, path: String) -> Option<(String, Readable)> {
    let message = Message::get(path);
    for _ in 0..TRIES {
        if let (Outcome::Answered(answer), _) = client.send(&message, DEADLINE).await
            && answer.status == 200
        {
            let body: Value = serde_json::from_slice(&answer.body).ok()?;
            // A rating carries the keys in its comment, the others in their name.
            let words = body["comment"].as_str().or(body["name"].as_str())?;
            let (created_by, replaced_by) = database::keys(words);
            return Some((
                answer.id()?,
                Readable {
                    created_by,
                    replaced_by,
                },
            ));
        }
    }
    None
}
