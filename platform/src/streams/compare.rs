//! Definition against server, field by field.

use std::fmt;

use contract::definition::Definitions;
use serde::Serialize;
use serde_json::Value;

use super::fields::{self, Config};
use super::{Error, JetStream};

/// A stream, or a consumer of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Resource {
    /// A stream.
    Stream {
        /// Its name.
        name: String,
    },
    /// A consumer.
    Consumer {
        /// Its stream.
        stream: String,
        /// Its name.
        name: String,
    },
}

/// A field that differs. Names and values are those of the JetStream API (durations in nanoseconds).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// Its name; a member of an object as `placement.cluster`.
    pub field: String,
    /// On the server; null where it is absent.
    pub from: Value,
    /// In the definition.
    pub to: Value,
}

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// Defined and as defined.
    Same,
    /// Defined and not on the server.
    Create,
    /// On the server with other values, all of which can be changed.
    Update {
        /// What changes.
        changes: Vec<FieldChange>,
    },
    /// On the server with values that can only be changed by deleting it and creating it anew.
    Immutable {
        /// Everything that differs, fields that could be changed included.
        changes: Vec<FieldChange>,
    },
    /// On the server and not defined; left alone.
    Orphan,
}

/// One stream or consumer and what was found about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Which one.
    #[serde(flatten)]
    pub resource: Resource,
    /// What was found.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Difference {
    /// Whether definition and server disagree. Orphans do not count: nobody has defined what they should be.
    pub fn differs(&self) -> bool {
        !matches!(self.verdict, Verdict::Same | Verdict::Orphan)
    }
}

impl FieldChange {
    /// `retention: "limits" -> "workqueue", storage: ...` for a message.
    pub(super) fn list(changes: &[Self]) -> String {
        changes.iter().map(Self::to_string).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} -> {}", self.field, self.from, self.to)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream { name } => write!(f, "stream {name}"),
            Self::Consumer { stream, name } => write!(f, "consumer {name} of stream {stream}"),
        }
    }
}

/// Compares definitions with a server. Streams come first, each kind in the order of the definitions, orphans last.
///
/// # Errors
/// When the server does not answer, or a consumer's stream is nowhere.
pub async fn diff(jetstream: &JetStream, definitions: &Definitions) -> Result<Vec<Difference>, Error> {
    let plans = plan(jetstream, definitions).await?;
    Ok(plans.into_iter().map(|plan| plan.difference).collect())
}

/// A difference with what it takes to remove it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) difference: Difference,
    /// As defined.
    pub(super) wanted: Config,
    /// As defined, over what the server has.
    pub(super) merged: Config,
}

/// See [`diff`].
pub(super) async fn plan(jetstream: &JetStream, definitions: &Definitions) -> Result<Vec<Plan>, Error> {
    let found = Found::ask(jetstream, definitions).await?;
    let mut plans = Vec::new();
    for stream in &definitions.streams {
        let resource = Resource::Stream {
            name: stream.name.clone(),
        };
        plans.push(compare(&found, resource, fields::config(stream)?));
    }
    for consumer in &definitions.consumers {
        if definitions.stream(&consumer.stream).is_none() && !found.has_stream(&consumer.stream) {
            let (consumer, stream) = (consumer.durable_name.clone(), consumer.stream.clone());
            return Err(Error::NoStream { consumer, stream });
        }
        let resource = Resource::Consumer {
            stream: consumer.stream.clone(),
            name: consumer.durable_name.clone(),
        };
        plans.push(compare(&found, resource, fields::config(consumer)?));
    }
    let defined: Vec<Resource> = plans
        .iter()
        .map(|plan| plan.difference.resource.clone())
        .collect();
    for (resource, _) in found
        .0
        .into_iter()
        .filter(|(resource, _)| !defined.contains(resource))
    {
        let difference = Difference {
            resource,
            verdict: Verdict::Orphan,
        };
        plans.push(Plan {
            difference,
            wanted: Config::new(),
            merged: Config::new(),
        });
    }
    Ok(plans)
}

fn compare(found: &Found, resource: Resource, wanted: Config) -> Plan {
    let is_fixed = match resource {
        Resource::Stream { .. } => fields::is_fixed_in_stream,
        Resource::Consumer { .. } => fields::is_fixed_in_consumer,
    };
    let Some((_, actual)) = found.0.iter().find(|(other, _)| *other == resource) else {
        let difference = Difference {
            resource,
            verdict: Verdict::Create,
        };
        return Plan {
            difference,
            merged: wanted.clone(),
            wanted,
        };
    };
    let changes = fields::changes(&wanted, actual);
    let verdict = if changes.is_empty() {
        Verdict::Same
    } else if changes.iter().any(is_fixed) {
        Verdict::Immutable { changes }
    } else {
        Verdict::Update { changes }
    };
    Plan {
        difference: Difference { resource, verdict },
        merged: fields::merge(actual, &wanted),
        wanted,
    }
}

/// What the server has: every stream, and the durable consumers of those that matter here.
struct Found(Vec<(Resource, Config)>);

impl Found {
    async fn ask(jetstream: &JetStream, definitions: &Definitions) -> Result<Self, Error> {
        let mut found = Vec::new();
        let mut consumers = Vec::new();
        for info in jetstream.streams().await? {
            let Some((stream, config)) = named(info, "name") else {
                continue;
            };
            let matters = definitions.stream(&stream).is_some()
                || definitions
                    .consumers
                    .iter()
                    .any(|consumer| consumer.stream == stream);
            for info in if matters {
                jetstream.consumers(&stream).await?
            } else {
                Vec::new()
            } {
                // Without a durable name it belongs to the connection that made it.
                if let Some((name, config)) = named(info, "durable_name") {
                    consumers.push((
                        Resource::Consumer {
                            stream: stream.clone(),
                            name,
                        },
                        config,
                    ));
                }
            }
            found.push((Resource::Stream { name: stream }, config));
        }
        found.append(&mut consumers);
        Ok(Self(found))
    }

    fn has_stream(&self, stream: &str) -> bool {
        self.0
            .iter()
            .any(|(resource, _)| matches!(resource, Resource::Stream { name } if name == stream))
    }
}

/// The configuration in an information, with the name it gives in that field.
fn named(mut info: Value, field: &str) -> Option<(String, Config)> {
    let config = fields::answered(info.get_mut("config")?.take())?;
    let name = config.get(field)?.as_str()?.to_owned();
    Some((name, config))
}
