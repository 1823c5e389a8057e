//! Answers to requests that are wrong in themselves.

use contract::problem::{FieldError, Problem};
use http::{Method, StatusCode};

/// Why a request is not executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What the client is told.
    pub problem: Box<Problem>,
    /// For `Allow`.
    pub allow: Option<&'static str>,
}

impl Rejection {
    pub(super) fn new(status: StatusCode, title: &str) -> Self {
        Self {
            problem: Box::new(Problem::new(status, title)),
            allow: None,
        }
    }

    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.problem.detail = Some(detail.into());
        self
    }

    pub(super) fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.problem.errors = errors;
        self
    }
}

/// 400: a query parameter.
pub(super) fn parameter(name: &str, detail: impl Into<String>) -> Rejection {
    let errors = vec![FieldError {
        field: name.to_owned(),
        detail: detail.into(),
    }];
    Rejection::new(StatusCode::BAD_REQUEST, "Wrong query parameter").errors(errors)
}

/// 400: a header.
pub(super) fn header(name: &str, detail: impl Into<String>) -> Rejection {
    let errors = vec![FieldError {
        field: name.to_owned(),
        detail: detail.into(),
    }];
    Rejection::new(StatusCode::BAD_REQUEST, "Wrong header").errors(errors)
}

/// 404: a path that nothing lies under.
pub(super) fn unknown_path(path: &str) -> Rejection {
    Rejection::new(StatusCode::NOT_FOUND, "No such path").detail(format!(
        "nothing lies under {path}; there are /users, /services and /ratings"
    ))
}

/// 405.
pub(super) fn method_not_allowed(method: &Method, allow: &'static str) -> Rejection {
    let mut rejection = Rejection::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
        .detail(format!("{method} is not possible here; these are: {allow}"));
    rejection.allow = Some(allow);
    rejection
}

/// 428 (RFC 6585 section 3).
pub(super) fn precondition_required() -> Rejection {
    Rejection::new(StatusCode::PRECONDITION_REQUIRED, "If-Match required").detail(
        "send If-Match with the entity tag (ETag) of the version you are replacing, \
         so that nobody's change is lost; or * to replace any version",
    )
}
