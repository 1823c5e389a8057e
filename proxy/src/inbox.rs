//! The subjects on which one shard is answered: a single wildcard subscription for the life of the process.
//!
//! `_PX.<name>.<shard>.a.<token>` is the reply subject of a publish, so acknowledgements and "no responders" arrive there;
//! `…r.<token>` travels in the envelope for the worker's answer; `…c` takes what streams say to a removal. One token
//! tells them apart.

use std::fmt::Write as _;

use crate::pending::{TOKEN_BYTES, Token};

/// The subjects of one shard.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// `_PX.<name>.<shard>.`
    head: String,
}

/// What a message in the inbox is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The stream's acknowledgement of a publish, or that nobody takes the subject.
    Acknowledgement(Token),
    /// A worker's answer.
    Answer(Token),
    /// The stream's answer to the removal of a message.
    Removal,
}

impl Inbox {
    /// The inbox of a shard; `name` must be unlike that of any other proxy process.
    pub fn new(name: &str, shard: usize) -> Self {
        Self {
            head: format!("_PX.{name}.{shard}."),
        }
    }

    /// What to subscribe to.
    pub fn wildcard(&self) -> String {
        format!("{}>", self.head)
    }

    /// Where a request's publish is to be acknowledged.
    pub fn acknowledgement(&self, token: Token) -> String {
        self.subject("a.", token)
    }

    /// Where a request is to be answered.
    pub fn answer(&self, token: Token) -> String {
        self.subject("r.", token)
    }

    /// Where removals are to be confirmed.
    pub fn removal(&self) -> String {
        let mut subject = self.head.clone();
        write!(subject, "c").expect("writing to a String cannot fail");
        subject
    }

    fn subject(&self, topic: &str, token: Token) -> String {
        let mut subject = String::with_capacity(self.head.len() + topic.len() + TOKEN_BYTES);
        subject.push_str(&self.head);
        subject.push_str(topic);
        token.write(&mut subject);
        subject
    }

    /// Reads the subject of a message that came in.
    pub fn read(&self, subject: &str) -> Option<Topic> {
        let rest = subject.as_bytes().get(self.head.len()..)?;
        match rest {
            [b'a', b'.', token @ ..] => Token::read(token).map(Topic::Acknowledgement),
            [b'r', b'.', token @ ..] => Token::read(token).map(Topic::Answer),
            b"c" => Some(Topic::Removal),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const TOKEN: Token = Token {
        slot: 3,
        generation: 9,
        nonce: 0xfeed,
    };

    #[test]
    fn subjects_are_read_back_as_what_they_are() {
        let inbox = Inbox::new("name", 2);
        assert_eq!(inbox.wildcard(), "_PX.name.2.>");
        assert_eq!(
            inbox.read(&inbox.acknowledgement(TOKEN)),
            Some(Topic::Acknowledgement(TOKEN))
        );
        assert_eq!(inbox.read(&inbox.answer(TOKEN)), Some(Topic::Answer(TOKEN)));
        assert_eq!(inbox.read(&inbox.removal()), Some(Topic::Removal));
    }

    #[test]
    fn a_worker_may_answer_there() {
        let inbox = Inbox::new("0123456789ABCDEFGHIJkl", 15);
        assert!(contract::envelope::is_reply_subject(&inbox.answer(TOKEN)));
    }

    #[test_case("_PX.name.2."; "no topic")]
    #[test_case("_PX.name.2.r."; "no token")]
    #[test_case("_PX.name.2.r.zz"; "no hexadecimal token")]
    #[test_case("_PX.name.2.x.00000003000000090000000000000feed"; "an unknown topic")]
    #[test_case("_PX"; "shorter than the head")]
    fn other_subjects_mean_nothing(subject: &str) {
        assert_eq!(Inbox::new("name", 2).read(subject), None);
    }
}
