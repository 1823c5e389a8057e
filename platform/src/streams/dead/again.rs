//! Dead letters on their way back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_nats::{HeaderMap, Message, Request, RequestErrorKind, Subscriber};
use contract::headers::names;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::super::{ApiError, Error, JetStream};
use super::Letter;

/// How long what was sent again is worth serving, and waited for.
const WORTH: Duration = Duration::from_secs(30);
/// A worker that begins at the last moment answers a little later.
const LATE: Duration = Duration::from_secs(2);
/// The stream that a message has to be stored in.
const EXPECTED_STREAM: &str = "Nats-Expected-Stream";

/// What became of letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentAgain {
    /// Answers by HTTP status; 0 for those that name none. Their letters are gone.
    pub answered: BTreeMap<u16, u64>,
    /// Stored where they came from, with nobody to answer. Gone.
    pub stored: u64,
    /// Not answered in time, so not done as far as is known. They stay.
    pub unanswered: u64,
    /// Sent a moment ago already. They stay.
    pub repeated: u64,
    /// Refused, each by its sequence with the server's words. They stay.
    pub refused: Vec<(u64, String)>,
    /// Not there any more.
    pub missing: u64,
}

/// What the stream said to a letter.
enum Stored {
    Now,
    Before,
    Refused(String),
}

impl JetStream {
    /// Sends letters of a dead-letter stream to their old subjects, and deletes those that were answered. Takes half a minute at most
    /// after the last one was sent.
    ///
    /// # Errors
    /// When the connection breaks. Letters that were not sent yet are untouched then; those that were, but not deleted, are answered
    /// again when they are sent again.
    pub async fn send_again(&self, stream: &str, sequences: &[u64]) -> Result<SentAgain, Error> {
        let inbox = self.client().new_inbox();
        // Where answers of workers go: the only place that a worker with least rights may publish them to.
        let answers = format!("_PX.again-{}", inbox.rsplit('.').next().unwrap_or_default());
        let listening = self.client().subscribe(format!("{answers}.*")).await;
        let mut subscriber = listening.map_err(|source| Error::Listen {
            stream: stream.to_owned(),
            source,
        })?;
        let mut outcome = SentAgain::default();
        let mut awaited = BTreeSet::new();
        for &sequence in sequences {
            let found = self.first_from(stream, sequence).await?;
            let Some(letter) = found
                .filter(|message| message.sequence == sequence)
                .and_then(Letter::of)
            else {
                outcome.missing += 1;
                continue;
            };
            let is_answered = letter.headers.get(names::REPLY).is_some();
            match self.store(stream, letter, &answers).await? {
                Stored::Now if is_answered => drop(awaited.insert(sequence)),
                Stored::Now => {
                    self.delete(stream, sequence).await?;
                    outcome.stored += 1;
                }
                Stored::Before => outcome.repeated += 1,
                Stored::Refused(why) => outcome.refused.push((sequence, why)),
            }
        }
        self.take_answers(stream, &mut subscriber, &mut awaited, &mut outcome)
            .await?;
        outcome.unanswered = u64::try_from(awaited.len()).unwrap_or(u64::MAX);
        Ok(outcome)
    }

    async fn take_answers(
        &self,
        stream: &str,
        answers: &mut Subscriber,
        awaited: &mut BTreeSet<u64>,
        outcome: &mut SentAgain,
    ) -> Result<(), Error> {
        let until = Instant::now() + WORTH + LATE;
        while !awaited.is_empty() {
            let Ok(Some(answer)) = tokio::time::timeout_at(until, answers.next()).await else {
                break;
            };
            let sequence = answer
                .subject
                .rsplit('.')
                .next()
                .and_then(|last| last.parse().ok());
            let Some(sequence) = sequence.filter(|sequence| awaited.remove(sequence)) else {
                continue;
            };
            self.delete(stream, sequence).await?;
            *outcome.answered.entry(status(&answer)).or_default() += 1;
        }
        Ok(())
    }

    async fn store(&self, stream: &str, letter: Letter, answers: &str) -> Result<Stored, Error> {
        let request = Request::new()
            .headers(headers(stream, &letter, answers))
            .payload(letter.payload);
        let operation = || format!("store message {} of {stream} again", letter.sequence);
        let answer = match self.client().send_request(letter.subject.clone(), request).await {
            Ok(answer) => answer,
            Err(error) if error.kind() == RequestErrorKind::NoResponders => {
                return Ok(Stored::Refused(format!("no stream takes {}", letter.subject)));
            }
            Err(source) => {
                return Err(Error::Unanswered {
                    operation: operation(),
                    source,
                });
            }
        };
        let malformed = |source| Error::Malformed {
            operation: operation(),
            source,
        };
        let answer: Value = serde_json::from_slice(&answer.payload).map_err(malformed)?;
        if let Some(error) = answer.get("error") {
            let error: ApiError = serde_json::from_value(error.clone()).map_err(malformed)?;
            return Ok(Stored::Refused(error.to_string()));
        }
        Ok(if answer["duplicate"] == true {
            Stored::Before
        } else {
            Stored::Now
        })
    }

    async fn delete(&self, stream: &str, sequence: u64) -> Result<(), Error> {
        let operation = format!("delete message {sequence} of stream {stream}");
        let body = json!({"seq": sequence, "no_erase": true});
        self.call(&format!("STREAM.MSG.DELETE.{stream}"), &operation, &body)
            .await
            .map(drop)
    }
}

fn status(answer: &Message) -> u16 {
    let headers = answer.headers.as_ref();
    let status = headers.and_then(|headers| headers.get(names::STATUS));
    status
        .and_then(|status| status.as_str().parse().ok())
        .unwrap_or(0)
}

/// The headers of the message as it was, with a new deadline, and an answer that comes here.
fn headers(stream: &str, letter: &Letter, answers: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, values) in letter.headers.iter() {
        let name: &str = name.as_ref();
        let is_ours = [
            names::DEAD_REASON,
            names::DEAD_STREAM,
            names::DEAD_SEQUENCE,
            names::DEAD_DELIVERIES,
        ];
        let of_server = name
            .get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("nats-"));
        if !of_server && !is_ours.contains(&name) {
            for value in values {
                headers.append(name, value.clone());
            }
        }
    }
    if letter.headers.get(names::REPLY).is_some() {
        headers.insert(names::REPLY, format!("{answers}.{}", letter.sequence));
    }
    if letter.headers.get(names::TIMEOUT_MS).is_some() {
        let now = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
        let worth = WORTH.as_millis();
        headers.insert(names::TIMEOUT_MS, worth.to_string());
        headers.insert(
            names::DEADLINE,
            (now + i128::try_from(worth).unwrap_or(0)).to_string(),
        );
        headers.insert(names::NATS_TTL, WORTH.as_secs().to_string());
        let attempt = letter
            .headers
            .get(names::ATTEMPT)
            .and_then(|attempt| attempt.as_str().parse::<u32>().ok());
        let attempt = attempt.unwrap_or(1).saturating_add(1);
        headers.insert(names::ATTEMPT, attempt.to_string());
    }
    // With the time: a stream made anew counts its sequences from 1 again.
    let id = format!("again:{stream}:{}:{}", letter.sequence, letter.at_unix_nanos);
    headers.insert(names::NATS_MSG_ID, id);
    headers.insert(EXPECTED_STREAM, letter.of.as_str());
    headers
}
