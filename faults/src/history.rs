//! What the writers did: every write, every attempt at it, every answer.

use std::time::Duration;

use bytes::Bytes;

/// One intended change, sent under one idempotency key until it is answered with success or given up.
#[derive(Clone, Debug)]
pub struct Write {
    /// Its idempotency key; also the word that marks its effect in the data.
    pub key: String,
    /// What it does.
    pub action: Action,
    /// In the order they were sent.
    pub attempts: Vec<Attempt>,
}

/// The two kinds of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// A user, a service or a rating is made.
    Create(Kind),
    /// A rating gets another score and comment, on condition that nobody changed it.
    Replace,
}

/// The kinds of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A person who rates; the e-mail address is unique.
    User,
    /// Something that is rated; nothing but its id is unique.
    Service,
    /// One a user and service.
    Rating,
}

/// One HTTP request.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which fault was under way when it was sent.
    pub phase: usize,
    /// When, since the run began.
    pub sent: Duration,
    /// The deadline it carried.
    pub deadline: Duration,
    /// From before its first byte was sent until its last byte was received, or it failed.
    pub took: Duration,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer.
    Answered(Answer),
    /// None: the connection failed, or nothing came long after the deadline.
    Broken(String),
}

/// An answer, with what must be the same in a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Whether it says that it is a replay.
    pub replayed: bool,
    /// The `ETag` of the resource.
    pub etag: Option<String>,
    /// The `Location` of the resource.
    pub location: Option<String>,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// Whether the change was made.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the same request may be sent again: the server is not able to answer now, or did not in time, or an
    /// earlier attempt under the same key still runs.
    pub fn may_be_retried(&self) -> bool {
        matches!(self.status, 429 | 500 | 502 | 503 | 504) || self.is_still_running()
    }

    fn is_still_running(&self) -> bool {
        let problem = || serde_json::from_slice::<serde_json::Value>(&self.body);
        self.status == 409 && problem().is_ok_and(|problem| problem["retryable"] == true)
    }

    /// The id of the resource in the body.
    pub fn id(&self) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        body["id"].as_str().map(str::to_owned)
    }

    /// Whether a replay says the same as the first answer, byte for byte.
    fn says_the_same(&self, first: &Self) -> bool {
        let told = |answer: &Self| {
            (
                answer.status,
                answer.etag.clone(),
                answer.location.clone(),
                answer.body.clone(),
            )
        };
        told(self) == told(first)
    }
}

impl Outcome {
    /// Whether it is an answer that says the change was made.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Answered(answer) if answer.is_success())
    }
}

impl Write {
    /// The answers, in order.
    fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.attempts.iter().filter_map(|attempt| match &attempt.outcome {
            Outcome::Answered(answer) => Some(answer),
            Outcome::Broken(_) => None,
        })
    }

    /// The first answer that says the change was made.
    pub fn success(&self) -> Option<&Answer> {
        self.answers().find(|answer| answer.is_success())
    }

    /// Answers after the first success that are no replay of it.
    pub fn differing_replays(&self) -> usize {
        let Some(first) = self.success() else { return 0 };
        let later = self.answers().skip_while(|answer| !answer.is_success()).skip(1);
        let settled = later.filter(|answer| !answer.may_be_retried());
        settled
            .filter(|answer| !answer.replayed || !answer.says_the_same(first))
            .count()
    }

    /// An answer that refuses the change for good, although it was the first of its kind and valid.
    pub fn refusal(&self) -> Option<&Answer> {
        self.answers()
            .find(|answer| !answer.is_success() && !answer.may_be_retried())
    }
}
