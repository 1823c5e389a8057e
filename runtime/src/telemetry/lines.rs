//! Makes one line of each event and the spans around it.

use std::{cell::RefCell, fmt};

use time::OffsetDateTime;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{Output, human, json};

/// Longer buffers are given back after the line that needed them.
const KEPT_BYTES: usize = 16 * 1024;

thread_local! {
    static LINE: RefCell<Line> = RefCell::new(Line::default());
}

/// A field's value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Bool(bool),
    Signed(i128),
    Unsigned(u128),
    Float(f64),
    Text(String),
}

/// Fields in the order they were given; a later value replaces an earlier one of the same name.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub(super) Vec<(&'static str, Value)>);

/// All that goes into one line.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) time: OffsetDateTime,
    pub(super) level: &'a Level,
    pub(super) target: &'a str,
    /// Already in the form of the line.
    pub(super) constant: &'a str,
    pub(super) fields: &'a Fields,
    /// Fields of the spans around the event that the event does not have itself, the innermost first.
    pub(super) around: &'a Fields,
}

#[derive(Debug, Default)]
struct Line {
    text: String,
    fields: Fields,
    around: Fields,
}

/// The layer that writes lines.
#[derive(Debug)]
pub(super) struct Lines {
    output: Output,
    constant: String,
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Json,
    Human { is_coloured: bool },
}

impl Lines {
    pub(super) fn json(output: Output, constant: &[(String, String)]) -> Self {
        Self {
            output,
            constant: json::constant(constant),
            form: Form::Json,
        }
    }

    pub(super) fn human(output: Output, is_coloured: bool, constant: &[(String, String)]) -> Self {
        Self {
            output,
            constant: human::constant(constant),
            form: Form::Human { is_coloured },
        }
    }

    fn write(&self, line: &mut Line, metadata: &Metadata<'_>) {
        let parts = Parts {
            time: OffsetDateTime::now_utc(),
            level: metadata.level(),
            target: metadata.target(),
            constant: &self.constant,
            fields: &line.fields,
            around: &line.around,
        };
        match self.form {
            Form::Json => json::write(&mut line.text, &parts),
            Form::Human { is_coloured } => human::write(&mut line.text, &parts, is_coloured),
        }
        self.output.line(&line.text);
    }
}

impl<S> Layer<S> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        LINE.with(|line| {
            // A value whose `Debug` logs would come here while the line is in use: it gets a line of its own.
            let mut fresh = Line::default();
            let mut kept = line.try_borrow_mut();
            let line = kept.as_deref_mut().unwrap_or(&mut fresh);
            line.text.clear();
            line.text.shrink_to(KEPT_BYTES);
            line.fields.0.clear();
            line.around.0.clear();
            event.record(&mut line.fields);
            for span in context.event_scope(event).into_iter().flatten() {
                if let Some(fields) = span.extensions().get::<Fields>() {
                    for (name, value) in &fields.0 {
                        if !line.fields.has(name) && !line.around.has(name) {
                            line.around.0.push((name, value.clone()));
                        }
                    }
                }
            }
            self.write(line, event.metadata());
        });
    }
}

impl Fields {
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == name)
    }

    fn put(&mut self, field: &Field, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == field.name()) {
            Some(known) => known.1 = value,
            None => self.0.push((field.name(), value)),
        }
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::Signed(value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::Unsigned(value.into()));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(field, Value::Signed(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field, Value::Unsigned(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::Float(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::Text(value.to_owned()));
    }

    fn record_error(&mut self, field: &Field, error: &(dyn std::error::Error + 'static)) {
        self.put(field, Value::Text(super::sentence(error)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, Value::Text(format!("{value:?}")));
    }
}
