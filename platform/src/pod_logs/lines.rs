//! The log of one container, line by line.

use futures_util::AsyncBufReadExt as _;
use futures_util::io::AsyncBufRead;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::LogParams;

use super::container::Container;
use super::item::Line;
use super::{Item, Options};
use crate::kubernetes::Cluster;

/// Bytes of a line that are kept.
const LONGEST: usize = 16 * 1024;

/// A log that is being read.
pub(super) struct Lines {
    source: Box<dyn AsyncBufRead + Send + Unpin>,
    container: Container,
    previous: bool,
    /// Lines up to here have been read before.
    after: Option<Timestamp>,
    id: Option<String>,
}

/// Which part of a log is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    /// Goes on with what comes.
    pub(super) follow: bool,
    /// That of the container before.
    pub(super) previous: bool,
    /// What comes after this time.
    pub(super) after: Option<Timestamp>,
    /// The last lines.
    pub(super) tail: Option<u32>,
}

impl Lines {
    /// Opens a container's log.
    pub(super) async fn open(
        cluster: &Cluster,
        container: &Container,
        part: Part,
        options: &Options,
    ) -> Result<Self, kube::Error> {
        let api = Api::<Pod>::namespaced(cluster.client().clone(), &container.namespace);
        let params = LogParams {
            container: Some(container.name.clone()),
            follow: part.follow,
            previous: part.previous,
            since_time: part.after,
            since_seconds: options
                .since
                .filter(|_| part.after.is_none())
                .map(|since| i64::try_from(since.as_secs().max(1)).unwrap_or(i64::MAX)),
            tail_lines: part.tail.map(i64::from),
            timestamps: true,
            ..LogParams::default()
        };
        let source = api.log_stream(&container.pod, &params).await?;
        Ok(Self {
            source: Box::new(Box::pin(source)),
            container: container.clone(),
            previous: part.previous,
            after: part.after,
            id: options.id.clone(),
        })
    }

    /// Whose log it is.
    pub(super) fn container(&self) -> &Container {
        &self.container
    }

    /// The next line that is wanted; `None` at the end, or when the connection is lost.
    pub(super) async fn next(&mut self) -> Option<Line> {
        loop {
            let (bytes, omitted_bytes) = next(&mut self.source).await?;
            let text = String::from_utf8_lossy(&bytes);
            let (time, line) = split_time(&text);
            if time.is_some() && time <= self.after {
                continue;
            }
            if self.id.as_ref().is_some_and(|id| !mentions(line, id)) {
                continue;
            }
            return Some(Line {
                component: self.container.component.clone(),
                pod: self.container.pod.clone(),
                container: self.container.name.clone(),
                time,
                line: line.to_owned(),
                previous: self.previous,
                omitted_bytes,
            });
        }
    }
}

impl From<Line> for Item {
    fn from(line: Line) -> Self {
        Item::Line(line)
    }
}

/// The next line without its end, and how much of it was left out.
async fn next(source: &mut (impl AsyncBufRead + Unpin)) -> Option<(Vec<u8>, u64)> {
    let mut line = Vec::new();
    let mut omitted = 0;
    loop {
        // What has been written of a line when the connection is lost comes again with the next.
        let chunk = source.fill_buf().await.ok()?;
        if chunk.is_empty() {
            return (!line.is_empty()).then_some((line, omitted));
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let text = &chunk[..end.unwrap_or(chunk.len())];
        let kept = text.len().min(LONGEST.saturating_sub(line.len()));
        line.extend_from_slice(&text[..kept]);
        omitted += (text.len() - kept) as u64;
        let used = text.len() + usize::from(end.is_some());
        source.consume_unpin(used);
        if end.is_some() {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Some((line, omitted));
        }
    }
}

/// The time that the API server has put before a line.
fn split_time(text: &str) -> (Option<Timestamp>, &str) {
    let (time, line) = text.split_once(' ').unwrap_or((text, ""));
    match time.parse() {
        Ok(time) => (Some(time), line),
        Err(_) => (None, text),
    }
}

/// Whether a line has the id as a word of its own.
fn mentions(line: &str, id: &str) -> bool {
    let part_of_id = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    line.match_indices(id)
        .any(|(at, _)| !line[..at].ends_with(part_of_id) && !line[at + id.len()..].starts_with(part_of_id))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("{\"RequestId\":\"01-ab\"}", true; "as a value")]
    #[test_case("request 01-ab: refused", true; "in a sentence")]
    #[test_case("request 01-abc", false; "as the beginning of another")]
    #[test_case("x01-ab y-01-ab 01-ab", true; "after others that end so")]
    #[test_case("", false; "an empty line")]
    fn a_line_mentions_an_id(line: &str, does: bool) {
        assert_eq!(mentions(line, "01-ab"), does);
    }

    #[test]
    fn the_time_before_a_line_is_not_part_of_it() {
        let (time, line) = split_time("2026-01-02T03:04:05.678901234Z  two spaces");
        assert_eq!(time.unwrap().to_string(), "2026-01-02T03:04:05.678901234Z");
        assert_eq!(line, " two spaces");
        assert_eq!(split_time("no time"), (None, "no time"));
        assert_eq!(split_time("2026-01-02T03:04:05Z").1, "");
    }

    #[tokio::test]
    async fn a_line_is_read_as_far_as_it_is_kept() {
        let long = "x".repeat(LONGEST + 5);
        let text = format!("a\r\n{long}\nlast");
        let mut source = text.as_bytes();
        assert_eq!(next(&mut source).await, Some((b"a".to_vec(), 0)));
        let (line, omitted) = next(&mut source).await.unwrap();
        assert_eq!((line.len(), omitted), (LONGEST, 5));
        assert_eq!(next(&mut source).await, Some((b"last".to_vec(), 0)));
        assert_eq!(next(&mut source).await, None);
    }
}
