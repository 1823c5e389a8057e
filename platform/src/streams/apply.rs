//! Makes a server as the definitions say.

use contract::definition::Definitions;
use serde_json::{Value, json};

use super::compare::{Difference, Plan, Resource, Verdict, plan};
use super::{Error, JetStream, fields};
use crate::event::{Event, Events};

/// Creates what is missing and updates what differs, streams before consumers; never deletes. What was found is
/// returned, and reported as [`Event::Stream`] after it was done. Applying again changes nothing.
///
/// # Errors
/// [`Error::Immutable`], with nothing changed, when something would have to be created anew; otherwise the first step
/// the server refuses.
pub async fn apply(
    jetstream: &JetStream,
    definitions: &Definitions,
    events: &Events,
) -> Result<Vec<Difference>, Error> {
    let plans = plan(jetstream, definitions).await?;
    let immutable = |plan: &&Plan| matches!(plan.difference.verdict, Verdict::Immutable { .. });
    let differences: Vec<Difference> = plans
        .iter()
        .filter(immutable)
        .map(|plan| plan.difference.clone())
        .collect();
    if !differences.is_empty() {
        return Err(Error::Immutable { differences });
    }
    let mut done = Vec::new();
    for plan in plans {
        if plan.difference.differs() {
            carry_out(jetstream, &plan).await?;
        }
        events.send(Event::Stream {
            difference: plan.difference.clone(),
        });
        done.push(plan.difference);
    }
    Ok(done)
}

async fn carry_out(jetstream: &JetStream, plan: &Plan) -> Result<(), Error> {
    let resource = &plan.difference.resource;
    let (verb, action) = match plan.difference.verdict {
        Verdict::Create => ("CREATE", "create"),
        _ => ("UPDATE", "update"),
    };
    let operation = format!("{action} {resource}");
    let (subject, body) = match resource {
        Resource::Stream { name } => (format!("STREAM.{verb}.{name}"), json!(plan.merged)),
        Resource::Consumer { stream, name } => (
            format!("CONSUMER.CREATE.{stream}.{name}"),
            json!({ "stream_name": stream, "config": plan.merged, "action": action }),
        ),
    };
    let mut answer = jetstream.call(&subject, &operation, &body).await?;
    let config = answer
        .get_mut("config")
        .map(Value::take)
        .and_then(fields::answered)
        .unwrap_or_default();
    let changes = fields::changes(&plan.wanted, &config);
    if changes.is_empty() {
        Ok(())
    } else {
        Err(Error::NotTaken {
            resource: resource.clone(),
            changes,
        })
    }
}
