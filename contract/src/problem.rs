//! Problem details for HTTP APIs (RFC 9457): how every error of the system looks to a client.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::envelope::Reply;

/// Media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A problem document. Members that do not apply are left out of the JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// URI of the kind of problem; `about:blank` where the status says it all.
    #[serde(rename = "type", default = "about_blank")]
    pub kind: String,
    /// Short, the same for every occurrence.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened this time, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Path of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Id to quote when asking for help; also in `X-Request-Id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whether the same request may succeed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
    /// `unknown` where the effect may or may not have happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// What is wrong with which part of the input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One wrong part of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body, or the name of a query parameter or header.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

fn about_blank() -> String {
    "about:blank".to_owned()
}

impl Problem {
    /// A problem without details.
    pub fn new(status: StatusCode, title: impl Into<String>) -> Self {
        Self {
            kind: about_blank(),
            title: title.into(),
            status: status.as_u16(),
            detail: None,
            instance: None,
            request_id: None,
            retryable: None,
            outcome: None,
            errors: Vec::new(),
        }
    }

    /// Says what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names the kind of problem by a URI of its own.
    #[must_use]
    pub fn kind(mut self, uri: impl Into<String>) -> Self {
        self.kind = uri.into();
        self
    }

    /// Names the request's path.
    #[must_use]
    pub fn instance(mut self, path: impl Into<String>) -> Self {
        self.instance = Some(path.into());
        self
    }

    /// Gives the id to quote.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// Says whether trying again may help.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.retryable = Some(retryable);
        self
    }

    /// Says that nobody knows whether the effect happened.
    #[must_use]
    pub fn outcome_unknown(mut self) -> Self {
        self.outcome = Some("unknown".to_owned());
        self
    }

    /// Adds one wrong part of the input.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            field: field.into(),
            detail: detail.into(),
        });
        self
    }

    /// The document as JSON text.
    pub fn to_json(&self) -> Bytes {
        serde_json::to_vec(self)
            .expect("strings and numbers are always JSON")
            .into()
    }

    /// The document as an answer with its status and media type.
    pub fn into_reply(self) -> Reply {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = HeaderMap::with_capacity(2);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        Reply {
            status,
            headers,
            body: self.to_json(),
        }
    }
}
