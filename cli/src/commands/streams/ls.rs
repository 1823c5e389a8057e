//! `ratectl streams ls`: what a server has.

use platform::streams::{self, StreamState};

use super::Server;
use crate::{
    app::Global,
    commands::with_runtime,
    error::Error,
    exit::Exit,
    ui::{Table, Ui, amount},
};

/// List the streams and consumers of a server
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    server: Server,
}

/// Prints a table; one JSON object a stream with `-o json`.
pub(super) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let way = args.server.way(global)?;
    let states = with_runtime(async {
        let reached = way.connect().await?;
        Ok(streams::ls(reached.jetstream()).await?)
    })?;
    ui.listing(&states, |_| table(&states))?;
    if states.is_empty() {
        ui.status("There are no streams.");
    }
    Ok(Exit::Success)
}

fn table(states: &[StreamState]) -> String {
    if states.is_empty() {
        return String::new();
    }
    let mut table = Table::with_heading([
        "STREAM / CONSUMER",
        "RETENTION",
        "MESSAGES",
        "SIZE",
        "PENDING",
        "UNACKED",
        "SUBJECTS",
    ]);
    for state in states {
        let none = String::new;
        let size = amount::bytes(state.bytes);
        let subjects = state.subjects.join(", ");
        table.row([
            state.name.clone(),
            state.retention.clone(),
            state.messages.to_string(),
            size,
            none(),
            none(),
            subjects,
        ]);
        for consumer in &state.consumers {
            let name = format!("  {}", consumer.name);
            let (pending, unacked) = (consumer.pending.to_string(), consumer.ack_pending.to_string());
            table.row([name, none(), none(), none(), pending, unacked, none()]);
        }
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use platform::streams::ConsumerState;

    use super::*;

    #[test]
    fn consumers_stand_below_their_stream() {
        let worker = ConsumerState {
            name: "worker".to_owned(),
            pending: 3,
            ack_pending: 1,
            waiting: 2,
        };
        let states = [
            StreamState {
                name: "REQUESTS".to_owned(),
                subjects: vec!["api.>".to_owned()],
                retention: "workqueue".to_owned(),
                messages: 4,
                bytes: 2048,
                consumers: vec![worker],
            },
            StreamState {
                name: "EVENTS".to_owned(),
                subjects: vec!["a".to_owned(), "b".to_owned()],
                retention: "limits".to_owned(),
                messages: 0,
                bytes: 0,
                consumers: Vec::new(),
            },
        ];
        insta::assert_snapshot!(table(&states), @"
        STREAM / CONSUMER  RETENTION  MESSAGES  SIZE   PENDING  UNACKED  SUBJECTS
        REQUESTS           workqueue  4         2 KiB                    api.>
          worker                                       3        1
        EVENTS             limits     0         0 B                      a, b
        ");
    }
}
