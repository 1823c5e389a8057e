//! What `BuildKit` says: vertices that start and end side by side, each with output of its own.

use std::collections::HashMap;

use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog};
use bollard::models::{BuildInfo, BuildInfoAux};

use super::failure::Failure;
use super::lines::{Line, Partial, Tail, Teller};
use crate::event::Output;

/// The number of standard error among a command's outputs.
const STDERR: i64 = 2;

/// The build as far as it was heard of.
#[derive(Debug, Default)]
pub(super) struct BuildKit {
    vertices: HashMap<String, Known>,
    /// Numbers of instructions, as they are told.
    last: usize,
    failed: Option<String>,
}

#[derive(Debug, Default)]
struct Known {
    /// `None` for what is no instruction.
    number: Option<usize>,
    /// Without the part in brackets.
    text: String,
    is_cached: bool,
    outputs: [Partial; 2],
    tail: Tail,
    error: String,
}

impl BuildKit {
    /// Takes in what was said.
    pub(super) async fn take(&mut self, info: BuildInfo, teller: &Teller) {
        let Some(BuildInfoAux::BuildKit(status)) = info.aux else {
            return self.plain(info, teller).await;
        };
        let StatusResponse { vertexes, logs, .. } = status;
        for vertex in vertexes {
            self.vertex(vertex, teller).await;
        }
        for log in logs {
            self.log(log, teller).await;
        }
    }

    /// Last lines may have no end.
    pub(super) async fn end(&mut self, teller: &Teller) {
        let mut vertices: Vec<&mut Known> = self.vertices.values_mut().collect();
        vertices.sort_by_key(|known| known.number);
        for known in vertices {
            known.end(teller).await;
        }
    }

    /// What was worked on when it failed with these words.
    pub(super) fn failure(mut self, message: String) -> Failure {
        let failed = self.failed.and_then(|digest| self.vertices.remove(&digest));
        match failed {
            Some(failed) => Failure {
                message: if failed.error.is_empty() {
                    message
                } else {
                    failed.error
                },
                number: None,
                text: failed.number.is_some().then_some(failed.text),
                log: failed.tail.into_lines(),
            },
            None => Failure {
                message,
                ..Failure::default()
            },
        }
    }

    /// Engines that only look like it speak like the classic builder.
    async fn plain(&mut self, info: BuildInfo, teller: &Teller) {
        let Some(text) = info.stream else {
            return;
        };
        for line in Partial::default().take(format!("{}\n", text.trim_end()).as_bytes()) {
            if !line.text.is_empty() {
                teller.line(Output::Stdout, line).await;
            }
        }
    }

    async fn vertex(&mut self, vertex: Vertex, teller: &Teller) {
        let known = self.vertices.entry(vertex.digest.clone()).or_default();
        let (label, text) = parts(&vertex.name);
        let is_instruction = label.is_some_and(|label| label != "internal");
        if is_instruction && known.number.is_none() && (vertex.started.is_some() || vertex.cached) {
            self.last += 1;
            known.number = Some(self.last);
            teller.instruction(&crate::plain_line::plain_line(&vertex.name));
            known.say(&vertex.name, teller).await;
        }
        text.clone_into(&mut known.text);
        if vertex.cached && !known.is_cached && known.number.is_some() {
            known.is_cached = true;
            known.say("CACHED", teller).await;
        }
        if !vertex.error.is_empty() && known.error.is_empty() {
            known.end(teller).await;
            known.error = vertex.error;
            // Others are given up because of the first, and say so.
            let is_consequence = known.error.ends_with("context canceled");
            if !is_consequence && self.failed.is_none() {
                self.failed = Some(vertex.digest);
            }
        }
    }

    async fn log(&mut self, log: VertexLog, teller: &Teller) {
        let known = self.vertices.entry(log.vertex).or_default();
        let lines = known.outputs[usize::from(log.stream == STDERR)].take(&log.msg);
        for line in lines {
            known.line(line, log.stream == STDERR, teller).await;
        }
    }
}

impl Known {
    async fn end(&mut self, teller: &Teller) {
        for is_stderr in [false, true] {
            if let Some(line) = self.outputs[usize::from(is_stderr)].rest() {
                self.line(line, is_stderr, teller).await;
            }
        }
    }

    async fn line(&mut self, line: Line, is_stderr: bool, teller: &Teller) {
        self.tail.push(&line.text);
        let output = if is_stderr { Output::Stderr } else { Output::Stdout };
        let text = self.numbered(&line.text);
        teller.line(output, Line { text, ..line }).await;
    }

    async fn say(&self, text: &str, teller: &Teller) {
        let text = self.numbered(&crate::plain_line::plain_line(text));
        let omitted_bytes = 0;
        teller.line(Output::Stdout, Line { text, omitted_bytes }).await;
    }

