//! How a stream is tied to other streams, subjects and servers.

use serde::{Deserialize, Serialize, Serializer};

use super::duration::Nanos;

/// Which servers may hold a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Name of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Tags a server must have, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// A stream that is mirrored or flows into another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// First sequence to take.
    #[serde(default)]
    pub opt_start_seq: Option<u64>,
    /// First time stamp (RFC 3339) to take.
    #[serde(default)]
    pub opt_start_time: Option<String>,
    /// The subjects to take.
    #[serde(default)]
    pub filter_subject: Option<String>,
    /// Prefix of the API in another account or domain, such as `$JS.hub.API`.
    #[serde(default)]
    pub external_api_prefix: Option<String>,
    /// Prefix of the subjects on which the other account or domain delivers.
    #[serde(default)]
    pub external_deliver_prefix: Option<String>,
    /// Rewrites subjects on the way.
    #[serde(default)]
    pub subject_transforms: Vec<SubjectTransform>,
}

/// The API nests what the resource writes flat.
impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nested = External {
            api: self.external_api_prefix.as_deref(),
            deliver: self.external_deliver_prefix.as_deref(),
        };
        let external = (nested.api.is_some() || nested.deliver.is_some()).then_some(nested);
        SourceConfig {
            name: &self.name,
            opt_start_seq: self.opt_start_seq,
            opt_start_time: self.opt_start_time.as_deref(),
            filter_subject: self.filter_subject.as_deref(),
            external,
            subject_transforms: &self.subject_transforms,
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct SourceConfig<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    opt_start_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opt_start_time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter_subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external: Option<External<'a>>,
    #[serde(skip_serializing_if = "<[SubjectTransform]>::is_empty")]
    subject_transforms: &'a [SubjectTransform],
}

#[derive(Serialize)]
struct External<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deliver: Option<&'a str>,
}

/// Rewrites subjects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectTransform {
    /// What is rewritten.
    #[serde(rename(serialize = "src", deserialize = "source"))]
    pub source: String,
    /// What it becomes.
    pub dest: String,
}

/// Publishes each stored message again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Republish {
    /// Which messages.
    #[serde(rename(serialize = "src", deserialize = "source"))]
    pub source: String,
    /// On which subject.
    #[serde(rename(serialize = "dest", deserialize = "destination"))]
    pub destination: String,
    /// Whether payloads are left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub headers_only: bool,
}

/// Bounds for the settings of a stream's consumers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all(serialize = "snake_case", deserialize = "camelCase"),
    deny_unknown_fields
)]
pub struct ConsumerLimits {
    /// Longest idle time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inactive_threshold: Option<Nanos>,
    /// Most deliveries not yet acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ack_pending: Option<i64>,
}
