//! What the parts in this process log: turned into lines like those of components, instead of going to stderr.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};
use tracing::{Event, Level, Metadata, Subscriber, field, subscriber::DefaultGuard};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::{Context, SubscriberExt as _},
    registry::Registry,
};

use super::{
    line::{Line, OWN_NAME},
    printer::Voice,
};

/// The name under which the proxy in this process speaks.
pub(super) const PROXY: &str = "proxy";
/// The name under which the gateway speaks.
pub(super) const GATEWAY: &str = "gateway";

/// Sends what is logged on this thread, and on the server threads started from it, to `voice`, until the guard is dropped.
pub(super) fn install(voice: Voice, verbose: u8) -> DefaultGuard {
    let (own, others) = match verbose {
        0 => (LevelFilter::INFO, LevelFilter::WARN),
        1 => (LevelFilter::DEBUG, LevelFilter::INFO),
        _ => (LevelFilter::TRACE, LevelFilter::DEBUG),
    };
    let targets = ["cli", "contract", "platform", "proxy", "runtime"];
    let filter = Targets::new()
        .with_default(others)
        .with_targets(targets.map(|target| (target, own)));
    tracing::subscriber::set_default(Registry::default().with(Speaker { voice }.with_filter(filter)))
}

struct Speaker {
    voice: Voice,
}

impl<S: Subscriber> Layer<S> for Speaker {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let line = fields.line(*event.metadata().level());
        let level = Value::from(event.metadata().level().as_str().to_ascii_lowercase());
        fields.rest.insert("level".to_owned(), level);
        let component = speaker(event.metadata()).to_owned();
        self.voice.line(Line::Log {
            component,
            stream: "stderr",
            line,
            fields: fields.rest,
        });
    }
}

/// Whose words these are, from the module they come from.
fn speaker(metadata: &Metadata<'_>) -> &'static str {
    match metadata.target().split("::").next() {
        Some("proxy" | "async_nats") => PROXY,
        Some("runtime") if metadata.target().starts_with("runtime::nats") => PROXY,
        Some("runtime" | "hyper" | "h2") => GATEWAY,
        Some("cli") if metadata.target().starts_with("cli::gateway") => GATEWAY,
        _ => OWN_NAME,
    }
}

/// The fields of one event, its message apart.
#[derive(Default)]
struct Fields {
    message: String,
    rest: Map<String, Value>,
}

impl Fields {
    fn keep(&mut self, field: &field::Field, value: Value) {
        self.rest.insert(field.name().to_owned(), value);
    }

    /// The line for people: a request as one reads it, anything else as message and fields.
    fn line(&self, level: Level) -> String {
        let mut line = if level == Level::INFO {
            String::new()
        } else {
            format!("{level} ")
        };
        if let Some(request) = self.request() {
            return line + &request;
        }
        line += &self.message;
        for (name, value) in &self.rest {
            let _ = match value {
                Value::String(text) => write!(line, " {name}={text}"),
                other => write!(line, " {name}={other}"),
            };
        }
        line
    }

    /// `GET /users 200 3.1 ms`, with the reason if it failed.
    fn request(&self) -> Option<String> {
        let text = |name: &str| self.rest.get(name).and_then(Value::as_str);
        let (method, path) = (text("RequestMethod")?, text("RequestPath")?);
        let status = self.rest.get("StatusCode")?.as_u64()?;
        let elapsed = self.rest.get("Elapsed")?.as_f64()?;
        let reason = text("Reason")
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        Some(format!("{method} {path} {status} {elapsed:.1} ms{reason}"))
    }
}

impl field::Visit for Fields {
    fn record_f64(&mut self, field: &field::Field, value: f64) {
        self.keep(field, value.into());
    }

    fn record_i64(&mut self, field: &field::Field, value: i64) {
        self.keep(field, value.into());
    }

    fn record_u64(&mut self, field: &field::Field, value: u64) {
        self.keep(field, value.into());
    }

    fn record_bool(&mut self, field: &field::Field, value: bool) {
        self.keep(field, value.into());
    }

    fn record_str(&mut self, field: &field::Field, value: &str) {
        self.keep(field, value.into());
    }

    fn record_debug(&mut self, field: &field::Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            self.keep(field, format!("{value:?}").into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(message: &str, rest: Value) -> Fields {
        let Value::Object(rest) = rest else {
            panic!("an object is needed")
        };
        Fields {
            message: message.to_owned(),
            rest,
        }
    }

    #[test]
    fn a_request_reads_like_one() {
        let request = fields(
            "request",
            serde_json::json!({"RequestMethod": "GET", "RequestPath": "/users", "StatusCode": 200, "Elapsed": 3.14}),
        );
        assert_eq!(request.line(Level::INFO), "GET /users 200 3.1 ms");
    }

    #[test]
    fn anything_else_is_its_message_and_fields() {
        let event = fields(
            "cannot serve a connection",
            serde_json::json!({"peer": "[::1]:4", "n": 2}),
        );
        assert_eq!(
            event.line(Level::WARN),
            "WARN cannot serve a connection n=2 peer=[::1]:4"
        );
    }
}
