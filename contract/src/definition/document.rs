//! One YAML document of a file, with its place in it.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::consumer::ConsumerDefinition;
use super::stream::{Discard, Retention, StreamDefinition};
use super::{API_VERSION, DefinitionError, Definitions};

/// Text between two `---` lines.
pub(super) struct Document<'a> {
    /// Lines of the file before it.
    offset: usize,
    text: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Resource<S> {
    #[serde(rename = "apiVersion")]
    _api_version: IgnoredAny,
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(rename = "metadata")]
    _metadata: IgnoredAny,
    spec: S,
    #[serde(default, rename = "status")]
    _status: Option<IgnoredAny>,
}

/// The documents of a file that hold more than comments.
pub(super) fn split(yaml: &str) -> Vec<Document<'_>> {
    let mut documents = Vec::new();
    let (mut start, mut offset, mut position) = (0, 0, 0);
    for (number, line) in yaml.split_inclusive('\n').enumerate() {
        let end = position + line.len();
        if line.trim_end() == "---" || line.starts_with("--- ") {
            documents.push(Document {
                offset,
                text: &yaml[start..position],
            });
            (start, offset) = (end, number + 1);
        }
        position = end;
    }
    documents.push(Document {
        offset,
        text: &yaml[start..],
    });
    let has_content = |line: &str| !(line.trim().is_empty() || line.trim_start().starts_with('#'));
    documents.retain(|document| document.text.lines().any(has_content));
    documents
}

impl Document<'_> {
    pub(super) fn read_into(&self, file: &str, definitions: &mut Definitions) -> Result<(), DefinitionError> {
        let kind: Kind = self.parse(file)?;
        match (kind.api_version.as_str(), kind.kind.as_str()) {
            (API_VERSION, "Stream") => {
                let stream = self.parse::<Resource<StreamDefinition>>(file)?.spec;
                check_stream(&stream).map_err(|message| self.invalid(file, message))?;
                definitions.streams.push(stream);
            }
            (API_VERSION, "Consumer") => {
                let consumer = self.parse::<Resource<ConsumerDefinition>>(file)?.spec;
                check_consumer(&consumer).map_err(|message| self.invalid(file, message))?;
                definitions.consumers.push(consumer);
            }
            (version, kind) => {
                let or_none = |text: &str| {
                    if text.is_empty() {
                        "(none)".to_owned()
                    } else {
                        text.to_owned()
                    }
                };
                let found = format!("kind {} of {}", or_none(kind), or_none(version));
                return Err(DefinitionError::Kind {
                    file: file.to_owned(),
                    line: self.first_line(),
                    found,
                });
            }
        }
        Ok(())
    }

    fn parse<T: DeserializeOwned>(&self, file: &str) -> Result<T, DefinitionError> {
        serde_saphyr::from_str(self.text).map_err(|error| {
            let place = error.location();
            let at = |number: u64| usize::try_from(number).unwrap_or(1).max(1);
            DefinitionError::Yaml {
                file: file.to_owned(),
                line: self.offset + place.map_or(1, |place| at(place.line())),
                column: place.map_or(1, |place| at(place.column())),
                message: first_sentence(&error.without_snippet().to_string()),
            }
        })
    }

    fn invalid(&self, file: &str, message: String) -> DefinitionError {
        DefinitionError::Invalid {
            file: file.to_owned(),
            line: self.first_line(),
            message,
        }
    }

    /// The first line with content, from 1.
    fn first_line(&self) -> usize {
        let blank = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
        self.offset + self.text.lines().take_while(blank).count() + 1
    }
}

/// The parser's message without the place, which the error names itself.
fn first_sentence(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let cut = line.find(" at line ").unwrap_or(line.len());
    line[..cut].trim_start_matches("error: ").to_owned()
}

/// The server's rules that a file can break on its own.
fn check_stream(stream: &StreamDefinition) -> Result<(), String> {
    check_name("spec.name", &stream.name)?;
    if stream.retention == Some(Retention::WorkQueue) && stream.no_ack == Some(true) {
        return Err("a work queue with noAck would lose requests without a word; remove noAck".to_owned());
    }
    if stream.discard_per_subject == Some(true) && stream.discard != Some(Discard::New) {
        return Err("discardPerSubject needs discard: new".to_owned());
    }
    if let (Some(age), Some(window)) = (stream.max_age, stream.duplicate_window)
        && age.get() != 0
        && window > age
    {
        return Err(format!(
            "duplicateWindow ({window}) may not be longer than maxAge ({age})"
        ));
    }
    Ok(())
}

fn check_consumer(consumer: &ConsumerDefinition) -> Result<(), String> {
    check_name("spec.streamName", &consumer.stream)?;
    check_name("spec.durableName", &consumer.durable_name)?;
    if consumer.filter_subject.is_some() && !consumer.filter_subjects.is_empty() {
        return Err("filterSubject and filterSubjects exclude each other".to_owned());
    }
    Ok(())
}

fn check_name(member: &str, name: &str) -> Result<(), String> {
    let refused = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '.' | '*' | '>' | '/' | '\\');
    if name.is_empty() || name.len() > 255 || name.contains(refused) {
        return Err(format!(
            "{member} '{name}' must have 1 to 255 characters and none of space . * > / \\"
        ));
    }
    Ok(())
}
