//! What the parts in this process log: turned into lines like those of components, instead of going to stderr.

use std::fmt;

use serde_json::{Map, Value};
use tracing::{Event, Metadata, Subscriber, field};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::{Context, SubscriberExt as _},
    registry::Registry,
};

use super::{
    line::{Line, OWN_NAME},
    printer::Voice,
    structured::sentence,
};

/// The name under which the proxy in this process speaks.
pub(super) const PROXY: &str = "proxy";
/// The name under which the gateway speaks.
pub(super) const GATEWAY: &str = "gateway";

/// Sends what is logged to `voice`; one `-v` adds details, two add everything.
pub(super) fn subscriber(voice: Voice, verbose: u8) -> impl Subscriber + Send + Sync {
    let (own, others) = match verbose {
        0 => (LevelFilter::INFO, LevelFilter::WARN),
        1 => (LevelFilter::DEBUG, LevelFilter::INFO),
        _ => (LevelFilter::TRACE, LevelFilter::DEBUG),
    };
    let targets = ["cli", "contract", "platform", "proxy", "runtime"];
    let filter = Targets::new()
        .with_default(others)
        .with_targets(targets.map(|target| (target, own)));
    // Each connection and each readiness check tells its own story; that the proxy is ready, or why not, says enough.
    let filter = match verbose {
        0 => filter
            .with_target("runtime::nats", LevelFilter::ERROR)
            .with_target("runtime::admin", LevelFilter::OFF),
        _ => filter,
    };
    Registry::default().with(Speaker { voice }.with_filter(filter))
}

struct Speaker {
    voice: Voice,
}

impl<S: Subscriber> Layer<S> for Speaker {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let line = sentence(event.metadata().level().as_str(), &fields.message, &fields.rest);
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
    use std::io;

    use super::*;
    use crate::session::{line::Margin, printer::Printer};
    use crate::ui::{Manner, Output, Streams, Ui};

    #[test]
    fn what_is_logged_comes_out_as_a_line_of_whoever_logged_it() {
        let (reader, writer) = io::pipe().unwrap();
        let manner = Manner {
            output: Output::Json,
            ..Manner::default()
        };
        let printer = Printer::start(
            Ui::new(Streams::captured(io::sink(), writer), manner),
            Margin::new(Vec::new()),
        );
        let log = tracing::subscriber::set_default(subscriber(printer.voice(), 0));
        tracing::warn!(target: "proxy::service", StatusCode = 503, "stream full");
        tracing::info!(target: "runtime::nats::connection", "routine");
        tracing::info!(target: "some_library", "chatter");
        drop(log);
        printer.finish(std::time::Duration::from_mins(1));
        let lines: Vec<Value> = io::BufRead::lines(io::BufReader::new(reader))
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect();
        let expected = serde_json::json!([{
            "type": "log", "component": "proxy", "stream": "stderr", "line": "WARN stream full StatusCode=503",
            "fields": {"StatusCode": 503, "level": "warn"},
        }]);
        assert_eq!(Value::from(lines), expected);
    }
}
