//! What is sent to the reader of logs.

use k8s_openapi::jiff::Timestamp;
use serde::Serialize;

/// A line, or something that a person should know about the lines.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Item {
    /// A line of a container.
    Line(Line),
    /// Something about a pod.
    Notice(Notice),
}

/// A line of a container.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The component whose pod it is.
    pub component: String,
    /// The pod.
    pub pod: String,
    /// The container in it.
    pub container: String,
    /// When the line was written, by the node's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// The line without its end, as it was written; what is not UTF-8 is replaced.
    pub line: String,
    /// It is from the container before this one, which has ended.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub previous: bool,
    /// Bytes cut off the end of an over-long line.
    #[serde(skip_serializing_if = "is_zero")]
    pub omitted_bytes: u64,
}

/// Something about a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The component whose pod it is.
    pub component: String,
    /// The pod.
    pub pod: String,
    /// The container in it, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// A sentence without an end.
    pub message: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
