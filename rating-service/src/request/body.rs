//! Reads JSON objects field by field and names everything that is wrong at once, by JSON pointer (RFC 6901).

use contract::envelope::Request;
use contract::problem::FieldError;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::Rejection;

/// Longest body. What is created from it comes back with ids and times added, and must fit into a message of 1 MiB.
const MAX_BYTES: usize = 900 * 1024;

/// The body as JSON.
///
/// # Errors
/// 413 for one that is too long, 415 for another media type, 400 for something that is not JSON.
pub(super) fn json(request: &Request) -> Result<Value, Rejection> {
    if request.body.is_empty() {
        return Err(malformed("the body is empty"));
    }
    if request.body.len() > MAX_BYTES {
        let detail = format!(
            "the body has {} bytes; send at most {MAX_BYTES}",
            request.body.len()
        );
        return Err(Rejection::new(StatusCode::PAYLOAD_TOO_LARGE, "Body too long").detail(detail));
    }
    let media_type = request.headers.get(CONTENT_TYPE);
    if media_type.is_some_and(|value| !value.to_str().is_ok_and(is_json)) {
        let detail = "the body must be JSON, with Content-Type: application/json";
        return Err(
            Rejection::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type").detail(detail),
        );
    }
    serde_json::from_slice(&request.body)
        .map_err(|error| malformed(&format!("the body is not JSON: {error}")))
}

fn malformed(detail: &str) -> Rejection {
    let errors = vec![FieldError {
        field: String::new(),
        detail: detail.to_owned(),
    }];
    Rejection::new(StatusCode::BAD_REQUEST, "Malformed JSON")
        .detail(detail)
        .errors(errors)
}

fn is_json(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let kind = parts.next().unwrap_or_default();
    let is_json = kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"));
    is_json && parts.all(|parameter| !parameter.starts_with("charset=") || parameter.contains("utf-8"))
}

/// What is wrong with a body.
#[derive(Debug, Default)]
pub(super) struct Faults {
    errors: Vec<FieldError>,
}

impl Faults {
    pub(super) fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.errors.push(FieldError {
            field: pointer.into(),
            detail: detail.into(),
        });
    }

    /// The value, if it was made without faults.
    pub(super) fn check<T>(self, value: Option<T>) -> Result<T, Rejection> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(Rejection::new(StatusCode::UNPROCESSABLE_ENTITY, "Wrong content").errors(self.errors)),
        }
    }
}

/// An object being read. What is left at the end was not expected.
pub(super) struct Fields<'b> {
    pointer: String,
    members: &'b Map<String, Value>,
    known: Vec<&'static str>,
}

impl<'b> Fields<'b> {
    pub(super) fn of(value: &'b Value, pointer: String, faults: &mut Faults) -> Option<Self> {
        let Value::Object(members) = value else {
            faults.add(pointer, format!("must be an object, not {}", kind(value)));
            return None;
        };
        Some(Self {
            pointer,
            members,
            known: Vec::new(),
        })
    }

    /// A field that must be there.
    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        rule: impl FnOnce(&Value) -> Result<T, String>,
        faults: &mut Faults,
    ) -> Option<T> {
        let value = self.optional(name, rule, faults)?;
        if value.is_none() {
            faults.add(self.pointer_to(name), "is required");
        }
        value
    }

    /// A field that may be left out or null. `None` if it is wrong.
    #[expect(
        clippy::option_option,
        reason = "wrong, left out, there: three outcomes of one field"
    )]
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        rule: impl FnOnce(&Value) -> Result<T, String>,
        faults: &mut Faults,
    ) -> Option<Option<T>> {
        self.known.push(name);
        let value = match self.members.get(name) {
            None | Some(Value::Null) => return Some(None),
            Some(value) => value,
        };
        match rule(value) {
            Ok(value) => Some(Some(value)),
            Err(detail) => {
                faults.add(self.pointer_to(name), detail);
                None
            }
        }
    }

    /// Accepts fields that only the service writes, so that what was read can be sent back changed.
    pub(super) fn ignore(&mut self, names: &[&'static str]) {
        self.known.extend_from_slice(names);
    }

    /// Refuses what was not asked for.
    pub(super) fn end(self, faults: &mut Faults) {
        for name in self
            .members
            .keys()
            .filter(|name| !self.known.contains(&name.as_str()))
        {
            let known = self.known.join(", ");
            faults.add(self.pointer_to(name), format!("is unknown; there are {known}"));
        }
    }

    fn pointer_to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }
}

/// What a JSON value is, for people.
pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("application/json", true)]
    #[test_case("Application/JSON; charset=UTF-8", true)]
    #[test_case("application/vnd.rating+json", true)]
    #[test_case("application/json; charset=latin1", false)]
    #[test_case("text/json", false)]
    #[test_case("application/x-www-form-urlencoded", false)]
    fn json_is_recognised_by_its_media_type(media_type: &str, expected: bool) {
        assert_eq!(is_json(media_type), expected);
    }

    #[test]
    fn pointers_are_escaped() {
        let value = serde_json::json!({"a/b~c": 1});
        let mut faults = Faults::default();
        Fields::of(&value, String::new(), &mut faults)
            .unwrap()
            .end(&mut faults);
        assert_eq!(faults.errors[0].field, "/a~1b~0c");
    }
}
