//! The live feed's entry in the routes file: where it is, and what it carries.

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::file::{RoutesError, value_error};
use super::{Routes, Template, TemplateError};
use crate::feed::{Filter, is_group};

/// Everything that clients may be told of.
const ALL: &str = ">";

/// A live feed: a stream that clients follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Where it is, such as `/events`.
    pub path: String,
    /// The stream it follows.
    pub stream: String,
    /// What of the stream clients may see.
    pub subject: Filter,
    /// What the subjects begin with under which WebSocket clients talk to each other; without it they do not.
    pub groups: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    path: Spanned<String>,
    stream: Spanned<String>,
    subject: Option<Spanned<String>>,
    groups: Option<Spanned<String>>,
}

impl Entry {
    /// Checks the entry beside the routes it stands with.
    pub(super) fn read(&self, file: &str, routes: &Routes) -> Result<Feed, RoutesError> {
        let path = &self.path;
        let template = |source: TemplateError| RoutesError::Template {
            file: file.to_owned(),
            line: path.referenced.line(),
            column: path.referenced.column(),
            source,
        };
        let parsed = Template::parse(&path.value).map_err(template)?;
        if parsed.literals() != parsed.length() {
            return Err(value_error(
                file,
                path,
                "the feed is at one path, without parameters".to_owned(),
            ));
        }
        if routes.iter().any(|route| route.template.as_str() == path.value) {
            return Err(value_error(
                file,
                path,
                "the feed has the path of a route".to_owned(),
            ));
        }
        Ok(Feed {
            path: path.value.clone(),
            stream: self.stream(file)?,
            subject: self.subject(file)?,
            groups: self.groups(file)?,
        })
    }

    fn stream(&self, file: &str) -> Result<String, RoutesError> {
        let name = &self.stream.value;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.is_empty() || !name.bytes().all(plain) {
            let reason = format!("'{name}' is no stream name of letters, digits, '-' and '_'");
            return Err(value_error(file, &self.stream, reason));
        }
        Ok(name.clone())
    }

    fn groups(&self, file: &str) -> Result<Option<String>, RoutesError> {
        let Some(head) = &self.groups else {
            return Ok(None);
        };
        if !is_group(&head.value) {
            let reason = format!("'{}' is no token of letters, digits, '-' and '_'", head.value);
            return Err(value_error(file, head, reason));
        }
        let taken = |subject: &Filter| subject.as_str().split('.').next() == Some(head.value.as_str());
        if taken(&self.subject(file)?) {
            let reason = "clients would talk under the subjects of the feed's events".to_owned();
            return Err(value_error(file, head, reason));
        }
        Ok(Some(head.value.clone()))
    }

    fn subject(&self, file: &str) -> Result<Filter, RoutesError> {
        let Some(subject) = &self.subject else {
            return Ok(Filter::parse(ALL).expect("'>' is a subject"));
        };
        Filter::parse(&subject.value).map_err(|error| {
            value_error(
                file,
                subject,
                format!("'{}' is no subject: {error}", subject.value),
            )
        })
    }
}
