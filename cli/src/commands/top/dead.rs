//! Dead letters, looked at and told of before and after they are sent again.

use std::collections::BTreeMap;

use platform::{
    observe::Nats,
    streams::{DeadLetters, SentAgain},
};

use crate::{
    error::Error,
    top::{Item, Preview},
};

/// Letters that are sent at once, and subjects of them that are named.
const BATCH: usize = 100;
const NAMED: usize = 6;
/// Characters of a reason.
const REASON: usize = 100;

/// What would be sent again, and the action that does so with these letters and no others.
pub(super) async fn look(server: &Nats, stream: String, messages: u64) -> Result<Preview, Error> {
    let jetstream = server.jetstream().await?;
    let found = jetstream.dead_letters(&stream, BATCH).await?;
    if found.letters.is_empty() {
        return Ok(Err(format!("{stream} has nothing that can be sent again")));
    }
    let words = words(&found, messages);
    let sequences = found.letters.iter().map(|letter| letter.sequence).collect();
    let item = Item::SendAgain {
        stream,
        messages,
        sequences,
    };
    Ok(Ok((item, words)))
}

fn words(found: &DeadLetters, messages: u64) -> Vec<String> {
    let mut by_subject: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for letter in &found.letters {
        by_subject.entry(&letter.subject).or_insert((0, &letter.reason)).0 += 1;
    }
    let mut sorted: Vec<_> = by_subject.into_iter().collect();
    sorted.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    let mut words: Vec<String> = sorted
        .iter()
        .take(NAMED)
        .map(|(subject, (count, reason))| {
            let reason: String = reason.chars().take(REASON).collect();
            format!("{count} x {subject}: {reason}")
        })
        .collect();
    if let Some(more) = sorted.len().checked_sub(NAMED).filter(|more| *more > 0) {
        words.push(format!("and {more} more subjects"));
    }
    if found.more {
        words.push(format!("These are the first of {messages}."));
    }
    if found.passed_over > 0 {
        words.push(format!(
            "{} cannot be sent again: they do not say where they came from, or have lost their payload.",
            found.passed_over
        ));
    }
    words.push("Each leaves the stream only when it has been answered.".to_owned());
    words
}

/// What became of them.
pub(super) fn told(sent: &SentAgain) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (status, count) in &sent.answered {
        parts.push(match status {
            0 => format!("{count} answered"),
            status => format!("{count} answered with {status}"),
        });
    }
    let mut part = |count: u64, words: &str| {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    };
    part(sent.stored, "stored where they came from");
    part(sent.unanswered, "not answered in time: they stay");
    part(sent.repeated, "sent a moment ago already: they stay");
    part(sent.missing, "not there any more");
    let refused = u64::try_from(sent.refused.len()).unwrap_or(u64::MAX);
    let why = sent.refused.first().map_or("", |(_, why)| why.as_str());
    part(refused, &format!("refused, they stay: {why}"));
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use platform::streams::DeadLetter;

    use super::*;

    #[test]
    fn a_preview_names_subjects_with_their_numbers_and_what_stays() {
        let letter = |sequence, subject: &str| DeadLetter {
            sequence,
            subject: subject.to_owned(),
            reason: "no JSON".to_owned(),
        };
        let found = DeadLetters {
            letters: vec![
                letter(1, "api.get.a"),
                letter(2, "api.get.b"),
                letter(5, "api.get.b"),
            ],
            passed_over: 2,
            more: true,
        };
        assert_eq!(
            words(&found, 9),
            [
                "2 x api.get.b: no JSON",
                "1 x api.get.a: no JSON",
                "These are the first of 9.",
                "2 cannot be sent again: they do not say where they came from, or have lost their payload.",
                "Each leaves the stream only when it has been answered."
            ]
        );
    }

    #[test]
    fn what_became_of_letters_is_one_sentence() {
        let sent = SentAgain {
            answered: BTreeMap::from([(201, 3), (400, 1)]),
            unanswered: 2,
            refused: vec![(7, "no stream takes api.x".to_owned())],
            ..SentAgain::default()
        };
        assert_eq!(
            told(&sent),
            "3 answered with 201; 1 answered with 400; 2 not answered in time: they stay; 1 refused, they stay: no stream takes api.x"
        );
    }
}