    /// Instructions run side by side: each line says whose it is.
    fn numbered(&self, text: &str) -> String {
        match self.number {
            Some(number) => format!("#{number} {text}"),
            None => text.to_owned(),
        }
    }
}

/// `[stage 2/3] RUN make` without its brackets, and what is in them.
fn parts(name: &str) -> (Option<&str>, &str) {
    let parts = name.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    parts.map_or((None, name), |(label, text)| (Some(label), text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog};

    fn vertex(digest: &str, name: &str) -> Vertex {
        let mut vertex = Vertex {
            digest: digest.to_owned(),
            name: name.to_owned(),
            ..Vertex::default()
        };
        // The type of a time has no public name.
        vertex.started.get_or_insert_default();
        vertex
    }

    fn log(vertex: &str, stream: i64, text: &str) -> VertexLog {
        VertexLog {
            vertex: vertex.to_owned(),
            stream,
            msg: text.as_bytes().to_vec(),
            ..VertexLog::default()
        }
    }

    async fn heard(said: Vec<StatusResponse>) -> (BuildKit, Vec<String>) {
        let (events, mut receiver) = crate::event::channel();
        let component = "app".to_owned();
        let teller = Teller { events, component };
        let mut buildkit = BuildKit::default();
        for status in said {
            let aux = Some(BuildInfoAux::BuildKit(status));
            let info = BuildInfo {
                aux,
                ..BuildInfo::default()
            };
            buildkit.take(info, &teller).await;
        }
        buildkit.end(&teller).await;
        drop(teller);
        let mut lines = Vec::new();
        while let Some(event) = receiver.recv().await {
            if let crate::event::Event::Line { line, .. } = event {
                lines.push(line);
            }
        }
        (buildkit, lines)
    }

    #[tokio::test]
    async fn instructions_are_numbered_and_their_lines_do_not_mix() {
        let said = vec![
            StatusResponse {
                vertexes: vec![
                    vertex("i", "[internal] load metadata for docker.io/library/a:1"),
                    vertex("a", "[one 1/2] RUN x"),
                    vertex("b", "[two 1/2] RUN y"),
                ],
                ..StatusResponse::default()
            },
            StatusResponse {
                logs: vec![
                    log("a", 1, "on"),
                    log("b", 2, "two\n"),
                    log("a", 1, "e\nla"),
                    log("i", 1, "z\n"),
                ],
                ..StatusResponse::default()
            },
            StatusResponse {
                vertexes: vec![Vertex {
                    cached: true,
                    ..vertex("c", "[two 2/2] COPY . /")
                }],
                ..StatusResponse::default()
            },
        ];
        let (_, lines) = heard(said).await;
        assert_eq!(
            lines,
            [
                "#1 [one 1/2] RUN x",
                "#2 [two 1/2] RUN y",
                "#2 two",
                "#1 one",
                "z",
                "#3 [two 2/2] COPY . /",
                "#3 CACHED",
                "#1 la"
            ]
        );
    }

    #[tokio::test]
    async fn the_first_failure_is_told_with_its_own_lines() {
        let failed = |digest: &str, name: &str, error: &str| Vertex {
            error: error.to_owned(),
            ..vertex(digest, name)
        };
        let said = vec![
            StatusResponse {
                vertexes: vec![vertex("a", "[1/3] RUN x"), vertex("b", "[2/3] RUN y")],
                logs: vec![log("a", 1, "of a\n"), log("b", 1, "of b")],
                ..StatusResponse::default()
            },
            StatusResponse {
                vertexes: vec![
                    failed("a", "[1/3] RUN x", "failed: context canceled"),
                    failed("b", "[2/3] RUN y", "executor failed running [y]: exit code: 7"),
                ],
                ..StatusResponse::default()
            },
        ];
        let (buildkit, _) = heard(said).await;
        let failure = buildkit.failure("failed to solve".to_owned());
        assert_eq!(failure.message, "executor failed running [y]: exit code: 7");
        assert_eq!(failure.text.as_deref(), Some("RUN y"));
        assert_eq!(failure.log, ["of b"]);
    }

    #[tokio::test]
    async fn what_is_no_instruction_s_failure_keeps_its_words() {
        let vertex = Vertex {
            error: "no such host".to_owned(),
            ..vertex("i", "[internal] load metadata for docker.io/library/a:1")
        };
        let vertexes = vec![vertex];
        let said = vec![StatusResponse {
            vertexes,
            ..StatusResponse::default()
        }];
        let (buildkit, lines) = heard(said).await;
        let failure = buildkit.failure("failed to solve".to_owned());
        assert_eq!((failure.message.as_str(), failure.text), ("no such host", None));
        assert!(lines.is_empty());
    }
}
