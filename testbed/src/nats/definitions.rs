//! Streams and consumers: the repository's definitions, and how a server gets them.

use std::path::PathBuf;

use async_nats::Client;
use bytes::Bytes;
use contract::definition::{self, Definitions};
use serde::Serialize;
use serde_json::{Value, json};

use crate::Error;

/// JetStream's error code for a stream that exists with another configuration.
const STREAM_NAME_IN_USE: u64 = 10058;

/// The streams and consumers of this system: every YAML file in `manifests/streams`, in the order of their names.
pub fn definitions() -> Result<Definitions, Error> {
    let folder = crate::repository().join("manifests/streams");
    let action = format!("list {}", folder.display());
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(Error::io(action))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let mut all = Definitions::default();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(Error::io(format!("read {}", path.display())))?;
        let parsed =
            definition::parse(&path.display().to_string(), &text).map_err(|source| Error::Definitions {
                path: path.clone(),
                source,
            })?;
        all.streams.extend(parsed.streams);
        all.consumers.extend(parsed.consumers);
    }
    Ok(all)
}

/// Creates what is missing and updates what differs, streams first.
pub(super) async fn apply(client: &Client, definitions: &Definitions) -> Result<(), Error> {
    for stream in &definitions.streams {
        let created = call(client, &format!("STREAM.CREATE.{}", stream.name), stream).await?;
        let answer = match created.pointer("/error/err_code").and_then(Value::as_u64) {
            Some(STREAM_NAME_IN_USE) => {
                call(client, &format!("STREAM.UPDATE.{}", stream.name), stream).await?
            }
            _ => created,
        };
        accept(&format!("create stream {}", stream.name), &answer)?;
    }
    for consumer in &definitions.consumers {
        let (stream, name) = (&consumer.stream, &consumer.durable_name);
        let request = json!({ "stream_name": stream, "config": consumer });
        let answer = call(client, &format!("CONSUMER.CREATE.{stream}.{name}"), &request).await?;
        accept(&format!("create consumer {name} on stream {stream}"), &answer)?;
    }
    Ok(())
}

/// One request to the JetStream API (`verb` without the `$JS.API.` in front) and its JSON answer; null is an empty body.
pub(super) async fn call(client: &Client, verb: &str, body: &impl Serialize) -> Result<Value, Error> {
    let refused = |reason: String| Error::Refused {
        action: format!("call $JS.API.{verb}"),
        reason,
    };
    let json = serde_json::to_vec(body).map_err(|error| refused(error.to_string()))?;
    let payload = if json == b"null" {
        Bytes::new()
    } else {
        Bytes::from(json)
    };
    let answer = client
        .request(format!("$JS.API.{verb}"), payload)
        .await
        .map_err(|error| refused(error.to_string()))?;
    serde_json::from_slice(&answer.payload).map_err(|error| refused(error.to_string()))
}

fn accept(action: &str, answer: &Value) -> Result<(), Error> {
    match answer.get("error") {
        None => Ok(()),
        Some(error) => Err(Error::Refused {
            action: action.to_owned(),
            reason: error.to_string(),
        }),
    }
}
