//! The announcement that everything is ready, with the addresses a person or a script goes on with.

use std::time::Duration;

use platform::event::millis;
use serde::{Serialize, Serializer};

use crate::{
    board::{Status, Urls},
    ui::{Paint, Report, Tint},
};

/// Said once on stdout, when every component is ready.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "ready", rename_all = "camelCase")]
pub(super) struct Ready {
    /// From the start of the process.
    #[serde(rename = "elapsedMs", serialize_with = "milliseconds")]
    pub(super) elapsed: Duration,
    /// This process.
    pub(super) pid: u32,
    /// The gateway's port.
    pub(super) port: u16,
    /// Everything else.
    #[serde(flatten)]
    pub(super) status: Status,
}

impl Report for Ready {
    fn text(&self, paint: Paint) -> String {
        let ready = format!("Ready in {:.2} s.", self.elapsed.as_secs_f64());
        format!(
            "\n{} Press Ctrl-C to stop.\n\n{}\n",
            paint.bold(Tint::Green, &ready),
            addresses(&self.status.urls, paint)
        )
    }
}

/// The addresses as an indented block.
fn addresses(urls: &Urls, paint: Paint) -> String {
    let line = |name: &str, url: &str| format!("  {name:<6} {}\n", paint.tint(Tint::Cyan, url));
    let lines = [
        line("API", &urls.api),
        line("UI", &urls.ui),
        line("Admin", &urls.admin),
        line("NATS", &urls.nats),
    ];
    lines.concat()
}

fn milliseconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(millis(*elapsed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Board;

    fn ready() -> Ready {
        let board = Board::new("orders", Vec::new());
        board.locate(Urls {
            api: "http://localhost:8080/api".to_owned(),
            ui: "http://localhost:8080/ui".to_owned(),
            admin: "http://127.0.0.1:40001".to_owned(),
            nats: "nats://127.0.0.1:40002".to_owned(),
        });
        Ready {
            elapsed: Duration::from_millis(412),
            pid: 7,
            port: 8080,
            status: board.status(),
        }
    }

    #[test]
    fn a_person_sees_the_addresses() {
        insta::assert_snapshot!(ready().text(Paint::new(false)), @"
        Ready in 0.41 s. Press Ctrl-C to stop.

          API    http://localhost:8080/api
          UI     http://localhost:8080/ui
          Admin  http://127.0.0.1:40001
          NATS   nats://127.0.0.1:40002
        ");
    }

    #[test]
    fn a_program_gets_one_object() {
        let json = serde_json::to_value(ready()).unwrap();
        assert_eq!(json["type"], "ready");
        assert_eq!(json["elapsedMs"], 412);
        assert_eq!(json["urls"]["api"], "http://localhost:8080/api");
        assert_eq!(json["project"], "orders");
    }
}
